"""What a rule of the playbook is made of: of which KPIs, when, what is to be done, by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from kpi_lib.audience import Disclosure
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.scopes import Side
from kpi_lib.yaml_file import Model

# The roles that have a name of their own with each partner: a column of the table partners.
NAMED = {"account_manager": "manager", "partner": "name"}


def _listed(value: object) -> object:
    """Return one word as a list of it: `kpi: revenue` says the same as `kpi: [revenue]`."""
    return (value,) if isinstance(value, str) else value


_List = (BeforeValidator(_listed), Field(strict=False))
Light = Literal["on_track", "at_risk", "off_track"]
Names = Annotated[tuple[str, ...], *_List]
Sides = Annotated[tuple[Side, ...], *_List]
Lights = Annotated[tuple[Light, ...], *_List]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")]
Words = Annotated[dict[Language, Annotated[str, Field(min_length=1)]], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Limit = Annotated[float, Field(allow_inf_nan=False)]


class When(Model):
    """What must hold of a KPI's row, all of it; shares are of the size of what it is held against.

    `above` and `below` are in the KPI's own unit. `behind_peers`: ahead of at most that share of
    them. `missing`: there was a value in the previous period, and there is none now.
    """

    status: Lights = ()
    behind_target: Share | None = None
    ahead_of_target: Share | None = None
    off_track_periods: Annotated[int, Field(ge=1, le=8)] | None = None
    above: Limit | None = None
    below: Limit | None = None
    behind_year_ago: Share | None = None
    ahead_of_year_ago: Share | None = None
    behind_previous: Share | None = None
    behind_benchmark: Share | None = None
    behind_peers: Annotated[float, Field(ge=0, le=1)] | None = None
    trend: Literal["worsening", "improving"] | None = None
    missing: bool = False

    @property
    def conditions(self) -> frozenset[str]:
        """The names of what it asks for."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return frozenset(
            n for n, v in values.items() if v is not None and v is not False and v != ()
        )


class Stake(Model):
    """KPIs whose values turn a gap into money: the gap x `times` / `over`, of which it is a part.

    `of`: the total in money that bounds it; by default the first of `times` that is one.
    """

    times: Names = ()
    over: Names = ()
    of: str = ""


class Rule(Model):
    """One rule. `kpi`, `family` and `side` all narrow down; none of them: every KPI.

    `or_when`: a second case, tried where the first does not hold. `cases`: a rate or a mean of
    fewer says too little.
    """

    kpi: Names = ()
    family: Names = ()
    side: Sides = ()
    when: When
    or_when: When | None = None
    action: Words
    next_step: Words
    owner: str
    due_days: Annotated[int, Field(ge=0, le=366)]
    edition: Disclosure = "shared"
    priority: Literal["high", "normal", "low"] = "normal"
    stake: Stake | None = None
    cases: Annotated[int, Field(ge=0)] = 10

    @property
    def cases_of_when(self) -> dict[str, When]:
        """The cases in which it holds, by their keys, in the order in which they are tried."""
        return {"when": self.when} | ({"or_when": self.or_when} if self.or_when else {})

    def is_about(self, kpi: Kpi) -> bool:
        """Say whether it is about that KPI, whoever answers for it."""
        named = not self.kpi or kpi.id in self.kpi
        return named and (not self.family or kpi.family in self.family)


class Playbook(Model):
    """The owners by role, and the rules in the order in which they are tried."""

    owners: dict[Name, Words] = Field(default_factory=dict)
    rules: dict[Name, Rule] = Field(default_factory=dict)

    def by_kpi(self, kpis: Iterable[Kpi]) -> RulesByKpi:
        """Return the rules that are about each KPI, in their order."""
        rules = {k.id: [(n, r) for n, r in self.rules.items() if r.is_about(k)] for k in kpis}
        return RulesByKpi(self.owners, rules)

    def texts(self) -> Iterator[tuple[str, Words]]:
        """Yield every text in its languages, and the key on which it stands."""
        yield from ((f"owners.{role}", words) for role, words in self.owners.items())
        for name, rule in self.rules.items():
            yield f"rules.{name}.action", rule.action
            yield f"rules.{name}.next_step", rule.next_step


@dataclass(frozen=True)
class RulesByKpi:
    """A playbook as it is used: the names and rules about each KPI by its id."""

    owners: Mapping[str, Words]
    rules: Mapping[str, list[tuple[str, Rule]]]
