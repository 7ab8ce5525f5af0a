"""The screens: board, detail, log, raw form, plan, form, help, sources, and the small boxes."""
