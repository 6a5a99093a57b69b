"""The drainer: claim, send, record the outcome, sweep.

Framework-free: it knows ports, threads and values; Celery and SQLAlchemy stay at ``workers.app``.
"""
