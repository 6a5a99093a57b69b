"""A person who is erased is nowhere: no byte of who they were in any file of the installation."""

from collections.abc import Iterator
from pathlib import Path

from models.domain.ids import Prefix, read
from tests.support.browser import PlainBrowser, over_http
from tests.support.running import RunningSystem, eventually

# Nothing else in the installation is called so.
FIRST, LAST, EMAIL = "Quxolia", "Vandermerkx", "quxolia.vandermerkx@example.org"
PHONE = ("4045550197", "404 555 0197")
# What left us: the demonstration school's own store, and the mail that went out to the student.
OUTSIDE = frozenset({"school", "mailbox"})


def test_no_byte_of_an_erased_person_is_in_any_file(
    running_system: RunningSystem, tmp_path: Path
) -> None:
    student = PlainBrowser(over_http(running_system.url))
    request_id = send(student)
    assert eventually(lambda: running_system.received(request_id))
    student.open(f"/requests/{request_id}/delete")
    student.press("Delete everything")
    assert "What you told us about yourself is deleted here" in student.text

    def told() -> bool:
        student.reload()
        return "was told to delete" in student.text

    student.open(f"/requests/{request_id}")
    assert eventually(told)
    for form in ("parquet", "ndjson"):
        running_system.run("events", "export", str(tmp_path / form), "--format", form)
    running_system.run("person", "erased", str(tmp_path / "erased"))
    running_system.run("consent", "export", str(tmp_path / "consents"))
    running_system.ask_database("SELECT pg_switch_wal()")

    kept = [*files(running_system.folder), *files(tmp_path)]
    # The rows are there, so what is looked through is what was written.
    assert holding(kept, read(Prefix.REQUEST, request_id).bytes)
    for word in (FIRST, LAST, EMAIL, *PHONE):
        assert holding(kept, word.encode()) == [], word


def send(student: PlainBrowser) -> str:
    """Ask one school, and let it use every channel."""
    student.open(
        "/results?education_level=high_school&postal_code=10940&query=medical+records+technician"
    )
    student.follow("Ask for information")
    for label, value in (
        ("First name", FIRST),
        ("Last name", LAST),
        ("Email address", EMAIL),
        ("Phone number", PHONE[1]),
    ):
        student.fill(label, value)
    student.choose("Yes")
    student.press("Continue")
    for box in student.page.all("input", type="checkbox", name="consent"):
        student.typed[id(box)] = box["value"]
    student.press("Send my request to 1 school")
    return student.address.rstrip("/").rpartition("/")[2]


def files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file that we keep."""
    for path in folder.rglob("*"):
        if path.relative_to(folder).parts[0] not in OUTSIDE and path.is_file():
            yield path, path.read_bytes()


def holding(kept: list[tuple[Path, bytes]], word: bytes) -> list[Path]:
    """The files in which a word stands."""
    return [path for path, body in kept if word in body]
