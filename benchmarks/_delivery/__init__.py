"""Parts of the delivery benchmark: the receiver, the installation, the loops, the measures."""
