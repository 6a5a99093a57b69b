"""Loops without a ledger, to compare with: urllib3, the fixed reference, and our own client."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import urllib3

from models.domain.clock import SystemClock
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.ids import Prefix, show
from models.domain.sending import Parcel
from models.exchange.signing import sign
from models.outbound.http import HttpClient
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from tests.support.leads import SIGNING_KEY
from workers.destinations.webhook.client import WebhookClient

Send = Callable[[bytes], None]


def reference(url: str, body: bytes, count: int, threads: int) -> float:
    """Post signed bodies with urllib3, a kept connection a thread; return posts a second."""

    @contextmanager
    def opened() -> Iterator[Send]:
        with urllib3.PoolManager(num_pools=1, maxsize=1) as pool:

            def send(body: bytes) -> None:
                message_id, now = show(Prefix.DELIVERY, uuid4()), int(time.time())
                headers = {
                    "content-type": "application/json",
                    "webhook-id": message_id,
                    "webhook-timestamp": str(now),
                    "webhook-signature": sign(message_id, now, body, [SIGNING_KEY]),
                }
                answer = pool.request("POST", url, body=body, headers=headers, retries=False)
                if answer.status != 204:
                    raise AssertionError(answer.status)

            yield send

    return _run(opened, body, count, threads)


def own_client(url: str, body: bytes, count: int, threads: int) -> float:
    """Send with the product's own client and nothing around it; return posts a second."""
    resolver = Resolver()
    policy = Policy(ports=None, allow_loopback=True)

    @contextmanager
    def opened() -> Iterator[Send]:
        http = HttpClient(policy, resolver)
        client = WebhookClient(http, SystemClock())

        def send(body: bytes) -> None:
            parcel = Parcel(
                uuid4(), Purpose.LEAD, body, {"url": url}, {"signing_keys": [SIGNING_KEY]}
            )
            if client.send(parcel).status is not DeliveryStatus.DELIVERED:
                raise AssertionError("not delivered")

        yield send
        http.close()

    try:
        return _run(opened, body, count, threads)
    finally:
        resolver.close()


def _run(opened: Callable[[], object], body: bytes, count: int, threads: int) -> float:
    begin = threading.Barrier(threads + 1)
    failed: list[BaseException] = []

    def work(share: int) -> None:
        try:
            with opened() as send:  # type: ignore[attr-defined]
                send(body)  # the connection stands before the clock starts
                begin.wait()
                for _ in range(share):
                    send(body)
        except BaseException as error:  # noqa: BLE001 - told to whoever started the loop
            failed.append(error)
            begin.abort()

    shares = [count // threads + (n < count % threads) for n in range(threads)]
    running = [threading.Thread(target=work, args=(share,)) for share in shares]
    for thread in running:
        thread.start()
    begin.wait()
    started = time.monotonic()
    for thread in running:
        thread.join()
    if failed:
        raise failed[0]
    return count / (time.monotonic() - started)
