"""What the product knows: plain domain values, exchange formats, database rows."""
