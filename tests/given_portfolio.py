"""A small company with managers and branches, and the portfolio pages of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from kpi_lib.insights.editions import insights_of
from kpi_lib.insights.playbook_rules import Playbook
from kpi_lib.insights.portfolio_contents import Company, portfolio_slices
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import Results, compute
from kpi_lib.measure.reconciliation import reconcile
from kpi_lib.measure.slices import Beside
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.slices.portfolio_types import PortfolioPartner, PortfolioSlice, Reports
from kpi_lib.testing.tables_in_text import dataset_of

PARTNERS = (
    "alder 2020-01-01 name=Alder manager=Ann branch=North region=East"
    " | birch 2020-01-01 name=Birch manager=Ann branch=South region=East"
    " | cedar 2020-01-01 name=Cedar manager=Bo/Co branch=South region=West"
    " | elder 2020-01-01 2026-03-01 name=Elder manager=Bo/Co branch=South region=West"
)
ORDERS = (
    "alder c1 07-01 600 cost=400 | birch c2 07-02 300 cost=200 | cedar c3 07-03 100 cost=90"
    " | - c9 07-04 1000 cost=900 | alder c1 2025-07-01 500 | birch c2 2025-07-02 450"
    " | cedar c3 2025-07-03 40 | elder c4 2025-07-04 10 | birch c2 04-02 200"
)
TARGETS = (
    "partner alder revenue 2026-Q3 500 - | partner birch revenue 2026-Q3 900 -"
    " | partner birch revenue 2026-Q2 900 - | partner cedar gross_margin 2026-Q3 0.3 -"
    " | portfolio * revenue 2026-Q3 1250 -"
)
DEALS = "birch 05-01 07-10 won 80 | cedar 05-01 07-12 won 50"
TOUCHES = "0 alder 2026-06-01T10:00 | 0 birch 2026-07-01T10:00 | 1 cedar 2026-07-01T10:00"
REPORTED = "cedar revenue 2026-Q3 130 2026-09-30 owner=Jo"
BOOK = Playbook.model_validate(
    {
        "owners": {"account_manager": {"en": "Account manager"}, "desk": {"en": "Our desk"}},
        "rules": {
            "short": {
                "kpi": "revenue",
                "when": {"status": "off_track"},
                "action": {"en": "Talk to {partner} about {name}"},
                "next_step": {"en": "Call"},
                "owner": "account_manager",
                "due_days": 10,
            },
            "margin": {
                "kpi": "gross_margin",
                "when": {"below": 0.3},
                "action": {"en": "Look at prices"},
                "next_step": {"en": "Look"},
                "owner": "desk",
                "due_days": 14,
                "edition": "internal",
                "stake": {"times": "revenue"},
                "cases": 0,
            },
        },
    }
)


QUARTER = Period.parse("2026-Q3")


def company(period: Period = QUARTER, book: Playbook | None = BOOK, **tables: str) -> Company:
    """Return what the pages are made from; without tables those of the company above."""
    settings = Settings(reporting_currency="EUR")
    tables_given = tables or {
        **{"partners": PARTNERS, "orders": ORDERS, "targets": TARGETS, "deals": DEALS},
        **{"touchpoints": TOUCHES, "partner_reported": REPORTED},
    }
    dataset = dataset_of(**tables_given)
    results = compute(dataset, settings, period)
    compared = replace(
        Compared.with_nothing(), reconciliation=reconcile(results, dataset, settings.tolerances)
    )
    insights = insights_of(results, settings, book)
    return Company.of(results, dataset, settings, book, Beside(compared, insights))


@cache
def shared() -> tuple[Results, dict[str, PortfolioSlice]]:
    """Return the figures of that company, and the slice of each of its pages by its place."""
    given = company()
    pages = {whose.place: _all_there(slice_) for whose, slice_ in portfolio_slices(given)}
    return given.results, pages


def _all_there(slice_: PortfolioSlice) -> PortfolioSlice:
    ids = tuple(partner.partner_id for partner in slice_.partners)
    return replace(slice_, reports=Reports(there=ids))


def slices(**tables: str) -> dict[str, PortfolioSlice]:
    """Return the slices of another company."""
    return {whose.place: slice_ for whose, slice_ in portfolio_slices(company(**tables))}


def card(place: str = "portfolio", **changed: object) -> PortfolioPage:
    """Return a page's slice as its parts read it."""
    return PortfolioPage.of(replace(shared()[1][place], **changed))


def many(count: int) -> PortfolioSlice:
    """Return the slice of the whole with so many partners, each with a name as long as some are."""
    whole = shared()[1]["portfolio"]
    partners = tuple(_one_of_many(whole.partners[n % len(whole.partners)], n) for n in range(count))
    assert whole.concentration is not None
    curve = tuple((n + 1) / count for n in range(count))
    return replace(
        whole,
        partners=partners,
        reports=Reports(there=tuple(partner.partner_id for partner in partners)),
        concentration=replace(whole.concentration, curve=curve),
    )


def _one_of_many(pattern: PortfolioPartner, n: int) -> PortfolioPartner:
    return replace(
        pattern,
        partner_id=f"P{n:05}",
        name=f"Vereinigte Dachdecker & Zimmerer {n} GmbH & Co. KG",
        figures=replace(pattern.figures, revenue=1e6 / (n + 1), health_score=40.0 + n % 60),
        stance=_STANCES[n % 3],
        why=None,
    )


_STANCES = ("talk", "keep", "invest")
