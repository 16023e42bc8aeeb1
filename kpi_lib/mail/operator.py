"""The person who writes in the ledger, and the machine."""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kpi_lib.settings import Settings


@dataclass(frozen=True)
class Operator:
    """Who works on the ledger, and on which machine.

    `name`: what they call themselves, where several share an account. `copy`: the second place of
    the ledger, if the settings name one. `say`: tells them what was done without being asked.
    """

    name: str = ""
    copy: Path | None = None
    say: Callable[[str], None] = lambda text: None

    @classmethod
    def of(
        cls, settings: Settings, name: str = "", say: Callable[[str], None] = lambda text: None
    ) -> Operator:
        """Return who works with these settings."""
        return cls(" ".join(name.split()), settings.mail.ledger_copy, say)

    @cached_property
    def who(self) -> str:
        """The user as the system knows it, behind the name that they gave."""
        user = _user()
        return f"{self.name} ({user})" if self.name else user

    @cached_property
    def host(self) -> str:
        """The name of this machine."""
        return platform.node()


def _user() -> str:
    """Return the account; from the system, not from variables that anybody can set."""
    if not hasattr(os, "getuid"):
        return getpass.getuser()
    import pwd  # Windows has none

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
