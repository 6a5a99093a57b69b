import threading

from workers.maintenance.recurring import Recurring


def test_work_goes_on_after_a_failure_and_ends_when_told() -> None:
    enough = threading.Event()
    runs: list[int] = []

    def work() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            raise ConnectionError("away")
        if len(runs) == 3:
            enough.set()

    recurring = Recurring("test", work, seconds=0.0)
    recurring.start()
    assert enough.wait(10)
    recurring.stop()
    assert "test" not in {thread.name for thread in threading.enumerate()}


def test_stopping_what_never_started_is_no_error() -> None:
    Recurring("test", lambda: None).stop()
