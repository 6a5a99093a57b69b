"""Puts a parcel's table into its school's folder, under the parcel's own name."""

from models.domain.delivery import DeliveryStatus, Outcome
from models.domain.errors import DeliveryError
from models.domain.sending import Parcel
from models.exchange.answers import unanswered
from models.exchange.kinds.sftp_csv import file_name
from models.exchange.outcome_rules import Judged
from workers.outbound.outside import Outside
from workers.outbound.ports import FilePlace, Files


def make(outside: Outside) -> "SftpCsvClient":
    """Make the client of one sender thread."""
    return SftpCsvClient(outside.files)


class SftpCsvClient:
    """Writes the whole table beside its place, then renames it: nobody reads half of one."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def try_out(self, parcel: Parcel) -> Judged:
        """Put the file there once; no rule judges what comes of it."""
        return Judged(self.send(parcel))

    def send(self, parcel: Parcel) -> Outcome:
        """Put the file there once; it counts when it stands there with all its bytes."""
        try:
            self._files.put(
                _place(parcel), file_name(parcel.delivery_id, parcel.batch), parcel.body
            )
        except DeliveryError as error:
            return unanswered(error)
        return Outcome(DeliveryStatus.DELIVERED, "file_in_place")


def _place(parcel: Parcel) -> FilePlace:
    settings, secrets = parcel.settings, parcel.secrets
    return FilePlace(
        host=str(settings["host"]),
        port=int(settings.get("port", 22)),
        folder=str(settings["folder"]),
        host_keys=tuple(settings["host_keys"]),
        user=str(settings["user_name"]),
        password=str(secrets.get("password", "")),
        private_key=str(secrets.get("private_key", "")),
    )
