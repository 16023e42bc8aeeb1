"""The page that explains every KPI: fresh, whole, and every link of it leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kpi_lib.cli.handbook import handbook
from kpi_lib.kpis.catalogue import catalogue, catalogue_of
from kpi_lib.kpis.packs import FAMILY as PACKS
from kpi_lib.settings import Settings, load_settings
from kpi_lib.show.common.templating import link

PROJECT = Path(__file__).parents[2]
PAGE = handbook(list(catalogue().values()))
HEADINGS = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)

# What people take for one another: the first names the others where it says what to mind.
MIXED_UP = [
    ("otif_rate", "order_otif_rate", "unit_fill_rate"),
    ("unit_fill_rate", "otif_rate"),
    ("order_otif_rate", "otif_rate"),
    ("dso_days", "dso_countback_days"),
    ("dso_countback_days", "dso_days"),
    ("roi", "margin_roi"),
    ("margin_roi", "roi"),
    ("win_rate", "cohort_win_rate"),
    ("sourced_revenue", "revenue", "influenced_revenue"),
    ("influenced_revenue", "sourced_revenue"),
    ("revenue_retention", "gross_revenue_retention"),
    ("gross_revenue_retention", "revenue_retention"),
    ("customer_retention", "revenue_retention", "gross_revenue_retention"),
    ("sales_cycle_days", "sales_cycle_median_days"),
    ("average_order_value", "revenue", "orders"),
    ("resource_utilisation", "resource_overrun"),
    ("certifications", "certified_people"),
    ("overdue_rate", "overdue_balance"),
    ("lifetime_value_to_cac", "customer_lifetime_value", "cac"),
]


def entry(name: str, page: str = PAGE) -> str:
    """What the page says under a heading."""
    return re.search(rf"^###? {re.escape(name)}$\n(.*?)(?=^##|\Z)", page, re.M | re.S)[1]


def test_the_page_in_docs_is_fresh():
    page = (PROJECT / "docs" / "kpis.md").read_text(encoding="utf-8")
    settings = load_settings(PROJECT / "params" / "project.yml")
    assert page == handbook(list(catalogue_of(settings).values())), "run `make docs`"


def test_every_kpi_has_one_entry_that_says_what_it_is_and_what_it_needs():
    for kpi in (kpi for kpi in catalogue().values() if kpi.family != PACKS):
        assert HEADINGS.count(kpi.name) == 1
        text = entry(kpi.name)
        first = text.strip().splitlines()[0].split(" · ")
        assert first[0] == f"`{kpi.id}`"
        assert {kpi.unit, f"{kpi.better} is better", f"every {kpi.cadence}"} <= set(first)
        assert kpi.definition in text
        needs = re.search(r"^- \*\*Needs:\*\* (.+)$", text, re.MULTILINE)[1]
        assert all(f"`{table}` (" in needs for table in kpi.needs)


def test_every_measure_of_a_pack_stands_in_the_table_of_its_industry():
    packs = [kpi for kpi in catalogue().values() if kpi.family == PACKS]
    rows = [line for line in entry("Industry packs").splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[1] for row in rows[1:]] == [f"`{kpi.id}`" for kpi in packs]
    assert "| Network uptime | `network_uptime` | ratio | higher | Telecommunications |" in rows


def test_headings_differ_and_every_link_within_the_page_leads_to_one():
    anchors = [link(heading) for heading in HEADINGS]
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\((#[^)]*)\)", PAGE)) <= set(anchors)


def test_the_contents_name_every_family_and_kpi_in_order():
    contents = PAGE[: PAGE.index("## How to read a KPI")]
    linked = re.findall(r"\[([^\]]+)\]\(#", contents)
    assert [name for name in HEADINGS if name != "The KPIs"] == linked


def test_numerator_and_denominator_are_said():
    assert re.search(r"\*\*Formula:\*\* .+ \*\*over\*\* .+", entry("Win rate"))
    assert re.search(r"\*\*over\*\* .+ \*\*less\*\* 1$", entry("Revenue growth on the year"), re.M)
    assert "as the model churn tells it" in entry("Customers at risk")
    gaps = entry("Days since the last order against the usual gap")
    assert "days since the last order day **over** 90th percentile of the gaps" in gaps


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        ("Share of company revenue", "25.0% to 50.0%, portfolio (share of revenue"),
        ("Customer NPS", "50.0 points (a good"),
        ("Co-created solutions launched", "2 a year, partner (two a year"),
        ("Win rate with a partner involved", "1.53 x the figure of direct business, 1 at most ("),
        ("Sales cycle with a partner involved", "0.54 x the figure of direct business ("),
    ],
)
def test_a_published_claim_stands_with_its_figure_and_source(name, claim):
    assert f"- **A published claim:** {claim}" in entry(name).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("kpi", "others"), [(kpi, others) for kpi, *others in MIXED_UP])
def test_what_people_mix_up_names_the_other(kpi, others):
    text = entry(catalogue()[kpi].name)
    linked = [f"[`{other}`]({link(catalogue()[other].name)})" for other in others]
    assert [words for words in linked if words not in text] == []


def test_who_answers_its_scopes_and_what_is_paced_are_said():
    assert "we answer" in entry("On time, in full (OTIF)")
    assert "the partner answers · internal" in entry("Credit use")
    assert "**Shown for:** company\n" in entry("Won deals with a partner involved")
    assert "**Shown for:** partner, roll-ups of partners by type" in entry("Influenced revenue")
    assert "Shown for" not in entry("Joint revenue")
    assert "its target is paced" in entry("Joint revenue")
    assert "its target is paced" not in entry("Open pipeline")
    assert "**Leads the scorecard of:** joint venture" in entry("Gross margin")
    assert "**Speaks for the goal:** efficiency" in entry("Sales cycle")


def test_a_companys_own_measures_stand_after_the_packs():
    settings = Settings(packs={"site_visits": ("number", "higher")})
    page = handbook(list(catalogue_of(settings).values()))
    rows = entry("Industry packs", page).strip().splitlines()
    assert rows[-1] == "| Site visits | `site_visits` | number | higher | your own |"
