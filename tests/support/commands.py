"""The command line, run inside a test."""

from collections.abc import Callable

from click.testing import Result

Command = Callable[..., Result]
