"""A table of what became of leads: seen row by row first, kept when somebody says so."""

import io
from uuid import UUID

import pytest

from models.domain.ids import Prefix, show
from models.domain.lead import DispositionStatus as D
from tests.support.browser import PlainBrowser
from tests.support.staff import Person, Rooms, room


@pytest.fixture
def here(rooms: Rooms, member_a: Person) -> PlainBrowser:
    browser = rooms.log_in(member_a)
    browser.open(room(rooms.schools["A"], "leads"))
    browser.follow("Say what became of many leads")
    return browser


@pytest.fixture
def lead_ids(rooms: Rooms) -> list[UUID]:
    school = rooms.schools["A"]
    found = [rooms.leads.lead(school) for _ in range(3)]
    for lead_id in found:
        rooms.leads.deliver(school, lead_id)
    return found


def shown(lead_id: UUID) -> str:
    return show(Prefix.LEAD, lead_id)


def last(rooms: Rooms, lead_id: UUID) -> D | None:
    with rooms.unit_of_work() as work:
        return work.dispositions.last_applied(lead_id)


def paste(browser: PlainBrowser, *rows: str) -> None:
    browser.fill("Or paste its lines here", "\n".join(("lead_id,status,reason", *rows)))
    browser.press("Look at the table")


def test_good_rows_are_kept_only_when_somebody_says_so_and_bad_ones_say_what_to_do(
    rooms: Rooms, here: PlainBrowser, lead_ids: list[UUID]
) -> None:
    first, second, third = lead_ids
    theirs = rooms.leads.lead(rooms.schools["B"])
    paste(
        here,
        f"{shown(first)},accepted,",
        f"{shown(second)},good,",
        f"{shown(theirs)},accepted,",
        f"{shown(third)},rejected,no phone",
        f"{shown(third)},contacted,",
    )
    assert here.heading == "What your table comes to"
    assert "2 rows can be kept. 3 rows cannot. Nothing of it is kept yet." in here.text
    assert f"Line 3 {shown(second)} status is one of accepted," in here.text
    assert f"Line 4 {shown(theirs)} There is no such lead. Copy the id" in here.text
    assert f"Line 6 {shown(third)} This lead was reported rejected, so contacted" in here.text
    assert "What may follow: accepted." in here.text
    assert [last(rooms, each) for each in lead_ids] == [None, None, None]
    assert rooms.rows("disposition") == []
    here.press("Keep 2 rows")
    assert here.heading == "2 rows are kept"
    assert [last(rooms, each) for each in lead_ids] == [D.ACCEPTED, None, D.REJECTED]
    assert last(rooms, theirs) is None
    [row] = [each for each in rooms.rows("audit") if each.action == "dispositions.import"]
    assert row.detail == {"kept": 2, "refused": 3}


def test_empty_lines_are_no_rows_and_each_row_is_named_by_its_own_line(
    here: PlainBrowser, lead_ids: list[UUID]
) -> None:
    paste(
        here,
        f'{shown(lead_ids[0])},contacted,"by phone,\ntwice"',
        "",
        ",,",
        f"{shown(lead_ids[1])},good,",
        "",
    )
    assert "1 row can be kept. 1 row cannot." in here.text
    assert f"Line 6 {shown(lead_ids[1])} status is one of accepted," in here.text


def test_the_same_table_again_changes_nothing(
    rooms: Rooms, here: PlainBrowser, lead_ids: list[UUID]
) -> None:
    for _ in range(2):
        here.open(room(rooms.schools["A"], "dispositions"))
        paste(here, f"{shown(lead_ids[0])};contacted;".replace(";", ","))
        here.press("Keep 1 row")
        assert here.heading == "1 row is kept"
    assert last(rooms, lead_ids[0]) is D.CONTACTED


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "Choose a file, or paste its lines"),
        ("a,b\n1,2", "needs columns lead_id and status"),
        ("lead_id,status\n" + "x" * 400_001, "Use a table of at most 400 KB here"),
    ],
)
def test_what_is_no_table_is_told_at_its_field(here: PlainBrowser, pasted: str, said: str) -> None:
    here.fill("Or paste its lines here", pasted)
    here.press("Look at the table")
    assert here.heading == "Say what became of many leads"
    assert said in here.text


def test_a_file_is_read_as_a_spreadsheet_saves_it(
    rooms: Rooms, here: PlainBrowser, lead_ids: list[UUID]
) -> None:
    token = here.page.all("input", name="csrf_token")[0]["value"]
    cookies = "; ".join(f"{name}={value}" for name, value in here.cookies.items())
    table = f"\ufefflead_id;status\r\n'{shown(lead_ids[0])};Accepted\r\n".encode()
    answer = rooms.client.post(
        room(rooms.schools["A"], "dispositions"),
        data={"csrf_token": token, "table": (io.BytesIO(table), "leads.csv")},
        headers={"Cookie": cookies},
    )
    assert answer.status_code == 200
    assert "1 row can be kept." in answer.text
