"""Terms: numbers for each entity and period, and the arithmetic that joins them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Needs = Mapping[str, frozenset[str]]  # columns, by table
Lag = Literal["previous", "year_ago"]

# What is read of targets: whose, of which KPI, for which period, and how much.
OF_TARGETS: Needs = MappingProxyType(
    {"targets": frozenset({"scope", "entity", "kpi", "period", "target"})}
)


class Term:
    """A number for each entity and period; sums, differences, products and quotients are terms."""

    def __add__(self, other: Term | float) -> Term:
        return Arithmetic("+", self, _term(other))

    def __sub__(self, other: Term | float) -> Term:
        return Arithmetic("-", self, _term(other))

    def __mul__(self, other: Term | float) -> Term:
        return Arithmetic("x", self, _term(other))

    def __rsub__(self, other: float) -> Term:
        return Arithmetic("-", _term(other), self)

    def __rmul__(self, other: float) -> Term:
        return Arithmetic("x", _term(other), self)

    def __truediv__(self, other: Term | float) -> Term:
        return Arithmetic("/", self, _term(other))

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The terms that it joins or changes; none where it is counted itself."""
        return ()

    @property
    def parts(self) -> tuple[Term, ...]:
        """The parts that have to be counted before this term can be told."""
        return tuple(part for term in self.made_of for part in term.parts)

    @property
    def needs(self) -> Needs:
        """The columns that it reads, by table: those of its parts."""
        return joined(*(part.needs for part in self.parts))

    @property
    def lags(self) -> frozenset[Lag]:
        """The earlier periods on which it stands as its base."""
        return frozenset().union(*(term.lags for term in self.made_of))

    @property
    def behind(self) -> Term | None:
        """The term that counts the rows behind this one; None where a count says nothing."""
        return None

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period: a sum or count of what falls into it."""
        return False

    def at_least(self, least: float) -> Term:
        """Return the term, and `least` where it lies below that."""
        return Floored(self, least)

    @property
    def adds_across(self) -> bool:
        """Whether it grows with the number of partners that it is told of, as sums do."""
        return True

    @property
    def words(self) -> str:
        """The term as a person would say it, for those that say it themselves."""
        return ""


@dataclass(frozen=True)
class Constant(Term):
    """A plain number."""

    value: float

    @property
    def adds_across(self) -> bool:
        """It does not: it is the same for all."""
        return False


@dataclass(frozen=True)
class Length(Term):
    """A length of time of the period so far; blocks: its weeks, the last of them a part."""

    unit: Literal["months", "weeks", "days", "blocks"]

    @property
    def adds_across(self) -> bool:
        """It does not: it counts once, however many partners there are."""
        return False


@dataclass(frozen=True)
class TargetOf(Term):
    """The target of a KPI for the whole of a period, as it was agreed: never paced."""

    kpi: str

    @property
    def needs(self) -> Needs:
        """The columns that it reads: those of the table targets."""
        return OF_TARGETS

    @property
    def words(self) -> str:
        """The term in words."""
        return f"target of {self.kpi}"


@dataclass(frozen=True)
class Lagged(Term):
    """A term as it stood in the previous period, or in the same one a year ago."""

    of: Term
    lag: Lag

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The term."""
        return (self.of,)

    @property
    def lags(self) -> frozenset[Lag]:
        """Its own period, and those of the term."""
        return self.of.lags | {self.lag}

    @property
    def behind(self) -> Term | None:
        """The count behind it, as it stood then."""
        return None if self.of.behind is None else Lagged(self.of.behind, self.lag)

    @property
    def adds_across(self) -> bool:
        """Whether the term itself does."""
        return self.of.adds_across


@dataclass(frozen=True)
class Of(Term):
    """A term of the whole company, or of direct business, beside whatever scope is asked for."""

    of: Term
    scope: Literal["company", "direct"]

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The term."""
        return (self.of,)

    @property
    def behind(self) -> Term | None:
        """The count behind it in that scope."""
        return None if self.of.behind is None else Of(self.of.behind, self.scope)

    @property
    def adds_across(self) -> bool:
        """It does not: it is the same for all."""
        return False


@dataclass(frozen=True)
class ByScope(Term):
    """A term that reads other rows in some scopes; `usual` in all the others."""

    usual: Term
    others: Mapping[str, Term]

    @property
    def made_of(self) -> tuple[Term, ...]:
        """All of them."""
        return (self.usual, *self.others.values())

    @property
    def behind(self) -> Term | None:
        """The counts behind them, scope by scope."""
        if self.usual.behind is None:
            return None
        behind = {scope: term.behind for scope, term in self.others.items()}
        return ByScope(self.usual.behind, {k: v for k, v in behind.items() if v is not None})

    @property
    def adds_up(self) -> bool:
        """Whether the usual one does."""
        return self.usual.adds_up

    @property
    def adds_across(self) -> bool:
        """Whether the usual one does."""
        return self.usual.adds_across


@dataclass(frozen=True)
class Arithmetic(Term):
    """Two terms, joined by a sign."""

    sign: Literal["+", "-", "x", "/"]
    left: Term
    right: Term

    @property
    def made_of(self) -> tuple[Term, ...]:
        """Both."""
        return (self.left, self.right)

    @property
    def needs(self) -> Needs:
        """The columns of both."""
        return joined(self.left.needs, self.right.needs)

    @property
    def adds_across(self) -> bool:
        """Whether either does; of a quotient, whether only what stands above the line does."""
        left, right = self.left.adds_across, self.right.adds_across
        return left and not right if self.sign == "/" else left or right


@dataclass(frozen=True)
class Floored(Term):
    """A term, and `least` where it lies below that."""

    of: Term
    least: float

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The term."""
        return (self.of,)


def joined(*needs: Needs) -> dict[str, frozenset[str]]:
    """Return the columns of all of them, by table, in the order in which the tables come."""
    tables = dict.fromkeys(table for each in needs for table in each)
    return {t: frozenset().union(*(each.get(t, ()) for each in needs)) for t in tables}


def year_ago(term: Term) -> Lagged:
    """Return the term as it stood in the same period a year ago."""
    return Lagged(term, "year_ago")


def previous(term: Term) -> Lagged:
    """Return the term as it stood in the period before."""
    return Lagged(term, "previous")


def of_company(term: Term) -> Of:
    """Return the term of the whole company, whatever scope is asked for."""
    return Of(term, "company")


def of_direct(term: Term) -> Of:
    """Return the term of direct business, whatever scope is asked for."""
    return Of(term, "direct")


def _term(value: Term | float) -> Term:
    return value if isinstance(value, Term) else Constant(float(value))
