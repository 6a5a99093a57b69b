"""Dask reads the parts of a log by the same definition: the same data set, byte for byte."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from matcher.learn.dataset_build import Rules, build_dataset
from matcher.learn.dataset_dask import ClusterError, crew_at
from matcher.learn.dataset_parts import Desk
from matcher.match import Engine
from tests.support.logs import bytes_of, write_down
from tests.support.traffic import simulated_log


@pytest.mark.slow
def test_two_workers_make_the_same_data_set_as_this_process(small: Engine, tmp_path: Path) -> None:
    from distributed import LocalCluster

    log = simulated_log(small, 300)
    parts = 7
    write_down(tmp_path / "log", log.pages, log.events, parts)
    rules = Rules(log.pages[-1].at + timedelta(days=1), most_led_nowhere=50)
    here = build_dataset([tmp_path / "log"], rules, Desk(tmp_path / "here"))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
        crew_at(cluster.scheduler_address) as crew,
    ):
        desk = Desk(tmp_path / "there", memory="500MiB", threads=1)
        there = build_dataset([tmp_path / "log"], rules, desk, crew)
        hands = crew.run([os.getpid] * parts)
    assert os.getpid() not in hands
    assert len(set(hands)) == 2
    assert bytes_of(here) == bytes_of(there)
    assert here.examples.weight.max() > 1


def test_without_dask_the_message_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "from matcher.learn.dataset_dask import ClusterError, crew_at\n"
        "try:\n"
        "    crew_at('tcp://127.0.0.1:1').__enter__()\n"
        "except ClusterError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert "pip install 'schoolmatch[dask]'" in done.stdout


def test_an_address_that_is_none_is_said_to_be_none() -> None:
    with (
        pytest.raises(ClusterError, match="No Dask scheduler answers at nonsense://here"),
        crew_at("nonsense://here"),
    ):
        pass
