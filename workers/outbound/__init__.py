"""Every connection to a stranger leaves through here; nothing here knows what is sent."""
