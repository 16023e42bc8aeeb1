"""Row expressions that know which columns they read.

A declaration writes them as pandas would: `field("amount") - field("cost")`,
`field("status").is_in("completed", "returned")`. The engine turns them into Narwhals expressions,
so that one declaration runs on Polars, DuckDB and Spark; the names of the columns say what a KPI
needs. Dates are day numbers here (days since 1970-01-01): a difference is a number on every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import narwhals.stable.v2 as nw

Operand: TypeAlias = "Field | int | float | str"

# Columns that the engine lays beside every row: its period's first day and the last that counts.
START = "period_start"
AS_OF = "period_as_of"
MATURITY = "maturity_days"  # of the settings
BY_THE_ENGINE = frozenset({START, AS_OF, MATURITY})


@dataclass(frozen=True, eq=False)
class Field:
    """An expression over the columns of one row; `text` is its reading and its identity."""

    text: str
    columns: frozenset[str]
    build: Callable[[], nw.Expr]

    def _combined(self, other: Operand, sign: str, build: Callable[..., nw.Expr]) -> Field:
        """Return this field and another operand as one expression, such as `amount - cost`."""
        right = other if isinstance(other, Field) else literal(other)
        return Field(
            f"({self.text} {sign} {right.text})",
            self.columns | right.columns,
            lambda: build(self.build(), right.build()),
        )

    def __add__(self, other: Operand) -> Field:
        return self._combined(other, "+", lambda a, b: a + b)

    def __sub__(self, other: Operand) -> Field:
        return self._combined(other, "-", lambda a, b: a - b)

    def __mul__(self, other: Operand) -> Field:
        return self._combined(other, "x", lambda a, b: a * b)

    def __truediv__(self, other: Operand) -> Field:
        return self._combined(other, "/", lambda a, b: a / b)

    def __eq__(self, other: Operand) -> Field:  # type: ignore[override]
        return self._combined(other, "is", lambda a, b: a == b)

    def __ne__(self, other: Operand) -> Field:  # type: ignore[override]
        return self._combined(other, "is not", lambda a, b: a != b)

    def __ge__(self, other: Operand) -> Field:
        return self._combined(other, ">=", lambda a, b: a >= b)

    def __gt__(self, other: Operand) -> Field:
        return self._combined(other, ">", lambda a, b: a > b)

    def __le__(self, other: Operand) -> Field:
        return self._combined(other, "<=", lambda a, b: a <= b)

    def __lt__(self, other: Operand) -> Field:
        return self._combined(other, "<", lambda a, b: a < b)

    def __and__(self, other: Field) -> Field:
        return self._combined(other, "and", lambda a, b: a & b)

    def __or__(self, other: Field) -> Field:
        return self._combined(other, "or", lambda a, b: a | b)

    def is_in(self, *values: str) -> Field:
        """Return the condition that the column is one of the values."""
        text = f"({self.text} in {', '.join(values)})"
        return Field(text, self.columns, lambda: self.build().is_in(values))

    def is_known(self) -> Field:
        """Return the condition that the column is not null."""
        return Field(f"({self.text} is known)", self.columns, lambda: ~self.build().is_null())

    def negated(self) -> Field:
        """Return the condition that this one does not hold."""
        return Field(f"(not {self.text})", self.columns, lambda: ~self.build())

    def or_else(self, other: Operand) -> Field:
        """Return the column, and `other` where it is null."""
        right = other if isinstance(other, Field) else literal(other)
        return Field(
            f"({self.text}, else {right.text})",
            self.columns | right.columns,
            lambda: nw.coalesce(self.build(), right.build()),
        )

    def weeks_since(self, day: Field) -> Field:
        """Return the number of the block of seven days, counted from `day`, from 0."""
        return self._combined(day, "in weeks since", lambda a, b: (a - b) // 7)

    def least(self, other: Operand) -> Field:
        """Return the lesser of the two."""
        return self._combined(other, "at most", lambda a, b: nw.when(a <= b).then(a).otherwise(b))

    def most(self, other: Operand) -> Field:
        """Return the greater of the two."""
        return self._combined(other, "at least", lambda a, b: nw.when(a >= b).then(a).otherwise(b))


def field(name: str) -> Field:
    """Return the column of that name."""
    return Field(name, frozenset({name}) - BY_THE_ENGINE, lambda: nw.col(name))


def literal(value: int | float | str) -> Field:
    """Return a constant."""
    return Field(str(value), frozenset(), lambda: nw.lit(value))


period_start = field(START)
as_of = field(AS_OF)


def bare(text: str) -> str:
    """Return an expression's text without the one pair of brackets around it."""
    around = text.startswith("(") and text.endswith(")") and text.count("(") == 1
    return text[1:-1] if around else text


def things(*keys: str) -> str:
    """Return what keys stand for, as several of them; whose they are goes without saying.

    >>> things("customer_id"), things("partner_id", "occurred_on")
    ('customers', 'days')
    >>> things("customer_id", "market_id")
    'pairs of customer and market'
    """
    own = [key for key in keys if key != "partner_id"] or ["partner"]
    names = ["day" if key.endswith("_on") else key.removesuffix("_id") for key in own]
    names = [name.replace("_", " ") for name in names]
    return f"{names[0]}s" if len(names) == 1 else f"pairs of {' and '.join(names)}"
