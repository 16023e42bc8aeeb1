"""What a run says of its figures beside the reports: disputes, and past figures that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.periods import Period
from kpi_lib.run import Run
from kpi_lib.show.common import data_notes
from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_value
from kpi_lib.show.common.period_words import period_name

LISTED, LARGEST = 20, 6  # changes that the index lists, and that run.json holds
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
        """Return the findings as run.json shows them."""
        return {
            "disputes": {"figures": self.disputed, "of_this_period": self.of_this_period},
            "restatements": {
                "figures": self.restated,
                "largest": list(self.largest),
                "not_compared": list(self.not_compared),
            },
        }


def findings_of(run: Run) -> Findings:
    """Return what there is to say of a run's figures."""
    disputed, changed = run.comparisons.disputed(), run.comparisons.restatements
    listed = changed.filter(pl.col("scope").is_in(SCOPES)).head(LISTED).to_dicts()
    own = pl.col("period") == str(run.period)
    return Findings(
        disputed=len(disputed),
        of_this_period=len(disputed.filter(own)),
        restated=len(changed),
        largest=tuple(listed[:LARGEST]),
        lines=tuple(_lines(listed, run)),
        not_compared=run.restated.not_compared,
    )


def _lines(changes: Iterable[Mapping[str, Any]], run: Run) -> Iterator[str]:
    """Yield each change in words: Q2 2026, Joint revenue of Alder: was £100, is £90."""
    names = dict(run.results.partners.select("partner_id", "name").iter_rows())
    kpis, currency = catalogue_of(run.settings), run.settings.reporting_currency
    for row in changes:
        kpi = kpis.get(row["kpi"])
        name, unit = (kpi.name, kpi.written_in) if kpi else (row["kpi"], "number")
        say = partial(format_value, unit=unit, currency=currency)
        yield _(
            "{period}, {name} of {whose}: {moved}",
            period=period_name(Period.parse(row["period"], run.period.year_end)),
            name=_(name),
            whose=_(WHOSE.get(row["scope"], "")) or names.get(row["entity"], row["entity"]),
            moved=data_notes.was_and_is(row["published"], row["now"], say),
        )
