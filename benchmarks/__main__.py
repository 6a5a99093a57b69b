"""``python -m benchmarks [NAME…]``: run benchmarks, each in a process of its own; all by default.

Each prints its table and, last, ``RESULT {json}``; at the end the results stand together.
"""

import subprocess
import sys
from pathlib import Path

import benchmarks

_LINE = "RESULT "


def main() -> None:
    """Run what is named on the command line; end with 1 when one fails or gives no result."""
    known = _programs()
    asked = sys.argv[1:]
    if "--list" in asked:
        print("\n".join(known))
        return
    unknown = [name for name in asked if name not in known]
    if unknown:
        sys.exit(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(known)}")
    results = {name: _run(name) for name in asked or known}
    print("\nTogether:")
    for name, result in results.items():
        print(f"{name}: {result or 'failed'}")
    if not all(results.values()):
        sys.exit(1)


def _programs() -> list[str]:
    """Name the modules that are programs; others are what these share."""
    files = Path(benchmarks.__path__[0]).glob("[!_]*.py")
    return sorted(file.stem for file in files if '__name__ == "__main__"' in file.read_text())


def _run(name: str) -> str | None:
    """Run one, showing what it prints as it comes; return its result, or None when it failed."""
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-u", "-m", f"benchmarks.{name}"]
    last = ""
    root = Path(benchmarks.__path__[0]).parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None  # noqa: S101 - opened as a pipe above
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    if process.returncode or not last.startswith(_LINE):
        return None
    return last.removeprefix(_LINE)


if __name__ == "__main__":
    main()
