"""The day it is: the one place that asks the machine, so that tests can fix it."""

from __future__ import annotations

from datetime import date, datetime


def today() -> date:
    """Return today's date where the run is made."""
    return datetime.now().astimezone().date()
