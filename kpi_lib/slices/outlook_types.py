"""What a run says of the periods to come, of one partner or of all together: for inside alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sold:
    """Revenue of one period, in the reporting currency."""

    period: str
    value: float


@dataclass(frozen=True)
class Expected:
    """Revenue that is expected of one period, with the ends of its bands of 80% and 95%."""

    period: str
    value: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True)
class YearTarget:
    """The revenue agreed for a year, what is reached of it, and the probability to reach it."""

    year: str
    target: float
    so_far: float
    chance: float


@dataclass(frozen=True)
class Fading:
    """The probability that a partner sells less than half of its own season, and why."""

    chance: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """The outlook of one partner.

    `why`: there is none, empty where there is one. `way`: model or rule, by which it is forecast.
    `mase`: its error at earlier cuts, as a share of that of the rule. `covered`: of each band, in
    percent, the share of `tested` forecasts that came within it.
    """

    why: str = ""
    way: str = ""
    mase: float | None = None
    covered: Mapping[str, float | None] = field(default_factory=dict)
    tested: int = 0
    course: tuple[Sold, ...] = ()
    ahead: tuple[Expected, ...] = ()
    target: YearTarget | None = None
    fading: Fading | None = None


@dataclass(frozen=True)
class FadingTest:
    """How a way to foretell fading did at the latest period that is known: its Brier score."""

    way: str
    brier: float


@dataclass(frozen=True)
class FadingMethod:
    """By which way fading is foretold, and how each did; `why`: there is none, else empty."""

    why: str = ""
    way: str = ""
    tests: tuple[FadingTest, ...] = ()


@dataclass(frozen=True)
class Outlooks:
    """What a run says of the periods to come: of each partner by its id, and of all together.

    `fading`: by which way the partners' fading is foretold. `whole`: None where nobody has sold.
    """

    partners: Mapping[str, Outlook] = field(default_factory=dict)
    whole: Outlook | None = None
    fading: FadingMethod = field(default_factory=FadingMethod)
