"""What the person at the terminal reads: one line a step, with the seconds since the start."""

import sys
import time
from contextlib import suppress


class Progress:
    """Prints lines; a terminal that went away stops nothing."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        """Print one step."""
        self.show(f"{self.seconds:7.1f} s  {text}")

    def show(self, text: str) -> None:
        """Print as it is."""
        with suppress(OSError, ValueError):
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
