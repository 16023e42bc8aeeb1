"""How many measures are held against a target, and what came of it: counted and said here alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kpi_lib.show.common.language import _, several
from kpi_lib.show.common.numbers import format_count
from kpi_lib.show.common.slice import HELD, JUDGED, Measure


@dataclass(frozen=True)
class Held:
    """Measures with a value and a target: their number, of those judged, and of those on track.

    What is not judged stands on too few cases to say.
    """

    total: int
    judged: int
    on_track: int

    @classmethod
    def of(cls, measures: Iterable[Measure]) -> Held:
        """Return how many of the measures are held against a target."""
        told = [measure.status for measure in measures]
        statuses = [status for status in told if status in HELD]
        judged = [status for status in statuses if status in JUDGED]
        return cls(len(statuses), len(judged), judged.count("on_track"))

    @property
    def unsure(self) -> int:
        """Those that stand on too few cases to say."""
        return self.total - self.judged


def in_a_sentence(held: Held) -> str:
    """Say how many of two or more measures are on track, within a sentence."""
    told = _on_track(held)
    if not held.unsure:
        return told
    return several(
        "{told}, and {count} stands on too few cases to say",
        "{told}, and {count} stand on too few cases to say",
        held.unsure,
        told=told,
        count=format_count(held.unsure),
    )


def in_short(held: Held) -> str:
    """Say the same above a table, of one measure or more."""
    told = several(
        "{on_track} of {count} measure held against a target on track",
        "{on_track} of {count} measures held against a target on track",
        held.total,
        on_track=format_count(held.on_track),
        count=format_count(held.total),
    )
    if not held.unsure:
        return told
    few = _("{count} with too few cases to say", count=format_count(held.unsure))
    return f"{told}, {few}"


def _on_track(held: Held) -> str:
    told = {"part": format_count(held.on_track), "count": format_count(held.total)}
    if not held.on_track:
        return _("none of the {count} measures held against a target are on track", **told)
    if held.on_track == held.total:
        if held.total == 2:
            return _("both measures held against a target are on track")
        return _("all {count} measures held against a target are on track", **told)
    return several(
        "{part} of {count} measures held against a target is on track",
        "{part} of {count} measures held against a target are on track",
        held.on_track,
        **told,
    )
