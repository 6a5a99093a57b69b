"""Version 1: one public endpoint a file."""
