"""``python -m demo.school --config FILE --port N``: run the demonstration school."""

import argparse
import logging
import signal
import threading
from pathlib import Path

from demo.school.answering import Answerer
from demo.school.config import read_config
from demo.school.ledger import Ledger
from demo.school.server import SchoolServer

_log = logging.getLogger("demo.school")


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m demo.school", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="JSON file; see config.py")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="school %(levelname)s %(message)s")
    config = read_config(arguments.config)
    ledger = Ledger.open(config.received_file)
    answerer = Answerer(config, ledger)
    server = SchoolServer(config, ledger, answerer, arguments.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for serve_forever(), which runs in this very thread.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    answerer.start()
    _log.info("listening on http://127.0.0.1:%s/", server.server_port)
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
