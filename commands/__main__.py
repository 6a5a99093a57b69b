"""``python -m commands`` is the ``schoolmatch`` command."""

from commands.main import main

main(prog_name="schoolmatch")
