"""The `schoolmatch` command; the only room that sees all others."""
