"""The tables of `facts/`: who is cast, what is usual, what was agreed, and the words to say it."""

from __future__ import annotations

import csv
from pathlib import Path

FACTS = Path(__file__).parent / "facts"


def read_facts(name: str) -> list[dict[str, str]]:
    """Return the rows of a table, each by its columns' names, a cell without text as "" ."""
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float | None:
    """Return the number of a cell, None where it is empty."""
    return float(text) if text else None
