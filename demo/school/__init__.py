"""The demonstration school: a program of its own that imports nothing of schoolmatch's.

It stands for a school's own system: verifies webhooks with the public ``standardwebhooks``
library, keeps what it received, and answers each lead by the public API.
"""
