"""Backups: made beside live traffic, checked, and put back into an empty database."""
