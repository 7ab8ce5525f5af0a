"""What a login at a registry needs: the scopes of its tokens.

Source: *Token scope documentation* of the distribution project.
"""

from typing import Final

from opsboard.adapter.rights import Right

REGISTRY_RIGHTS: Final = (
    Right("`repository:NAME:pull`", "images, their labels and provenance", "no rows of it"),
    Right(
        "`registry:catalog:*`",
        "patterns, and a source without `repositories`",
        "name the repositories",
        optional=True,
    ),
)
