"""What can be checked offline: chains of rows, their signed heads, exports and dispute packs."""
