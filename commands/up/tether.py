"""Runs a command so that it does not outlive its parent.

``python tether.py PARENT SIGNAL UID GID RUN -- COMMAND …``: becomes that user (``-`` stays),
asks the kernel for SIGNAL when PARENT dies, and becomes COMMAND. A file of its own that imports
nothing of ours: it runs between fork and exec, where a parent with threads may run no Python.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie, then become the command."""
    parent, death_signal, uid, gid, run = arguments[:5]
    command = arguments[6:]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # After the change of user: that clears the wish.
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the parent is gone already")
    os.putenv("SCHOOLMATCH_RUN", run)
    os.execv(command[0], command)  # noqa: S606 - a fixed command of ours, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
