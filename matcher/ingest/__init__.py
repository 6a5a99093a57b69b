"""Writes catalogs: reads the sources, checks them, and publishes one snapshot folder at once.

Only commands come here: pyarrow and the sources' packages never reach a web process.
"""

from matcher.ingest.build import build_catalog

__all__ = ["build_catalog"]
