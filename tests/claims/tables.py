"""The cells of a page's tables, each held against the table of the run that it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.claims.cells import DRIVERS, Read, UnclaimedError
from tests.claims.cells_of_measures import measure
from tests.claims.cells_of_partners import (
    actions,
    ageing,
    attribution,
    breakdown,
    concentration,
    course,
    drivers,
    partner,
    reported,
)
from tests.claims.cells_of_runs import given, on_the_index
from tests.claims.facts import KINDS, Facts, Whose
from tests.claims.pages import Cell


def cell_faults(cell: Cell, whose: Whose, facts: Facts) -> Iterator[str]:
    """Yield what is untrue of a cell; raise UnclaimedError where no rule takes it."""
    read = Read(cell, whose, facts)
    rule = next((rule for where, rule in RULES if cell.at.part in where or "*" in where), None)
    if whose.page in KINDS:
        rule = given
    elif whose.page == "index":
        rule = on_the_index
    if rule is None:
        raise UnclaimedError
    yield from rule(read)


Rule = Callable[[Read], Iterator[str]]
RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("table", "peers", "sides"), measure),
    (("trends", "sales", "outlook", "direct"), course),
    (("finance", "ageing"), ageing),
    (("partners", "health", "movers", "exceptions", "disputes"), partner),
    (("attribution",), attribution),
    (("breakdown",), breakdown),
    (("concentration",), concentration),
    (("reported",), reported),
    ((DRIVERS,), drivers),
    (("actions",), actions),
)
