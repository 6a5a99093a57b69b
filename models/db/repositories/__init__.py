"""Repositories: each serves one port on the connection of a unit of work."""
