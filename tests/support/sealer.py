"""A process that seals what waits and ends, for the test that kills it.

python -m tests.support.sealer DATABASE_URL
"""

import json
import sys

from models.db.crypto import Keyring
from models.db.engine import make_engine
from models.db.unit_of_work import PostgresUnitOfWork
from models.domain.clock import SystemClock
from models.proof.signing import Signer
from workers.maintenance.sealing import seal


def main(url: str) -> None:
    engine, keyring = make_engine(url, pool_size=1), Keyring({"test": b"m" * 32}, b"i" * 32)
    signers = [Signer("c1", b"c" * 32)]
    # Small batches: most of the time is between two commits, where a kill may do most.
    seal(lambda: PostgresUnitOfWork(engine, keyring), signers, SystemClock(), batch=5)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
