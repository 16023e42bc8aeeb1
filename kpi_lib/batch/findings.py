"""What a run says of its figures beside the reports: disputes, and past figures that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from kpi_lib.engine.kpi import Kpi
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import Results
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.show.common import data_notes as remarks
from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_value
from kpi_lib.show.common.period_words import period_name

TOLD, LARGEST = 20, 6  # changes that the index lists, and that run.json holds
SCOPES = ("partner", "portfolio", "company")  # the roll-ups between them follow from these
WHOSE = {"portfolio": N_("all partners"), "company": N_("the company")}


@dataclass(frozen=True)
class Findings:
    """What a run found of its figures.

    `disputed`: figures in dispute, `of_this_period` those of the run's own. `restated`: figures
    that differ from what was published; `largest` of them as rows, `lines` as people read them.
    `not_compared`: what was published and could not be held against this run, and why.
    """

    disputed: int = 0
    of_this_period: int = 0
    restated: int = 0
    largest: tuple[Mapping[str, Any], ...] = ()
    lines: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as run.json shows it."""
        return {
            "disputes": {"figures": self.disputed, "of_this_period": self.of_this_period},
            "restatements": {
                "figures": self.restated,
                "largest": list(self.largest),
                "not_compared": list(self.not_compared),
            },
        }


def findings_of(
    compared: Compared, results: Results, settings: Settings, not_compared: tuple[str, ...]
) -> Findings:
    """Return what there is to say of a run's figures."""
    disputed, changed = compared.disputed(), compared.restatements
    told = changed.filter(pl.col("scope").is_in(SCOPES)).head(TOLD).to_dicts()
    names = dict(results.partners.select("partner_id", "name").iter_rows())
    kpis = catalogue_of(settings)
    own = pl.col("period") == str(results.calendar.period)
    return Findings(
        disputed=len(disputed),
        of_this_period=len(disputed.filter(own)),
        restated=len(changed),
        largest=tuple(told[:LARGEST]),
        lines=tuple(_line(row, kpis.get(row["kpi"]), names, settings) for row in told),
        not_compared=not_compared,
    )


def _line(
    row: Mapping[str, Any], kpi: Kpi | None, names: Mapping[str, str], settings: Settings
) -> str:
    """Return a change in words: Q2 2026, Joint revenue of Alder: was £100, is £90."""
    whose = _(WHOSE.get(row["scope"], "")) or names.get(row["entity"], row["entity"])
    when = period_name(Period.parse(row["period"], settings.year_end))
    name, unit = (kpi.name, kpi.written_in) if kpi else (row["kpi"], "number")
    say = partial(format_value, unit=unit, currency=settings.reporting_currency)
    moved = remarks.was_and_is(row["published"], row["now"], say)
    told = {"period": when, "name": _(name), "whose": whose, "moved": moved}
    return _("{period}, {name} of {whose}: {moved}", **told)
