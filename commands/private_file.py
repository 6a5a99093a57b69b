"""Files that only their owner may read."""

import os
from pathlib import Path


def write_private(file: Path, content: str | bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = file.with_name(file.name + ".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as writer:
        writer.write(content.encode() if isinstance(content, str) else content)
        writer.flush()
        os.fsync(writer.fileno())
    draft.replace(file)
