"""The logs from elsewhere that are kept: where they are, whose, and for how long."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from models.domain.log_form import MANIFEST

# Imported logs live in this folder of the store.
FOLDER = "log"


def imported_logs(store: Path) -> list[Path]:
    """The folders of imported logs, in the order of their ids."""
    return sorted(path.parent for path in (store / FOLDER).glob(f"*/{MANIFEST}"))


def read_imported(folder: Path) -> dict[str, Any]:
    """Read what is kept of an import: its manifest."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    return manifest


def remove_old(store: Path, before: datetime) -> list[dict[str, Any]]:
    """Remove the logs that were imported before a moment, and return what was said of each."""
    removed = []
    for folder in imported_logs(store):
        said: dict[str, Any] = read_imported(folder)["imported"]
        if datetime.fromisoformat(said["at"]) < before:
            # First what makes it whole: nobody learns from half a log.
            (folder / MANIFEST).unlink()
            shutil.rmtree(folder)
            removed.append(said)
    return removed
