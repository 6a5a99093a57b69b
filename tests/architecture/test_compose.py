"""docker-compose.yml: the processes of a deployment, one image, nothing forgotten."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from config.settings import SETTINGS
from tests.support.compose import FILE, document, required, services

GIVEN = dict.fromkeys(required(), "given")
OURS = ("prepare", "web", "worker", "training", "beat")
_CANDIDATES = (("docker", "compose"), ("docker-compose",))


def _compose() -> tuple[str, ...] | None:
    """A Compose that works here, as plugin or as a program of its own."""
    for candidate in _CANDIDATES:
        if shutil.which(candidate[0]) is None:
            continue
        asked = subprocess.run([*candidate, "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return candidate
    return None


def test_docker_compose_accepts_the_file_and_knows_every_service(tmp_path: Path) -> None:
    compose = _compose()
    if compose is None:
        pytest.skip("Docker Compose is not installed: apt install docker-compose")
    settings = tmp_path / "settings.env"
    settings.write_text("".join(f"{name}={value}\n" for name, value in GIVEN.items()))
    told = [*compose, "--env-file", str(settings), "--file", str(FILE), "config"]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    named = subprocess.run([*told, "--services"], capture_output=True, text=True, check=True)
    assert set(named.stdout.split()) == set(services(GIVEN))


def test_compose_names_every_setting_that_must_be_given(tmp_path: Path) -> None:
    compose = _compose()
    if compose is None:
        pytest.skip("Docker Compose is not installed: apt install docker-compose")
    nothing = tmp_path / "settings.env"
    nothing.touch()
    told = [*compose, "--env-file", str(nothing), "--file", str(FILE), "config"]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "set it in .env" in done.stderr


def test_it_runs_postgres_redis_web_all_workers_and_beat_from_one_image() -> None:
    running = services(GIVEN)
    assert set(running) == {"postgres", "redis", *OURS}
    assert running["worker"]["deploy"]["replicas"] == 2
    assert {running[name]["image"] for name in OURS} == {"schoolmatch"}
    assert {json.dumps(running[name]["build"]) for name in OURS} == {'"."'}


def test_all_that_stays_up_has_a_healthcheck_and_comes_back() -> None:
    for name, service in services(GIVEN).items():
        if name != "prepare":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_data_lives_in_named_volumes() -> None:
    running = services(GIVEN)
    mounted = {name: running[name]["volumes"][0].split(":")[0] for name in running}
    assert mounted["postgres"] == "postgres"
    assert mounted["redis"] == "redis"
    assert {mounted[name] for name in OURS} == {"store"}
    assert set(document()["volumes"]) == {"postgres", "redis", "store"}


def test_every_setting_without_a_default_is_passed_on() -> None:
    passed = services(GIVEN)["web"]["environment"]
    assert [s.name for s in SETTINGS if s.default is None and s.name not in passed] == []


def test_a_worker_has_time_to_finish_what_it_sends() -> None:
    assert int(services(GIVEN)["worker"]["stop_grace_period"].rstrip("s")) > 35
