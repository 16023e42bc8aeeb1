"""What the oracle says without a column: a value as before, or none; never another, never 0."""

from __future__ import annotations

import random
from functools import cache

import pytest

from .catalogue import CATALOGUE
from .comparisons import Book
from .contract import COLUMNS
from .generate import call, generate
from .generate_gaps import without_column
from .oracle import scopes
from .slots import Asked, Run
from .tables import MAY_BE_MISSING, Data

SEED = 325
ASKED = {name: said for name, said in call(SEED).items() if name != "as_of"}
# Without these the KPIs are other ones, or those of other groups.
OTHERS = {"currency", "tier", "segment", "region", "industry", "branch", "manager", "sharing"}
TABLES = sorted({*COLUMNS} - {"fx_rates", "targets", "partner_reported"})
DROPPED = {
    table: [
        column
        for column in COLUMNS[table]
        if (table, column) not in MAY_BE_MISSING and column not in OTHERS and table != "partners"
    ]
    for table in TABLES
}
EACH = [f"{table}.{column}" for table in TABLES for column in DROPPED[table]]


@cache
def company() -> dict:
    return generate(SEED, whole=True, partners=7, orders=120)


def values(tables: dict) -> dict:
    """Return the value of each KPI in each scope, but of those that are made of all others."""
    run = Run(Data(tables), Asked(**ASKED))
    book, here = Book(run), run.slot(run.period)
    return {
        (kpi, scope): book.value(kpi, scope, run.period)
        for scope in scopes(run)
        for kpi in book.kpis_with_a_row(scope, here)
        if kpi not in CATALOGUE or CATALOGUE[kpi].family != "goals"
    }


@cache
def complete_values() -> dict:
    return values(company())


def assert_none_or_as_before(names: list[str]) -> None:
    tables = company()
    for name in names:
        tables = without_column(tables, *name.split("."))
    found = {key: value for key, value in values(tables).items() if value is not None}
    assert found == {key: complete_values()[key] for key in found}
    assert len(found) > 20


@pytest.mark.parametrize("seed", range(4))
def test_a_table_that_lacks_a_column_says_what_it_said_or_nothing(seed):
    dice = random.Random(seed)
    some = dice.sample([table for table in TABLES if DROPPED[table]], 8)
    assert_none_or_as_before([f"{table}.{dice.choice(DROPPED[table])}" for table in some])


@pytest.mark.slow
@pytest.mark.parametrize("name", EACH)
def test_a_column_that_is_not_there_takes_values_away_and_changes_none(name):
    assert_none_or_as_before([name])
