"""From structs of the API to records of the board, one module a kind."""
