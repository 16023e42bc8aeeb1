"""Who was a partner by the last day that counts, among those that a call names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.errors import CallError, Problem
from kpi_lib.measure.compute import Results

IDS = "Ids are those of the table partners, upper and lower case as written there."


def require_joined(named: Iterable[str], results: Results, dataset: Dataset) -> None:
    """Raise CallError for every id that is no partner's, or that of one who joins later."""
    strange = sorted(set(named) - set(results.partners["partner_id"]))
    later = joining_later(results, dataset)
    as_of = results.calendar.as_of
    problems = [
        Problem(
            f"partner {partner_id}",
            f"it joins on {later[partner_id]}, after {as_of}: it has no page in this period",
            "Leave it out, or name a later period.",
        )
        for partner_id in strange
        if partner_id in later
    ]
    unknown = [partner_id for partner_id in strange if partner_id not in later]
    if unknown:
        found = f"no such partner by {as_of}: {', '.join(unknown)}"
        problems.append(Problem("partners", found, IDS))
    if problems:
        raise CallError(problems)


def joining_later(results: Results, dataset: Dataset) -> dict[str, date]:
    """Return the partners that join after the last day that counts, and when they do."""
    after = dataset.tables["partners"].filter(pl.col("joined_on") > results.calendar.as_of)
    told = after.select("partner_id", "joined_on").sort("partner_id").collect()
    return dict(told.iter_rows())
