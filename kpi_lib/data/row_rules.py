"""What the remarks of the contract forbid or find odd, row by row, one line each.

A rule needs its columns; where the source lacks one it says nothing. Its expression marks the rows
that break it; a null in it is no breach. Rules that look at several rows stand in `across.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from kpi_lib.data.faults import ODD, RULE, Severity
from kpi_lib.data.schema import Table


@dataclass(frozen=True)
class Rule:
    """A breach, the column that is named for it, and the words."""

    table: str
    column: str
    breach: pl.Expr
    fault: str
    needs: frozenset[str]
    severity: Severity = "fault"

    @property
    def rank(self) -> int:
        """Where it stands among the faults."""
        return RULE if self.severity == "fault" else ODD


def _rule(table: str, column: str, breach: pl.Expr, fault: str) -> Rule:
    return Rule(table, column, breach, fault, frozenset(breach.meta.root_names()))


def _order(table: str, earlier: str, *later: str) -> Iterator[Rule]:
    """Dates in an impossible order are odd, not forbidden."""
    for name in later:
        breach = pl.col(name) < pl.col(earlier)
        yield Rule(
            table, name, breach, f"before {earlier}", frozenset((earlier, name)), severity="warning"
        )


def _fault_rules() -> Iterator[Rule]:
    """Yield the rules on what the columns of a row may not say together."""
    col = pl.col
    returned = col("status") == "returned"
    for name in ("amount", "cost", "quantity"):
        yield _rule("orders", name, returned & (col(name) > 0), "above 0 on a return")
    ended = col("outcome").is_in(["won", "lost"])
    no_day = "no day for a deal that is won or lost"
    yield _rule("deals", "closed_on", ended & col("closed_on").is_null(), no_day)
    for instrument, low, high in (("nps", 0, 10), ("csat", 1, 5)):
        outside = (col("instrument") == instrument) & ~col("score").is_between(low, high)
        yield _rule("surveys", "score", outside, f"not within {low} to {high} of {instrument}")
    awareness = (col("instrument") == "brand_awareness") & (col("score") != 0) & (col("score") != 1)
    yield _rule("surveys", "score", awareness, "not 0 or 1 of brand_awareness")
    yield _rule("training", "score", ~col("score").is_between(0, 100), "not within 0 to 100")
    direct = (col("channel") == "direct") & col("partner_id").is_not_null()
    yield _rule("costs", "partner_id", direct, "a partner on a cost of channel direct")
    everyone = col("scope").is_in(["all", "portfolio"]) & (col("entity") != "*")
    yield _rule("targets", "entity", everyone, "not * with scope all or portfolio")
    yield _rule("fx_rates", "rate", col("rate") <= 0, "a rate of 0 or below")


def _warning_rules() -> Iterator[Rule]:
    """Yield the rules on what is odd in a row, but counts."""
    below = (pl.col("status") == "completed") & (pl.col("amount") < 0)
    words = "below 0 on a completed order; a return has the status returned"
    yield replace(_rule("orders", "amount", below, words), severity="warning")


RULES: tuple[Rule, ...] = (
    *_fault_rules(),
    *_warning_rules(),
    *_order("partners", "joined_on", "left_on"),
    *_order("invoices", "issued_on", "due_on", "paid_on"),
    *_order("leads", "created_on", "qualified_on", "opportunity_on", "converted_on"),
    *_order("deals", "opened_on", "closed_on"),
    *_order("programs", "offered_on", "joined_on"),
    *_order("training", "enrolled_on", "completed_on", "certified_on"),
    *_order("training", "certified_on", "certificate_until"),
    *_order("solutions", "concept_on", "launched_on"),
    *_order("incidents", "occurred_on", "resolved_on"),
    *_order("objectives", "starts_on", "due_on"),
)


def rules_of(table: Table, columns: frozenset[str]) -> list[Rule]:
    """Return the rules of a table that its columns allow to ask."""
    return [rule for rule in RULES if rule.table == table.name and rule.needs <= columns]


MAIN_DATE = "the main date"


@dataclass(frozen=True)
class AcrossTables:
    """A day of a row that is odd beside one of the row that its id points to.

    `table`: None for every table whose rows point there; `column`: theirs, or their main date.
    """

    parent: str
    parents_date: str
    table: str | None
    column: str
    words: str
    is_after: bool = False

    def breach(self, ours: pl.Expr, theirs: pl.Expr) -> pl.Expr:
        """Return which rows are odd; one without either day is not."""
        return ours > theirs if self.is_after else ours < theirs


ACROSS_TABLES = (
    AcrossTables("partners", "left_on", None, MAIN_DATE, "after the partner left", is_after=True),
    AcrossTables("orders", "ordered_on", "deliveries", "delivered_on", "before the order"),
    AcrossTables("orders", "ordered_on", "surveys", "responded_on", "before the order"),
    AcrossTables("invoices", "issued_on", "payments", "received_on", "before the invoice"),
)
