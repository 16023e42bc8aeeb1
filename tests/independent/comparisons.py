"""What stands beside a value: other periods, targets, status, benchmark, peers, intervals."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

from scipy.stats import kendalltau

from .catalogue import CATALOGUE, PACKS, Kpi
from .comparing import below, same
from .customer import quantile
from .formulas import FROM_THE_BOOK, PLAIN
from .needs import needs, tables_of
from .people import observations_of, pack_adds_up, pack_formula
from .periods import IN_A_YEAR, MONTHS_IN, Period
from .slots import ATTRIBUTES, DIRECT, MissingValue, Outcome, Run, Scope, Slot, active_in
from .targets import Targets

Z = 1.959964
CADENCES = ["week", "month", "quarter", "half", "year"]


def definition(kpi: str) -> Kpi:
    """Return the catalogue's line; a pack's KPI is of the family industry."""
    if kpi in CATALOGUE:
        return CATALOGUE[kpi]
    _, unit, better = PACKS[kpi]
    return Kpi("industry", unit, better, "quarter", tables=("observations",))


class Book:
    """Every value of one run, computed once and looked up again."""

    def __init__(self, run: Run):
        self.run = run
        self.targets = Targets(run)
        self._outcomes: dict[tuple[str, Scope, Period], Outcome | str] = {}

    # --- values ---------------------------------------------------------------------------------

    def outcome(self, kpi: str, scope: Scope, period: Period) -> Outcome | str:
        """Return the figures, or why there are none."""
        key = (kpi, scope, period)
        if key not in self._outcomes:
            try:
                self._outcomes[key] = self._compute(kpi, scope, self.run.slot(period))
            except MissingValue as why:
                self._outcomes[key] = str(why)
        return self._outcomes[key]

    def _compute(self, kpi: str, scope: Scope, slot: Slot) -> Outcome:
        if any(table.startswith("model") for table in tables_of(kpi)):
            raise MissingValue("it comes from a model")
        if "targets" in tables_of(kpi) and not self.targets:
            raise MissingValue("there is no table targets")
        slot.need(needs(kpi, self.run.data))
        if kpi in PACKS:
            return pack_formula(slot, scope, kpi)
        if kpi in FROM_THE_BOOK:
            return FROM_THE_BOOK[kpi](self, slot, scope)
        return PLAIN[kpi](slot, scope)

    def definition(self, kpi: str) -> Kpi:
        return definition(kpi)

    def kpis_with_a_row(self, scope: Scope, slot: Slot) -> list[str]:
        """Return the KPIs that have a row in the scope, and are no longer in cadence than P."""
        kind = "partner_type" if scope.kind in ATTRIBUTES else scope.kind
        longest = CADENCES.index(slot.period.kind)
        own = [
            name
            for name, kpi in CATALOGUE.items()
            if CADENCES.index(kpi.cadence) <= longest and (not kpi.scopes or kind in kpi.scopes)
        ]
        quarterly = longest >= CADENCES.index("quarter")
        return own + [m for m in PACKS if quarterly and self._pack_has_row(m, scope, slot)]

    def _pack_has_row(self, measure: str, scope: Scope, slot: Slot) -> bool:
        """Whether the measure was ever observed in the scope, or is of the partner's industry."""
        industry = PACKS[measure][0]
        if scope.kind == "partner" and self.run.partners[scope.entity]["industry"] == industry:
            return True
        return bool(observations_of(slot, scope, measure))

    def value(self, kpi: str, scope: Scope, period: Period | None) -> Fraction | None:
        """Return the value that counts: none of a period beside P that is not covered."""
        if period is None or not self.run.covers(tables_of(kpi), period):
            return None
        found = self.outcome(kpi, scope, period)
        return None if isinstance(found, str) else found.value

    def past_value(self, kpi: str, scope: Scope, period: Period | None) -> Fraction | None:
        """Return the value of another period: none before the partner had joined."""
        if period is None:
            return None
        if scope.kind == "partner":
            joined = self.run.partners[scope.entity]["joined_on"]
            if self.run.slot(period).as_of < joined:
                return None
        return self.value(kpi, scope, period)

    # --- targets --------------------------------------------------------------------------------

    def pace(self, kpi: str, scope: Scope, slot: Slot) -> Fraction:
        """Return the part of the target that is due by as_of."""
        if kpi in PACKS:
            adds_up = pack_adds_up(slot, scope, kpi)
        else:
            adds_up = CATALOGUE[kpi].adds_up or kpi == "quota_attainment"
        return Fraction(slot.days, slot.period.days) if adds_up else Fraction(1)

    def goal(
        self, kpi: str, scope: Scope, period: Period
    ) -> tuple[Fraction | None, Fraction | None]:
        """Return target and minimum, paced where the run is to date."""
        row = self.targets.row(kpi, scope, period)
        if row is None:
            return None, None
        target, minimum = row["target"], row["minimum"]
        if minimum is None:
            wrong_side = -1 if definition(kpi).better == "higher" else 1
            minimum = target + wrong_side * abs(target) / 10
        pace = self.pace(kpi, scope, self.run.slot(period))
        return target * pace, minimum * pace

    def status(self, kpi: str, scope: Scope, period: Period, *, past: bool = False) -> str:
        value = (self.past_value if past else self.value)(kpi, scope, period)
        if value is None:
            return "no_data"
        better = definition(kpi).better
        target, minimum = self.goal(kpi, scope, period)
        if target is None or better == "neither":
            return "no_target"
        found = self.outcome(kpi, scope, period)
        low, high = interval(definition(kpi), found)
        if (
            low is not None
            and found.n is not None
            and found.n < 30
            and not below(target, low)
            and not below(high, target)
        ):
            return "unsure"
        if better == "lower":
            value, target, minimum = -value, -target, -minimum
        if not below(value, target):
            return "on_track"
        return "off_track" if below(value, minimum) else "at_risk"

    def off_track_periods(self, kpi: str, scope: Scope, period: Period) -> int:
        count = 0
        while (
            count < 8 and self.status(kpi, scope, period.back(count), past=count > 0) == "off_track"
        ):
            count += 1
        return count

    # --- other periods --------------------------------------------------------------------------

    def baseline(self, kpi: str, scope: Scope, period: Period) -> Fraction | None:
        row = self.targets.row(kpi, scope, period)
        if row is not None and row["baseline"] is not None:
            return row["baseline"]
        length = IN_A_YEAR[period.kind]
        values = [self.past_value(kpi, scope, period.back(k)) for k in range(1, length + 1)]
        values = [value for value in values if value is not None]
        return sum(values) / len(values) if 2 * len(values) >= length else None

    def trend(self, kpi: str, scope: Scope, period: Period) -> str | None:
        points = [(8 - k, self.past_value(kpi, scope, period.back(k))) for k in range(7, -1, -1)]
        points = [(at, value) for at, value in points if value is not None]
        if len(points) < 5:
            return None
        tau, p = kendalltau([at for at, _ in points], ranks([value for _, value in points]))
        if math.isnan(tau) or p >= 0.05 or tau == 0:
            return "flat"
        return "up" if tau > 0 else "down"

    # --- others ---------------------------------------------------------------------------------

    def peers(self, kpi: str, scope: Scope, period: Period) -> dict[str, Fraction | int | None]:
        empty = dict.fromkeys(
            ("peer_percentile", "peers", "peer_q1", "peer_median", "peer_q3"), None
        )
        better = definition(kpi).better
        own = self.value(kpi, scope, period)
        if scope.kind != "partner" or own is None or better == "neither":
            return empty
        slot = self.run.slot(period)
        its_type = self.run.partners[scope.entity]["partner_type"]
        values = [
            self.value(kpi, Scope("partner", other["partner_id"]), period)
            for other in slot.existing("partners")
            if other["partner_id"] != scope.entity
            and other["partner_type"] == its_type
            and active_in(slot, other)
        ]
        others = [value for value in values if value is not None]
        if len(others) < 5:
            return {**empty, "peers": len(others)}
        ties = sum(same(own, value) for value in others)
        beaten = sum(
            below(value, own) if better == "higher" else below(own, value) for value in others
        )
        return {
            "peer_percentile": (beaten + Fraction(ties, 2)) / len(others),
            "peers": len(others),
            "peer_q1": quantile(others, Fraction(1, 4)),
            "peer_median": quantile(others, Fraction(1, 2)),
            "peer_q3": quantile(others, Fraction(3, 4)),
        }

    def benchmark(self, kpi: str, scope: Scope, period: Period) -> float | Fraction | None:
        claim = definition(kpi).benchmark
        if claim is None or self.value(kpi, scope, period) is None:
            return None
        if claim.scope is not None and claim.scope != scope.kind:
            return None
        if claim.factor is not None:
            direct = self.value(kpi, DIRECT, period)
            if scope.kind == "direct" or direct is None:
                return None
            claimed = direct * Fraction(str(claim.factor))
            return claimed if claim.most is None else min(claimed, Fraction(str(claim.most)))
        low = Fraction(str(claim.low))
        return low * MONTHS_IN[period.kind] / 12 if claim.per_year else low


def ranks(values: list[Fraction]) -> list[int]:
    """Return each value's place, equal values (within 1e-9 of their size) sharing one."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    places = [0] * len(values)
    for before, after in pairwise(order):
        places[after] = places[before] + (not same(values[before], values[after]))
    return places


def interval(kpi: Kpi, found: Outcome | str) -> tuple[float | None, float | None]:
    """Return the Wilson interval of a ratio that counts rows of its denominator."""
    if isinstance(found, str):
        return None, None
    if found.spread is not None:
        return found.spread
    if not found.counts or kpi.unit != "ratio":
        return None, None
    n, share = float(found.denominator), float(found.numerator / found.denominator)
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return centre - half, centre + half
