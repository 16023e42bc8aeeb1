"""Passwords: from the environment, a file that only its owner reads, or the system's keyring.

They travel as `SecretStr`, which prints itself as stars; only what opens a connection asks it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pydantic import SecretStr

from kpi_lib.errors import SettingsError
from kpi_lib.paths import shown
from kpi_lib.regular import open_regular

OF_DATA = "KPI_DATA_PASSWORD"  # of a database whose URL names a user alone
SERVICE_OF_DATA = "partner-scorecards-data"  # under which the keyring keeps it
OF_MAIL = "KPI_MAIL_PASSWORD"
SERVICE_OF_MAIL = "partner-scorecards"
LONGEST = 4096  # bytes of a file with a password in it
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def secret_of(variable: str, service: str, user: str) -> SecretStr | None:
    """Return the password of a user, None where there is none; raise SettingsError of a bad file.

    The environment's `variable` comes first, then the file that VARIABLE_FILE names, then what the
    keyring keeps for `service`.
    """
    value = os.environ.get(variable)
    if value:
        return SecretStr(value)
    file = os.environ.get(f"{variable}_FILE")
    if file:
        return _secret_from_file(Path(file), f"{variable}_FILE")
    return _secret_from_keyring(service, user)


def others_may_read(file: Path) -> bool:
    """Say whether anybody but its owner has a right to a file; Windows keeps that elsewhere."""
    return os.name != "nt" and bool(file.stat().st_mode & OTHERS)


def _secret_from_file(file: Path, variable: str) -> SecretStr:
    """Return the password in a file; raise SettingsError where others may read it."""
    where = f"{variable}, {shown(file)}"
    try:
        with open_regular(file) as stream:
            is_open = others_may_read(file)
            secret = stream.read(LONGEST).decode("utf-8").strip("\r\n")
    except OSError as error:
        raise SettingsError.at(where, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        raise SettingsError.at(where, "is not UTF-8", "Put the password alone into it.") from None
    if is_open:
        found = "others on this machine may read it"
        raise SettingsError.at(where, found, f"Keep it to yourself: chmod 600 {shown(file)}")
    if not secret:
        raise SettingsError.at(where, "is empty", "Put the password alone into it.")
    return SecretStr(secret)


def _secret_from_keyring(service: str, user: str) -> SecretStr | None:
    """Return the password in the system's keyring; None where it has none."""
    try:
        import keyring  # where it is installed; most servers have none
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        secret = keyring.get_password(service, user)
    except KeyringError:
        return None
    return SecretStr(secret) if secret else None
