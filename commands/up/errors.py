"""What stops a start."""


class StartError(Exception):
    """The installation cannot start; the text says why and what to do."""


class StopAskedError(Exception):
    """Somebody asked to stop (Ctrl-C, SIGTERM, a closed terminal)."""
