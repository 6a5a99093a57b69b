"""The door for the web server: ``granian --interface wsgi --factory service.wsgi:app``."""

import ctypes
import gc
import sys

# structlog draws tracebacks with rich where a developer's tools brought it: 5 MiB that no line of
# ours uses. An entry of None makes that import fail, and structlog go on without.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]

from flask import Flask  # noqa: E402 - what it imports must find no rich

from config.logging import configure_logging  # noqa: E402 - the same
from config.production import refuse_unfit  # noqa: E402 - the same
from config.settings import load_settings  # noqa: E402 - the same
from models.domain.consent_texts import texts_mark  # noqa: E402 - the same
from service.app import create_app  # noqa: E402 - the same

_MOST_HEAPS = -8  # M_ARENA_MAX of malloc.h


def app() -> Flask:
    """Read the settings and make the app; called once in each worker."""
    settings = load_settings()
    refuse_unfit(settings, texts_mark())
    configure_logging(settings.log_level, "web")
    made = create_app(settings)
    # What is open now stays open: the collector need not walk through it at every turn, nor turn
    # several times a page: that took a tenth of it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    _keep_memory_together()
    return made


def _keep_memory_together() -> None:
    """Give back what starting took, and let all threads share two heaps (glibc's; others pass).

    Each of eight threads with a heap of its own kept 11 MiB more after 800 pages; as Python runs
    one thread at a time, they hardly ever meet in one.
    """
    c = ctypes.CDLL(None)
    if hasattr(c, "mallopt") and hasattr(c, "malloc_trim"):
        c.mallopt(_MOST_HEAPS, 2)
        c.malloc_trim(0)
