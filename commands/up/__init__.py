"""``schoolmatch up``: everything that makes a running installation, as children of one process."""
