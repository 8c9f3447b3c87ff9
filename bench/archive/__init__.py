"""How fast the archive is by itself, however long it is, and slidge's beside it."""
