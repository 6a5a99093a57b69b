"""No room on the disk: under the database, and where files and mail are put."""

import json
import shutil
import subprocess
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.asking import Asker
from tests.support.browser import PlainBrowser, over_http
from tests.support.draining import draining
from tests.support.insistence import Traffic
from tests.support.installation import Installation, eventually, made_installation
from tests.support.leads import Leads
from tests.support.leads import eventually as soon
from tests.support.ledger_checker import History, broken
from tests.support.small_disk import SmallDisk, small_disk
from tests.support.sshd import sshd
from workers.outbound.mail import Mailbox, MailOut

# Beside what the database has: enough to begin with, and soon spent.
_ROOM_MIB = 24


@pytest.mark.slow
def test_a_full_disk_under_the_database_loses_nothing_and_is_said_invariants_1_and_2() -> None:
    with made_installation({"RATE_PER_MINUTE": "1000000"}) as installation:
        place = installation.data / "postgres"
        aside = place.with_name("aside")
        place.rename(aside)
        used = int(
            subprocess.run(["du", "-sm", aside], capture_output=True, check=True).stdout.split()[0]
        )
        with small_disk(place, used + _ROOM_MIB) as disk:
            subprocess.run(["cp", "-a", f"{aside}/.", str(place)], check=True)
            shutil.copystat(aside, place)
            subprocess.run(["chown", "--reference", str(aside), str(place)], check=True)
            installation.start()
            try:
                _live_through(installation, disk)
            finally:
                # All of it, before the disk goes.
                installation.kill()
                installation.end()


def _live_through(installation: Installation, disk: SmallDisk) -> None:
    student = _about_to_send(installation)
    traffic = Traffic(installation.port, 20261122)
    traffic.start()
    try:
        eventually(lambda: traffic.counts["requests"] > 3, 60)
        assert eventually(lambda: _refused(disk, traffic), 120)
        # A clear page: nobody knows what was kept, and a button that finds out, and sends nothing
        # twice.
        assert _press(student) == _WAIT
        assert "It is never sent twice" in student.text
        time.sleep(3)
    finally:
        disk.make_room()
        eventually(lambda: installation.get("/readyz")[0] == 200, 120)
        done = traffic.counts["requests"]
        eventually(lambda: traffic.counts["requests"] > done + 3, 120)
        traffic.finish()
    assert traffic.troubles == []
    assert eventually(lambda: _press(student) == _SENT, 60)
    # Nothing lost, nothing twice under two ids.
    eventually(lambda: traffic.leads.keys() <= _arrived(installation).keys(), 120)
    assert set(_arrived(installation).values()) == {1}


def _refused(disk: SmallDisk, traffic: Traffic) -> bool:
    """Fill the disk, anew as the database gives some back, until nobody is answered any more."""
    disk.fill()
    done, unanswered = traffic.counts["requests"], traffic.counts["unanswered"]
    time.sleep(1)
    disk.fill()
    return traffic.counts["requests"] == done and traffic.counts["unanswered"] >= unanswered + 3


def _about_to_send(installation: Installation) -> PlainBrowser:
    """A student in front of the last button."""
    browser = PlainBrowser(over_http(f"http://127.0.0.1:{installation.port}"))
    eventually(lambda: Asker(installation.port).search())
    browser.open("/")
    browser.choose("High school diploma or GED")
    browser.fill("ZIP or postal code", "10940")
    browser.fill("Field of study", "medical records technician")
    browser.press("Show programs")
    browser.follow("Ask for information")
    for label, typed in (
        ("First name", "Zo\u00eb"),
        ("Last name", "Example"),
        ("Email address", "zoe@example.com"),
    ):
        browser.fill(label, typed)
    browser.choose("Yes")
    browser.press("Continue")
    browser.choose("Email.")
    return browser


_WAIT, _SENT = "We cannot confirm your request yet", "Your request is on its way"
_BUTTONS = ("Send my request to 1 school", "Check and finish")


def _press(student: PlainBrowser) -> str:
    if student.heading != _SENT:
        student.press(next(name for name in _BUTTONS if name in student.text))
    return student.heading


def _arrived(installation: Installation) -> Counter[str]:
    """How many webhook ids each lead came under."""
    return Counter(
        json.loads(each["body"])["data"]["lead_id"]
        for each in installation.received()
        if "lead_id" in json.loads(each["body"])["data"]
    )


def test_a_full_disk_where_files_are_put_delays_them_and_leaves_no_half_file(
    leads: Leads, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 1) as disk, sshd(tmp_path) as server:
        there = server.settings(folder=str(disk.folder))
        school = leads.school_of_kind("sftp_csv", there, server.secrets)
        disk.fill()
        ids = [leads.delivery(school) for _ in range(3)]
        with draining(leads.unit_of_work, lease=timedelta(seconds=20)):
            assert soon(lambda: any(a.finished_at for a in leads.attempts(ids[0])), 30)
            assert list(disk.folder.glob("*.csv")) == []
            assert set(leads.statuses()) <= {"pending", "leased"}
            disk.make_room()
            assert soon(lambda: set(leads.statuses()) == {"delivered"}, 30)
        [file] = [each for each in disk.folder.iterdir() if each.suffix == ".csv"]
        assert file.read_text().count("\n") == len(ids) + 1
    assert [line for line in broken(leads.engine, History(ids, [])) if line[0] != "4"] == []


def test_a_full_disk_where_mail_is_put_delays_it(leads: Leads, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        school = leads.school_of_kind("email", {"to": "admissions@example.edu"})
        disk.fill()
        one = leads.delivery(school)
        out = MailOut(mailbox=Mailbox(disk.folder, "leads@example.org"))
        with draining(leads.unit_of_work, mail=out):
            assert soon(lambda: any(a.finished_at for a in leads.attempts(one)), 30)
            assert list(disk.folder.glob("*.eml")) == []
            disk.make_room()
            assert soon(lambda: leads.row(one).status == "unconfirmed", 30)
        [mail] = disk.folder.glob("*.eml")
        assert mail.stat().st_size > 1000
    assert leads.attempts(one)[0].reason == "mailbox_unusable"
