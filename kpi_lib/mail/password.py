"""The mail server's password; the settings have no place for it."""

from __future__ import annotations

from pydantic import SecretStr

from kpi_lib.errors import MailError
from kpi_lib.secret import OF_MAIL, SERVICE_OF_MAIL, secret_of
from kpi_lib.settings import MailServer

VARIABLE, SERVICE = OF_MAIL, SERVICE_OF_MAIL


def password_of(server: MailServer) -> SecretStr | None:
    """Return the password, None for a server without a username; raise MailError where none is."""
    if server.username is None:
        return None
    password = secret_of(VARIABLE, SERVICE, server.username)
    if password is None:
        found = f"there is no password for {server.username}"
        todo = (
            f"Set {VARIABLE}, or {VARIABLE}_FILE to a file that only you read, or: "
            f"keyring set {SERVICE} {server.username} (pip install keyring)."
        )
        raise MailError.at("mail server", found, todo)
    return password
