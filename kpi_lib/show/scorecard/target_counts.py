"""How many measures are held against a target, and what came of it: counted and said here alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kpi_lib.show.common.language import _, several
from kpi_lib.show.common.numbers import format_count
from kpi_lib.show.common.slice import HELD, JUDGED, Measure


@dataclass(frozen=True)
class TargetCounts:
    """Measures with a value and a target: their number, of those judged, and of those on track.

    What is not judged stands on too few cases to say.
    """

    total: int
    judged: int
    on_track: int

    @classmethod
    def of(cls, measures: Iterable[Measure]) -> TargetCounts:
        """Return how many of the measures are held against a target."""
        of_all = [measure.status for measure in measures]
        statuses = [status for status in of_all if status in HELD]
        judged = [status for status in statuses if status in JUDGED]
        return cls(len(statuses), len(judged), judged.count("on_track"))

    @property
    def unsure(self) -> int:
        """Those that stand on too few cases to say."""
        return self.total - self.judged


def in_a_sentence(counts: TargetCounts) -> str:
    """Say how many of two or more measures are on track, within a sentence."""
    judged = _on_track_clause(counts)
    if not counts.unsure:
        return judged
    return several(
        "{judged}, and {count} stands on too few cases to say",
        "{judged}, and {count} stand on too few cases to say",
        counts.unsure,
        judged=judged,
        count=format_count(counts.unsure),
    )


def in_short(counts: TargetCounts) -> str:
    """Return how many measures are on track, in the few words that stand above a table."""
    judged = several(
        "{on_track} of {count} measure held against a target on track",
        "{on_track} of {count} measures held against a target on track",
        counts.total,
        on_track=format_count(counts.on_track),
        count=format_count(counts.total),
    )
    if not counts.unsure:
        return judged
    few = _("{count} with too few cases to say", count=format_count(counts.unsure))
    return f"{judged}, {few}"


def _on_track_clause(counts: TargetCounts) -> str:
    """Return how many measures are on track, in words."""
    words = {"part": format_count(counts.on_track), "count": format_count(counts.total)}
    if not counts.on_track:
        return _("none of the {count} measures held against a target are on track", **words)
    if counts.on_track == counts.total:
        if counts.total == 2:
            return _("both measures held against a target are on track")
        return _("all {count} measures held against a target are on track", **words)
    return several(
        "{part} of {count} measures held against a target is on track",
        "{part} of {count} measures held against a target are on track",
        counts.on_track,
        **words,
    )
