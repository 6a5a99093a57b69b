"""The parts of ``schoolmatch up`` that can be tried without starting everything."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from dotenv import dotenv_values

from commands.up import configuration
from commands.up.children import Child, Spec
from commands.up.errors import StartError
from commands.up.folder import MARKER, empty, open_folder, require_passable
from commands.up.ports import free_port, is_free, require_free
from commands.up.processes import birth_of, wait_until
from commands.up.progress import Progress
from commands.up.runfile import RunFile
from commands.up.supervisor import Supervisor

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
TETHER = Path(__file__).parents[3] / "commands/up/tether.py"


def _tether(run: str) -> list[str]:
    signal_number = str(int(signal.SIGTERM))
    return [sys.executable, str(TETHER), str(os.getpid()), signal_number, "-", "-", run, "--"]


def test_a_tethered_command_dies_with_its_parent(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    parent = (
        "import os, subprocess, sys, time\n"
        f"tie = [sys.executable, {str(TETHER)!r}, str(os.getpid()), '15', '-', '-', 'r', '--']\n"
        f"child = subprocess.Popen(tie + {list(SLEEP)!r})\n"
        f"time.sleep(0.3); open({str(told)!r}, 'w').write(str(child.pid)); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    assert wait_until(lambda: told.exists() and told.read_text() != "", 10)
    child = int(told.read_text())
    assert birth_of(child) is not None
    process.kill()
    process.wait()
    assert wait_until(lambda: birth_of(child) is None, 5)


def test_a_tethered_command_does_not_start_when_its_parent_is_gone() -> None:
    tie = _tether("r")
    tie[2] = "999999"
    done = subprocess.run([*tie, "/bin/echo", "alive"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_a_leftover_is_ended_only_when_pid_and_birth_match(tmp_path: Path) -> None:
    """A pid alone names nobody: after a reboot it may be somebody's editor."""
    stranger, leftover = (subprocess.Popen(list(SLEEP)) for _ in range(2))
    try:
        birth = birth_of(leftover.pid)
        history = {
            "run": "old",
            "supervisor": {"pid": 1},
            "children": {
                "web": {"pid": stranger.pid, "birth": "another boot:42"},
                "worker": {"pid": leftover.pid, "birth": birth},
            },
        }
        (tmp_path / "run.json").write_text(json.dumps(history))
        runs = RunFile(tmp_path)
        runs.acquire()
        assert runs.end_leftovers() == ["worker"]
        assert wait_until(lambda: leftover.poll() is not None, 5)
        assert stranger.poll() is None
        runs.close()
    finally:
        for process in (stranger, leftover):
            process.kill()
            process.wait()


def test_what_a_dead_child_left_in_its_session_is_ended(tmp_path: Path) -> None:
    runs = RunFile(tmp_path)
    told = tmp_path / "pid"
    script = (
        "import subprocess, sys, os\n"
        f"p = subprocess.Popen({list(SLEEP)!r})\n"
        f"open({str(told)!r}, 'w').write(str(p.pid))\n"
        "os._exit(1)\n"
    )
    child = Child(Spec("web", (sys.executable, "-c", script)), tmp_path, runs)
    child.start()
    assert wait_until(lambda: child.poll() is not None, 10)
    grandchild = int(told.read_text())
    assert birth_of(grandchild) is not None
    child.clear()
    assert wait_until(lambda: birth_of(grandchild) is None, 5)


def test_a_child_that_ignores_its_signal_is_killed_after_its_time(tmp_path: Path) -> None:
    told = tmp_path / "ready"
    script = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(told)!r}, 'w').close()\n"
        "time.sleep(60)\n"
    )
    stops = ((signal.SIGTERM, 0.3), (signal.SIGKILL, 5.0))
    child = Child(
        Spec("deaf", (sys.executable, "-c", script), stops=stops), tmp_path, RunFile(tmp_path)
    )
    child.start()
    assert wait_until(told.exists, 10)
    started = time.monotonic()
    assert child.stop() is False
    assert 0.3 <= time.monotonic() - started < 5
    assert child.poll() == -signal.SIGKILL


def test_a_child_that_keeps_dying_is_started_again_later_each_time_and_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    runs = RunFile(tmp_path)
    dying = Spec("dying", (sys.executable, "-c", "import time; time.sleep(0.2); exit(3)"))
    try:
        supervisor = Supervisor(tmp_path, runs, Progress())
        supervisor.start([dying])
        threading.Timer(3.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
        supervisor.watch()
        supervisor.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    said = capsys.readouterr().out
    delays = re.findall(r"dying ended \(exit code 3\); starting it again in ([0-9.]+) s", said)
    assert delays[:3] == ["0.5", "1", "2"]
    assert said.count("dying runs again") == 2
    assert json.loads((tmp_path / "run.json").read_text())["children"] == {}


def test_two_runs_never_share_a_folder(tmp_path: Path) -> None:
    first, second = RunFile(tmp_path), RunFile(tmp_path)
    first.acquire()
    first.write()
    with pytest.raises(StartError, match=f"process {os.getpid()}"):
        second.acquire()
    first.close()
    second.acquire()
    second.close()


def test_a_listening_port_is_not_free_even_for_one_who_would_share_it() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        with pytest.raises(StartError, match=f"Port {port} on 127.0.0.1 is in use by .*process"):
            require_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_said_plainly() -> None:
    with pytest.raises(StartError, match=r"cannot listen on 192\.0\.2\.1"):
        require_free("192.0.2.1", free_port())


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(StartError, match="not made by schoolmatch"):
        open_folder(tmp_path)
    with pytest.raises(StartError, match="nothing was deleted"):
        empty(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_emptying_keeps_only_the_marker_and_the_lock_and_follows_no_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").touch()
    folder = open_folder(tmp_path / "data")
    (folder / "lock").touch()
    (folder / "link").symlink_to(elsewhere)
    (folder / "store" / "old").touch()
    empty(folder)
    assert sorted(p.name for p in folder.rglob("*")) == sorted([MARKER, "lock", "logs", "store"])
    assert (elsewhere / "thesis.txt").exists()


def test_a_private_folder_above_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(StartError, match=str(private)):
        require_passable(private / ".." / "private")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    made = configuration.secrets_of(tmp_path)
    assert configuration.secrets_of(tmp_path) == made
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    assert len(set(made.values())) == len(made)


def test_lost_secrets_are_not_replaced_while_there_is_data(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(StartError, match="Put it back"):
        configuration.secrets_of(tmp_path)


@pytest.mark.parametrize("value", ["plain", "it's", 'a "quote"', "a\\b", "${HOME} #x", "p@ss;word"])
def test_a_settings_file_reads_back_as_it_was_written(tmp_path: Path, value: str) -> None:
    file = tmp_path / "settings.env"
    file.write_text(configuration._lines({"NAME": value, "NEXT": "1"}))
    assert dotenv_values(file, interpolate=False) == {"NAME": value, "NEXT": "1"}
