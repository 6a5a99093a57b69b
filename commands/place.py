"""Where an installation keeps its data, and the settings it runs with.

The folder is ``--data``, else ``SCHOOLMATCH_DATA``, else one that belongs to this copy of the
project: ``var/`` inside it. Under root it is outside private folders instead, because PostgreSQL
refuses to run as root and the user it runs as must be able to reach its files.
"""

import hashlib
import os
from pathlib import Path

import click
from dotenv import load_dotenv
from environs import Env

SETTINGS_FILE = "settings.env"


def project_folder() -> Path:
    """Return the folder of this copy of the project, or the present one when there is none."""
    folder = Path(__file__).resolve().parent.parent
    return folder if (folder / "pyproject.toml").exists() else Path.cwd()


def default_data_folder() -> Path:
    """Return where data goes when nobody says otherwise."""
    project = project_folder()
    if os.geteuid() != 0:
        return project / "var"
    name = hashlib.sha256(str(project).encode()).hexdigest()[:8]
    return Path("/var/tmp") / f"schoolmatch-{name}"  # noqa: S108 - its owner is checked


def data_folder() -> Path:
    """Return the folder that this command works with."""
    context = click.get_current_context(silent=True)
    chosen = context.find_root().params.get("data") if context else None
    if chosen is None:
        chosen = Env().str("SCHOOLMATCH_DATA", default=None)
    return Path(chosen).absolute() if chosen else default_data_folder()


def read_settings_file(folder: Path, *, override: bool = False) -> bool:
    """Put a running installation's settings into the environment; tell whether there were any.

    What the environment already says stays, unless ``override``.
    """
    file = folder / SETTINGS_FILE
    if not file.exists():
        return False
    return load_dotenv(file, override=override, interpolate=False)
