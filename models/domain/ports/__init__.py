"""Ports: what steps and workers need of the outside; tests pass fakes through them."""
