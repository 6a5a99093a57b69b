"""Settings of a made installation, as its environment gives them; nothing in tests is secret."""

from base64 import b64encode
from pathlib import Path

from tests.support.keys import RANKER_SEED


def installation(database_url: str, data: Path, **more: str) -> dict[str, str]:
    """Name a database, a data folder and keys; no Valkey unless ``REDIS_URL`` is said."""

    def key(letter: bytes) -> str:
        return b64encode(letter * 32).decode()

    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "STORE": str(data / "store"),
        "SCHOOLMATCH_DATA": str(data),
        "SECRET_KEY": key(b"s"),
        "TOKEN_KEY": key(b"t"),
        "INDEX_KEY": key(b"i"),
        "RANKER_KEY": b64encode(RANKER_SEED).decode(),
        "MASTER_KEYS": f"test:{key(b'm')}",
        "CHAIN_KEYS": f"c1:{key(b'c')}",
        "ALLOW_LOOPBACK": "true",
        **more,
    }
