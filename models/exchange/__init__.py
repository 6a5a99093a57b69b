"""What both sides know of destinations, without I/O."""
