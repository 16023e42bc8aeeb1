"""Who was a partner by the last day that counts, among those that a call names."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_lib.errors import CallError, Problem
from kpi_lib.measure.compute import Results

IDS = "Ids are those of the table partners, upper and lower case as written there."
LATER = "Leave it out, or name a later period."


def require_joined(named: Iterable[str], results: Results) -> None:
    """Raise CallError for every id that is no partner's, or that of one who joins later."""
    strange = sorted(set(named) - set(results.partners["partner_id"]))
    later = {partner_id: results.why_not_yet(partner_id) for partner_id in strange}
    problems = [Problem("partners", why, LATER) for why in later.values() if why]
    unknown = [partner_id for partner_id, why in later.items() if not why]
    if unknown:
        found = f"no such partner by {results.calendar.as_of}: {', '.join(unknown)}"
        problems.append(Problem("partners", found, IDS))
    if problems:
        raise CallError(problems)
