"""The first partners, who have parts to play (`facts/cast.csv`); whoever comes later is drawn.

The stories of `stories.py` are theirs, so that a page can name a partner by its id at any size.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from kpi_lib.examples.synthetic.fact_files import read_facts


class Country(NamedTuple):
    """Where a partner is: what is spoken and paid there, and our region and branch for it."""

    name: str
    language: str
    currency: str
    region: str
    branch: str


COUNTRIES = MappingProxyType(
    {
        "DE": Country("Germany", "de", "EUR", "DACH", "Hamburg"),
        "AT": Country("Austria", "de", "EUR", "DACH", "Salzburg"),
        "CH": Country("Switzerland", "de", "CHF", "DACH", "Salzburg"),
        "FR": Country("France", "fr", "EUR", "France & Benelux", "Lyon"),
        "NL": Country("Netherlands", "nl", "EUR", "France & Benelux", "Lyon"),
        "ES": Country("Spain", "es", "EUR", "Iberia & Italy", "Zaragoza"),
        "IT": Country("Italy", "it", "EUR", "Iberia & Italy", "Zaragoza"),
        "PL": Country("Poland", "pl", "EUR", "Northern & Central Europe", "Łódź"),
        "SE": Country("Sweden", "sv", "EUR", "Northern & Central Europe", "Łódź"),
        "GB": Country("United Kingdom", "en", "GBP", "British Isles", "Leeds"),
        "IE": Country("Ireland", "en", "EUR", "British Isles", "Leeds"),
        "GR": Country("Greece", "el", "EUR", "Eastern Mediterranean", "Thessaloniki"),
        "TR": Country("Türkiye", "tr", "USD", "Eastern Mediterranean", "Thessaloniki"),
        "JP": Country("Japan", "ja", "USD", "Overseas", "Nagoya"),
        "US": Country("United States", "en", "USD", "Overseas", "Nagoya"),
    }
)

INDUSTRIES = (
    *("automotive", "consumer_electronics", "energy", "financial_services", "food_and_beverage"),
    *("healthcare", "information_technology", "pharmaceutical", "retail", "telecommunications"),
)
CONSTRUCTION = "construction"  # an industry without a pack
TIERS = ("platinum", "gold", "silver", "bronze")
SEGMENTS = ("enterprise", "mid-market", "small business")


class Part(NamedTuple):
    """A partner that is cast: who it is, and what it weighs against others of its type."""

    name: str
    partner_type: str
    country: str
    industry: str
    tier: str
    segment: str
    weight: float
    joined_on: str
    left_on: str | None = None
    sharing: str = "full"


def _part(row: dict[str, str]) -> Part:
    filled = {name: value for name, value in row.items() if value}
    return Part(**filled | {"weight": float(row["weight"])})  # type: ignore[arg-type]


CAST = tuple(_part(row) for row in read_facts("cast"))
