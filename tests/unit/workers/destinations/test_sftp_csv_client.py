"""The client of ``sftp_csv`` on a folder that is played."""

from uuid import UUID

import pytest

from models.domain.delivery import DeliveryStatus as S
from models.domain.delivery import Purpose
from models.domain.ids import Prefix, show
from models.domain.sending import Parcel
from workers.destinations.sftp_csv.client import SftpCsvClient
from workers.destinations.sftp_csv.mock import CASES, MockFolder
from workers.outbound.ports import FilePlace

SETTINGS = {
    "host": "ft.example.net",
    "host_keys": ["SHA256:x"],
    "folder": "/incoming",
    "user_name": "us",
}


def parcel(batch: str = "dst_1-00000007") -> Parcel:
    return Parcel(UUID(int=5), Purpose.LEAD, b"a table", SETTINGS, {"password": "p"}, batch)


def test_a_batch_has_its_name_and_a_test_one_of_its_own() -> None:
    folder = MockFolder()
    for each in (parcel(), parcel(batch="")):
        outcome = SftpCsvClient(folder).send(each)
        assert (outcome.status, outcome.reason) == (S.DELIVERED, "file_in_place")
    test = show(Prefix.DELIVERY, UUID(int=5))
    assert folder.files == {
        "schoolmatch-dst_1-00000007.csv": b"a table",
        f"schoolmatch-test-{test}.csv": b"a table",
    }
    place = FilePlace("ft.example.net", 22, "/incoming", ("SHA256:x",), "us", "p")
    assert folder.place == place


@pytest.mark.parametrize("case", sorted(CASES.keys() - {"good"}))
def test_what_a_server_refuses_is_tried_again(case: str) -> None:
    folder = MockFolder(case)
    outcome = SftpCsvClient(folder).send(parcel())
    error = CASES[case]
    assert error is not None
    assert (outcome.status, outcome.reason) == (S.PENDING, error.reason)
    assert folder.files == {}
