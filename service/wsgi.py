"""The door for the web server: ``granian --interface wsgi --factory service.wsgi:app``."""

from flask import Flask

from config.logging import configure_logging
from config.settings import load_settings
from service.app import create_app


def app() -> Flask:
    """Read the settings and make the app; called once in each worker."""
    settings = load_settings()
    configure_logging(settings.log_level, "web")
    return create_app(settings)
