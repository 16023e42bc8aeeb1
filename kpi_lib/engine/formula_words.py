"""Formulas in words: what a term is, as a person would say it."""

from __future__ import annotations

from kpi_lib.engine.fields import Field
from kpi_lib.engine.formula import (
    Arithmetic,
    ByScope,
    Constant,
    Firsts,
    Floored,
    Gaps,
    GroupPart,
    Lagged,
    Length,
    Median,
    Of,
    Part,
    SumOfKnown,
    Term,
)
from kpi_lib.engine.terms.attainment import Score
from kpi_lib.engine.terms.by_last_day import ByLastDay
from kpi_lib.engine.terms.each_partner import Above, EachPartner


def in_words(term: Term) -> str:
    """Return a term as a person would say it."""
    match term:
        case Lagged(of, lag):
            return f"{in_words(of)}, {lag_in_words(lag)}"
        case Of(of, scope):
            return f"{in_words(of)}, of {'the whole company' if scope == 'company' else scope}"
        case ByScope(usual, _):
            return in_words(usual)
        case Arithmetic(sign, left, right):
            return f"{_within(left)} {sign} {_within(right)}"
        case EachPartner(of, given):
            return f"{in_words(of)}, of the partners with a {in_words(given)}"
        case Floored(of, least):
            return f"{in_words(of)}, {least:g} where it is below that"
        case SumOfKnown(of):
            return in_words(of)
        case Above(left, right):
            return f"1 where {in_words(left)} is above {in_words(right)}"
        case Length(unit):
            return f"{unit} of the period"
        case Constant(value):
            return f"{value:g}"
        case _:
            return _counted_in_words(term)


def _counted_in_words(term: Term) -> str:
    """Return a part as a person would say it."""
    match term:
        case Part():
            of = term.of.text if term.of is not None else ""
            rows = f"rows of {term.rows.table}{_where(term.rows.condition)}"
            return f"sum of {of} over {rows}" if of else f"number of {rows}"
        case GroupPart():
            of = f"sum of {term.of.text} over" if term.of is not None else "number of"
            return f"{of} distinct {', '.join(term.groups.keys)} with {term.condition.text}"
        case Gaps():
            what = "sum of" if term.reduce == "sum" else "number of"
            return f"{what} days between consecutive {term.day} of a {term.by}"
        case Median():
            return f"median of {term.of.text} over rows of {term.rows.table}"
        case _:
            return term.words


def _within(term: Term) -> str:
    """Return a term as it stands within another: a sum of its own in brackets."""
    return f"({in_words(term)})" if isinstance(term, Arithmetic) else in_words(term)


def _where(condition: Field | None) -> str:
    return "" if condition is None else f" where {condition.text}"


def lag_in_words(lag: str) -> str:
    """Return which period an earlier figure is of."""
    return "a year ago" if lag == "year_ago" else "in the period before"


def in_short(term: Term, below: Term | None = None) -> str:
    """Return in a few words what a counted figure is of: deliveries, amount of orders.

    `below`: what it is told of; what sets it apart from that is told too.
    """
    match term:
        case Part():
            table = term.rows.table.replace("_", " ")
            what = table if term.of is None else f"{_bare(term.of.text)} of {table}"
            return what + _apart(term, below)
        case GroupPart() if term.of is None:
            return f"{_things(*term.groups.keys)} with {_bare(term.condition.text)}"
        case GroupPart(groups, _, Field() as of):
            return f"{_bare(of.text)} by {', '.join(groups.keys)}"
        case Gaps():
            return "gaps" if term.reduce == "count" else f"days between two {term.day}"
        case Of(of, scope):
            whose = "of the company" if scope == "company" else f"of {scope} business"
            return f"{in_short(of)} {whose}"
        case EachPartner(of, _) | Floored(of, _) | SumOfKnown(of):
            return in_short(of, below)
        case Length(unit):
            return unit
        case Above(_, right):
            return f"partners above their {in_short(right)}"
        case Score():
            return "out of 100 attained"
        case Firsts() | ByLastDay():
            return _things(term.by)
        case _:
            return in_words(term).removeprefix("number of ")


def _apart(part: Part, below: Term | None) -> str:
    """Return which rows count of those below the line, where these are the same but for that."""
    mine = part.rows.condition
    if not isinstance(below, Part) or mine is None or part.rows.base.key != below.rows.base.key:
        return ""
    theirs = below.rows.condition
    shared = "" if theirs is None else f"({theirs.text} and "
    if theirs is not None and not mine.text.startswith(shared):
        return ""
    extra = mine.text[len(shared) :].removesuffix(")") if shared else _bare(mine.text)
    return f" with {_bare(extra)}"


def _bare(text: str) -> str:
    """Return a text without the one pair of brackets around it."""
    around = text.startswith("(") and text.endswith(")") and text.count("(") == 1
    return text[1:-1] if around else text


def _things(*keys: str) -> str:
    """Return what keys stand for, as several of them; whose they are goes without saying.

    >>> _things("customer_id"), _things("partner_id", "occurred_on")
    ('customers', 'days')
    >>> _things("customer_id", "market_id")
    'pairs of customer and market'
    """
    own = [key for key in keys if key != "partner_id"] or ["partner"]
    names = ["day" if key.endswith("_on") else key.removesuffix("_id") for key in own]
    names = [name.replace("_", " ") for name in names]
    return f"{names[0]}s" if len(names) == 1 else f"pairs of {' and '.join(names)}"
