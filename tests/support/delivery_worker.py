"""A delivery worker as a process of its own, for fault tests: short lease, and a failpoint.

python -m tests.support.delivery_worker DATABASE_URL LEASE_SECONDS [FAILPOINT]
"""

import signal
import sys
import threading
from datetime import timedelta

from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from tests.support.draining import draining
from workers.delivery.failpoints import make_failpoint


def main(url: str, lease: str, failpoint: str = "") -> None:
    engine = make_engine(url, pool_size=3)
    keyring = Keyring({"test": b"m" * 32}, b"i" * 32)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    with draining(
        lambda: PostgresUnitOfWork(engine, keyring),
        hit=make_failpoint(failpoint),
        lease=timedelta(seconds=float(lease)),
    ):
        # Python hears a signal where its main thread wakes up. The kernel may hand SIGTERM to any
        # thread (right after SIGCONT the main one counts as stopped), and then nothing wakes a
        # main thread that waits for ever.
        while not stop.wait(0.2):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
