"""The settings of a running installation: secrets made once, addresses of this run.

``secrets.env`` stays for as long as the data does; ``settings.env`` is there while ``up`` runs,
so that commands in a second terminal find the same database. The environment always wins.
"""

import os
from base64 import b64encode
from pathlib import Path

from dotenv import dotenv_values
from environs import Env

from commands.place import SETTINGS_FILE, read_settings_file
from commands.private_file import write_private
from commands.up.errors import StartError
from config.settings import SETTINGS, Settings, SettingsError, load_settings

_SECRETS_FILE = "secrets.env"


def secrets_of(folder: Path) -> dict[str, str]:
    """Read the installation's secrets, or make them at the first start.

    Raises:
        StartError: when data is there that was sealed with secrets that are not.
    """
    file = folder / _SECRETS_FILE
    if not file.exists():
        if (folder / "postgres").exists():
            raise StartError(
                f"{file} is gone, and without it the personal data in {folder} cannot be read.\n"
                "Put it back, or start over with --fresh."
            )
        made = {name: _key() for name in ("SECRET_KEY", "INDEX_KEY", "TOKEN_KEY", "RANKER_KEY")}
        made |= {"MASTER_KEYS": f"k1:{_key()}", "CHAIN_KEYS": f"c1:{_key()}"}
        made["VALKEY_PASSWORD"] = os.urandom(24).hex()
        write_private(file, _lines(made))
    kept = kept_secrets(folder)
    if "RANKER_KEY" not in kept:
        # Made before rankers were signed: nothing is lost, the first ranker is fitted anew.
        kept["RANKER_KEY"] = _key()
        write_private(file, _lines(kept))
    if "CHAIN_KEYS" not in kept:
        # Made before consents were sealed: what is there is sealed from now on.
        kept["CHAIN_KEYS"] = f"c1:{_key()}"
        write_private(file, _lines(kept))
    return kept


def kept_secrets(folder: Path) -> dict[str, str]:
    """Read the installation's secrets; none where none was made."""
    file = folder / _SECRETS_FILE
    if not file.exists():
        return {}
    return {name: value or "" for name, value in dotenv_values(file, interpolate=False).items()}


def change_secrets(folder: Path, changes: dict[str, str]) -> None:
    """Put secrets in the place of those of that name; the next start uses them."""
    write_private(folder / _SECRETS_FILE, _lines({**kept_secrets(folder), **changes}))


def _key() -> str:
    return b64encode(os.urandom(32)).decode()


def given(name: str) -> str | None:
    """Return a setting of the environment; an empty one counts as none."""
    return Env().str(name, default=None) or None


def settle(folder: Path, computed: dict[str, str]) -> Settings:
    """Write this run's settings, put them into the environment and check them.

    Raises:
        StartError: naming every setting that cannot be used.
    """
    secrets = {n: v for n, v in secrets_of(folder).items() if n != "VALKEY_PASSWORD"}
    values = {**secrets, **computed}
    for setting in SETTINGS:
        chosen = given(setting.name)
        if chosen is not None:
            values[setting.name] = chosen
    write_private(folder / SETTINGS_FILE, _lines(values))
    read_settings_file(folder, override=True)
    try:
        return load_settings()
    except SettingsError as error:
        forget(folder)
        raise StartError(str(error)) from error


def forget(folder: Path) -> None:
    """Take the run's settings away again: nothing runs that they lead to."""
    (folder / SETTINGS_FILE).unlink(missing_ok=True)


def _lines(values: dict[str, str]) -> str:
    quoted = {n: v.replace("\\", "\\\\").replace("'", "\\'") for n, v in values.items()}
    return "".join(f"{name}='{value}'\n" for name, value in quoted.items())
