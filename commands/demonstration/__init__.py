"""Fictional organizations, so that a fresh installation shows the whole road of a lead.

The schools are real and know nothing of it; everything that stands in for them says that it is
fictional, and their leads go to the demonstration school on this machine.
"""
