"""The mathematics: no web, no queue, no database, no settings."""
