"""One folder a kind of destination; strangers to each other."""
