"""The door for the web server: ``granian --interface wsgi --factory service.wsgi:app``."""

import gc

from flask import Flask

from config.logging import configure_logging
from config.settings import load_settings
from service.app import create_app


def app() -> Flask:
    """Read the settings and make the app; called once in each worker."""
    settings = load_settings()
    configure_logging(settings.log_level, "web")
    made = create_app(settings)
    # What is open now stays open: the collector need not walk through it at every turn, nor turn
    # several times a page: that took a tenth of it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    return made
