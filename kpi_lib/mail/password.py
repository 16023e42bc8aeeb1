"""The mail server's password: from the environment or the system's keyring, never from a file."""

from __future__ import annotations

import os

from kpi_lib.errors import MailError
from kpi_lib.settings import MailServer

VARIABLE = "KPI_MAIL_PASSWORD"
SERVICE = "partner-scorecards"  # under which the keyring keeps it


def password_of(server: MailServer) -> str | None:
    """Return the password, None for a server without a username; raise MailError where none is."""
    if server.username is None:
        return None
    told = os.environ.get(VARIABLE) or _from_keyring(server.username)
    if not told:
        found = f"there is no password for {server.username}"
        todo = f"Set {VARIABLE}, or: keyring set {SERVICE} {server.username} (pip install keyring)."
        raise MailError.at("mail server", found, todo)
    return told


def _from_keyring(username: str) -> str | None:
    try:
        import keyring  # where it is installed; most servers have none
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(SERVICE, username)
    except KeyringError:
        return None
