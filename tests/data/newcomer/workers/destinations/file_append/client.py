"""Appends a parcel to a file."""

import os

from models.domain.delivery import DeliveryStatus, Outcome
from models.domain.ids import Prefix, show
from models.domain.sending import Parcel
from workers.outbound.outside import Outside


def make(_outside: Outside) -> "FileClient":
    """Make the client of one sender thread."""
    return FileClient()


class FileClient:
    """Writes the delivery's id and body as one line, and waits until the disk has it.

    A line may come twice, as any delivery may: whoever reads the file knows it by its id.
    """

    def send(self, parcel: Parcel) -> Outcome:
        """Append once and say what came of it."""
        shown = show(Prefix.DELIVERY, parcel.delivery_id).encode()
        line = b'{"id":"' + shown + b'","body":' + parcel.body + b"}\n"
        try:
            # One write of a whole line: the kernel keeps appends of several workers apart.
            file = os.open(
                str(parcel.settings["path"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
            )
            try:
                os.write(file, line)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            # A full disk or a folder that is not there may be mended: try again.
            return Outcome(DeliveryStatus.PENDING, f"file_{type(error).__name__.lower()}")
        return Outcome(DeliveryStatus.DELIVERED, "appended")
