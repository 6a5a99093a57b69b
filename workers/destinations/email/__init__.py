"""The kind ``email``: a message to the school's address, with the lead in it and as a table."""
