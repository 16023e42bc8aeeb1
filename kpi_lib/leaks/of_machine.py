"""What no page may tell of the machine: secrets that it holds, and where its files lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_SECRET_NAME = re.compile(r"PASSW|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY", re.IGNORECASE)
_SHORTEST_SECRET = 6


def secrets_of(
    known: Iterable[str] = (), environment: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """Return the known secrets, and what the environment holds under names that secrets have."""
    named = {v for name, v in environment.items() if _SECRET_NAME.search(name)} | set(known)
    return tuple(sorted(value for value in named if len(value) >= _SHORTEST_SECRET))


def machine_places(*places: Path) -> tuple[str, ...]:
    """Return the folders that no message may name, but for those as short as a word."""
    return tuple(sorted({str(place) for place in places if len(place.parts) > 2}))
