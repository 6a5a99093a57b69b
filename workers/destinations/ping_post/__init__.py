"""The kind ``ping_post``: asks a buyer for a price, and posts the lead if it says yes."""
