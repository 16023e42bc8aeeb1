"""Invented names: companies in the languages of their countries, and people."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from kpi_lib.examples.synthetic.fact_files import read_facts


class Style(NamedTuple):
    """How companies of a language are called: a stem and a trade, in this pattern."""

    pattern: str
    stems: tuple[str, ...]
    trades: tuple[str, ...]


@cache
def styles() -> dict[str, Style]:
    """Return the style of each language."""
    parts: dict[str, dict[str, list[str]]] = {}
    for row in read_facts("companies"):
        parts.setdefault(row["language"], {}).setdefault(row["part"], []).append(row["word"])
    return {
        language: Style(words["pattern"][0], tuple(words["stem"]), tuple(words["trade"]))
        for language, words in parts.items()
    }


@cache
def _people() -> tuple[tuple[str, ...], tuple[str, ...]]:
    rows = read_facts("people")
    return tuple(row["first_name"] for row in rows), tuple(row["last_name"] for row in rows)


def company_name(language: str, number: int) -> str:
    """Return the company name with that number in a language; no two numbers share one.

    >>> company_name("en", 0)
    'Alderfold Roofing Ltd'
    """
    style = styles()[language]
    stems, trades = len(style.stems), len(style.trades)
    turn, place = divmod(number, stems * trades)
    stem = style.stems[place % stems]
    trade = style.trades[(place // stems + place % stems) % trades]
    again = f" {turn + 1}" if turn else ""
    return style.pattern.format(stem=stem + again, trade=trade)


def person_name(number: int) -> str:
    """Return the name of a person; 576 numbers have each their own.

    >>> person_name(0), person_name(576)
    ('Annelie Abendroth-Kühl', 'Annelie Abendroth-Kühl 2')
    """
    firsts, lasts = _people()
    turn, place = divmod(number, len(firsts) * len(lasts))
    first = firsts[place % len(firsts)]
    last = lasts[(place // len(firsts) + 7 * (place % len(firsts))) % len(lasts)]
    return f"{first} {last}" + (f" {turn + 1}" if turn else "")
