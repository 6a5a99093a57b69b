"""The drainer: claim, send, record the outcome, sweep."""
