"""The kind ``file_append``: a delivery is a line of a file."""
