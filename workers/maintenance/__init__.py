"""Seal, reconcile, retention, statements."""
