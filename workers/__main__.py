"""``python -m workers delivery|training|beat``: one process of that role."""

import sys
from collections.abc import Callable, Mapping

from workers.app import run_delivery_worker, run_training_worker
from workers.schedule import run_beat

ROLES: Mapping[str, Callable[[], None]] = {
    "delivery": run_delivery_worker,
    "training": run_training_worker,
    "beat": run_beat,
}


def main() -> None:
    """Run the role named on the command line."""
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ROLES:
        sys.exit(f"Use: python -m workers {'|'.join(ROLES)}")
    ROLES[role]()


if __name__ == "__main__":
    main()
