"""Features, each declared once, for training and serving alike."""
