"""A term of one's own: one class with all that is known of it, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.formula import Formula, Term, rows
from kpi_lib.engine.relation import collect
from kpi_lib.engine.selection import Needs
from kpi_lib.engine.shares import ADDS, Counted, counted
from kpi_lib.engine.terms.term import CountedTerm
from kpi_lib.evidence.explain import explain
from kpi_lib.evidence.rows_behind import rows_behind
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.registry import REGISTRY
from kpi_lib.measure.compute import Options, compute_with_working
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of

ORDERS = "a c1 07-01 60 | a c2 07-02 40 | b c3 07-03 90 | - c4 07-04 10"


@dataclass(frozen=True)
class Largest(CountedTerm):
    """The largest value of a column."""

    of: str

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.rows.key, "largest", self.of)

    @property
    def needs(self) -> Needs:
        return self.rows.needs(frozenset({self.of}))

    @classmethod
    def count(cls, members: Sequence[Largest], cube: Cube) -> Iterator[np.ndarray]:
        for term in members:
            found = collect(cube.scanner.rows(term.rows).select("partner_id", "slot", term.of))
            of_all = found.join(cube.entities.membership, on="partner_id", nulls_equal=True)
            largest = of_all.group_by("index", "slot").agg(pl.col(term.of).max().cast(float))
            array = np.full(cube.shape, np.nan)
            array[largest["index"], largest["slot"]] = largest[term.of]
            yield array

    def counted(self, cell: Cell) -> Counted:
        frame = cell.rows(self.rows, **{ADDS: nw.col(self.of)}).sort(ADDS).tail(1)
        return counted(self.rows, frame)

    def in_words(self) -> str:
        return f"largest {self.of} of {self.rows.table}"


@pytest.fixture
def shares(monkeypatch) -> None:
    """Let a KPI of the catalogue be the largest order, as a share of all."""
    orders = rows("orders", when="ordered_on")
    formula = Formula(Largest(orders, "amount"), per=orders.sum("amount"))
    monkeypatch.setitem(REGISTRY, "orders", replace(catalogue()["orders"], formula=formula))


@pytest.mark.parametrize(
    ("partner", "share"), [("a", 60 / 100), ("b", 1.0), (None, 90 / 200)], ids=str
)
def test_a_term_of_ones_own_is_computed_explained_and_shown_with_its_rows(shares, partner, share):
    dataset = dataset_of(partners="a 2020-01-01 | b 2020-01-01", orders=ORDERS)
    run = compute_with_working(
        dataset, Settings(), Period.parse("2026-Q3"), options=Options(only=["orders"])
    )
    found = explain("orders", run[0], partner, run[1])
    assert found.row.value == share
    assert found.numerator == "largest amount of orders"
    assert found.equation[0] == ("largest amount of orders", found.row.numerator)
    counted = rows_behind("orders", *run, partner)
    assert counted["to_numerator"].sum() == found.row.numerator
    assert counted["to_denominator"].sum() == found.row.denominator


class Nameless(Term):
    """A term that does not say what it is called."""

    def figures(self, cube: Cube) -> np.ndarray:
        return np.zeros(cube.shape)


def test_a_term_that_leaves_something_out_cannot_be_made():
    with pytest.raises(TypeError, match="in_words"):
        Nameless()
