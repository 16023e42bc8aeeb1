"""The company: who its partners are, how large it is, and when who was with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.cast import (
    CAST,
    CONSTRUCTION,
    COUNTRIES,
    INDUSTRIES,
    SEGMENTS,
    TIERS,
    Country,
    Part,
)
from kpi_lib.examples.synthetic.days import DAYS, FIRST_DAY, MONTHS, day_of, month_of
from kpi_lib.examples.synthetic.naming import company_name, person_name
from kpi_lib.examples.synthetic.usual import DIRECT, USUAL

PARTNERS_OF_A_MANAGER = 25
ENGAGED = 0.1  # a partner that weighs less only orders
DRAWN_TYPES = (*(kind for kind in USUAL if kind != DIRECT), "contractor", "contractor")


@dataclass(frozen=True)
class Size:
    """How large the company is, and which of all companies of that size it is."""

    partners: int = 24
    orders: int = 20_000
    seed: int = 20260930


@dataclass(frozen=True)
class Company:
    """The partners in the order of their ids; the direct business stands behind them, as number n.

    Arrays of `owners` have a row for each partner and one for the direct business.
    """

    size: Size
    partners: tuple[Part, ...]

    @property
    def n(self) -> int:
        """The number of partners, and the place of the direct business."""
        return len(self.partners)

    @cached_property
    def ids(self) -> pl.Series:
        """The partners' ids, and null for the direct business."""
        return pl.Series([partner_id(place) for place in range(self.n)] + [None], dtype=pl.String)

    def id_of(self, owner: np.ndarray) -> pl.Series:
        """Return each owner's id."""
        return self.ids.gather(owner.astype(np.uint32))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Each owner's type."""
        return (*(partner.partner_type for partner in self.partners), DIRECT)

    @cached_property
    def countries(self) -> tuple[Country, ...]:
        """Each owner's country; the company itself is in Germany."""
        own = [COUNTRIES[partner.country] for partner in self.partners]
        return (*own, COUNTRIES["DE"])

    @cached_property
    def active(self) -> np.ndarray:
        """Which owner is there in which month (owners x months), from the month after it joined."""
        there = np.ones((self.n + 1, MONTHS), dtype=bool)
        for place, partner in enumerate(self.partners):
            there[place, : max(0, month_of(partner.joined_on) + 1)] = False
            if partner.left_on is not None:
                there[place, month_of(partner.left_on) + 1 :] = False
        return there

    @cached_property
    def last_days(self) -> np.ndarray:
        """The day on which each owner left, or the last day of the calendar."""
        left = [partner.left_on for partner in self.partners]
        return np.array([*(day_of(day) if day else DAYS - 1 for day in left), DAYS - 1])

    @cached_property
    def weight(self) -> np.ndarray:
        """What each owner weighs against others of its type; the direct business 1."""
        return np.array([*(partner.weight for partner in self.partners), 1.0])

    @cached_property
    def engaged(self) -> np.ndarray:
        """Which partner is there in which month and does more than order now and then."""
        return np.asarray((self.active & (self.weight >= ENGAGED)[:, None])[: self.n])

    def usual(self, name: str) -> np.ndarray:
        """Return what is usual for each owner's type."""
        return np.array([USUAL[kind][name] for kind in self.kinds])

    def rng(self, purpose: str, part: int = 0) -> chance.Rng:
        """Return the chance of one purpose."""
        return chance.stream(self.size.seed, purpose, part)


def partner_id(place: int) -> str:
    """Return the id of the partner at a place, counted from 0.

    >>> partner_id(0)
    'P0001'
    """
    return f"P{place + 1:04}"


def draw_company(size: Size) -> Company:
    """Return a company of that size: the cast, and as many partners more as it needs."""
    drawn = _draw_partners(size, max(0, size.partners - len(CAST)))
    return Company(size, (*CAST[: size.partners], *drawn))


def _draw_partners(size: Size, number: int) -> list[Part]:
    """Return as many partners, drawn at random: type, country, tier, weight and stay of each."""
    rng = chance.stream(size.seed, "partners")
    codes = list(COUNTRIES)
    country = rng.choice(len(codes), number)
    kinds = [DRAWN_TYPES[place % len(DRAWN_TYPES)] for place in range(number)]
    industry = rng.integers(0, len(INDUSTRIES), number)
    weight = rng.lognormal(-0.18, 0.6, number)
    tier = _ranks(weight * np.exp(rng.normal(0, 0.4, number)), (0.08, 0.33, 0.68))
    segment = _ranks(weight, (0.12, 0.5))
    joined, left = _stays(rng, number)
    return [
        Part(
            _name(codes[country[i]], i),
            kinds[i],
            codes[country[i]],
            CONSTRUCTION if kinds[i] == "contractor" else INDUSTRIES[industry[i]],
            TIERS[tier[i]],
            SEGMENTS[segment[i]],
            float(weight[i]),
            str(joined[i]),
            None if np.isnat(left[i]) else str(left[i]),
        )
        for i in range(number)
    ]


def _name(country: str, number: int) -> str:
    """Return a name that no other drawn partner has, and none of the cast."""
    return company_name(COUNTRIES[country].language, number)


def _ranks(values: np.ndarray, edges: tuple[float, ...]) -> np.ndarray:
    """Return for each value between which edges its rank from the top lies."""
    rank = np.argsort(np.argsort(-values)) / max(1, len(values))
    return np.searchsorted(edges, rank, side="right")


def _stays(rng: chance.Rng, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return days of joining and leaving: one in five joins, one in twelve leaves lately."""
    before = rng.integers(day_of("2014-01-01"), 0, number)
    lately = rng.integers(0, day_of("2026-06-30"), number)
    joined = np.where(rng.random(number) < 0.2, lately, before)
    month = rng.integers(np.maximum(joined // 31 + 4, 3), MONTHS + 4, number)
    leaves = (rng.random(number) < 0.12) & (month < MONTHS - 1)
    end = (FIRST_DAY.astype("datetime64[M]") + month + 1).astype("datetime64[D]") - 1
    return FIRST_DAY + joined, np.where(leaves, end, np.datetime64("NaT"))


def partners_table(company: Company) -> pl.DataFrame:
    """Return the table partners."""
    parts, countries = company.partners, company.countries[: company.n]
    return pl.DataFrame(
        {
            "partner_id": company.ids[: company.n],
            "name": [part.name for part in parts],
            "partner_type": [part.partner_type for part in parts],
            "joined_on": [part.joined_on for part in parts],
            "left_on": pl.Series([part.left_on for part in parts], dtype=pl.String),
            "tier": [part.tier for part in parts],
            "segment": [part.segment for part in parts],
            "region": [country.region for country in countries],
            "industry": [part.industry for part in parts],
            "branch": [country.branch for country in countries],
            "manager": _managers(countries),
            "sharing": [part.sharing for part in parts],
        }
    ).with_columns(pl.col("joined_on", "left_on").str.to_date())


def _managers(countries: tuple[Country, ...]) -> list[str]:
    """Return each partner's manager: one of its branch, who has 25 partners at most."""
    branches = list(dict.fromkeys(country.branch for country in COUNTRIES.values()))
    seen = dict.fromkeys(branches, 0)
    names = []
    for country in countries:
        turn = seen[country.branch] // PARTNERS_OF_A_MANAGER
        names.append(person_name(branches.index(country.branch) + len(branches) * turn))
        seen[country.branch] += 1
    return names
