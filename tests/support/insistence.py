"""Students who go on searching and asking whatever happens to the servers."""

import random
import threading
import time
from collections import Counter
from uuid import UUID

from tests.support.asking import Asker, NotAnsweredError, askable

_PLACES = ("10940", "10001", "07030", "19104", "02139", "06510", "05401")
_FIELDS = ("medical records technician", "nursing", "accounting", "business", "psychology")


class Traffic:
    """Threads that search, ask and remember every lead that was acknowledged to them.

    A request is tried with one idempotency key until it is answered, as a careful program does.
    """

    def __init__(self, port: int, seed: int, students: int = 3) -> None:
        self._asker = Asker(port, timeout=5)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._live, args=(random.Random(f"{seed} {number}"),))  # noqa: S311
            for number in range(students)
        ]
        self.counts: Counter[str] = Counter()
        self.leads: dict[str, int] = {}
        self.troubles: list[str] = []

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float = 60) -> None:
        """Let every student finish what was begun; a request is never given up."""
        self._stop.set()
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a request was never answered"

    def _live(self, chance: random.Random) -> None:
        try:
            while not self._stop.is_set():
                self._one_visit(chance)
                time.sleep(chance.uniform(0.02, 0.2))
        except Exception as error:  # noqa: BLE001 - said by the test, in its own thread
            self.troubles.append(repr(error))

    def _one_visit(self, chance: random.Random) -> None:
        try:
            matches = self._asker.search(
                postal_code=chance.choice(_PLACES), query=chance.choice(_FIELDS)
            )
            listings = askable(matches)
            if not listings:
                return
            chosen = chance.sample(listings, k=min(len(listings), chance.randint(1, 2)))
            body = self._asker.body(matches, *chosen)
        except NotAnsweredError as error:
            self._count_unanswered(error)
            return
        self._count("searches")
        key = str(UUID(int=chance.getrandbits(128)))
        while True:
            try:
                accepted = self._asker.send(body, key)
            except NotAnsweredError as error:
                self._count_unanswered(error)
                time.sleep(0.3)
                continue
            break
        with self._lock:
            self.counts["requests"] += 1
            for lead in accepted["leads"]:
                self.leads[lead["lead_id"]] = self.leads.get(lead["lead_id"], 0) + 1

    def _count_unanswered(self, error: NotAnsweredError) -> None:
        """An answer may be missing or say that it cannot be had now; it may never be another."""
        self._count("unanswered")
        if error.status not in (None, 503):
            self.troubles.append(str(error))

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1
