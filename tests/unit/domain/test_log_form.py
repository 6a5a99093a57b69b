"""The form of logs in files is the one that docs/events.md publishes."""

import re
from pathlib import Path

import pytest

from matcher.learn import log_checks, log_folder, log_import
from models.domain.lead import DispositionStatus
from models.domain.log_form import FORM, FORM_VERSION, KINDS, TABLES
from models.domain.slates import EventKind

DOCS = (Path(__file__).parents[3] / "docs" / "events.md").read_text()


def section(title: str) -> list[list[str]]:
    """The rows of the tables of a section, cell by cell."""
    text = DOCS.split(f"\n## {title}", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_stands_in_the_docs_with_its_type_unit_and_meaning(table: str) -> None:
    described = [row for row in section(f"`{table}`") if len(row) == 4]
    assert [row[0].strip("`") for row in described] == [column.name for column in TABLES[table]]
    for row, column in zip(described, TABLES[table], strict=True):
        assert row[1] == column.type + (", may be null" if column.nullable else "")
        assert row[3].endswith(".")


def test_every_kind_stands_in_the_docs() -> None:
    described = [row for row in section("`events`") if len(row) == 2]
    assert re.findall(r"`([a-z_]+)`", " ".join(row[0] for row in described)) == list(KINDS)
    assert set(EventKind) <= set(KINDS)
    assert set(DispositionStatus) <= set(KINDS)


def test_every_reason_stands_in_the_docs_and_every_one_of_them_in_the_code() -> None:
    described = " ".join(row[0] for row in section("What is set aside or refused"))
    code = "".join(Path(str(each.__file__)).read_text() for each in (log_folder, log_import))
    reasons = re.findall(r"THEN '([a-z_]+)'", log_checks.LISTING + log_checks.EVENT)
    reasons += re.findall(r'f?"([a-z]+_[a-z_]+): ', code)
    assert len(set(reasons)) == 22
    assert set(re.findall(r"`([a-z_]+)`", described)) == set(reasons)


def test_the_version_is_the_one_described() -> None:
    assert f"`{FORM}`" in DOCS
    assert f"Version **{FORM_VERSION}** of the form" in DOCS
