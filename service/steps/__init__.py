"""The journey as plain functions; no framework."""
