"""What pages and tables are drawn from: rows and cells of Rich text, without widgets or screens."""
