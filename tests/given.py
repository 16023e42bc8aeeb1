"""Slices as `kpi run` writes them, made by hand: what a page may have to live with."""

from __future__ import annotations

import copy
from dataclasses import fields
from pathlib import Path

from kpi_lib.show.common.slice import Slice
from kpi_lib.slices import file
from kpi_lib.slices.json_form import build
from kpi_lib.slices.page_types import RunFacts
from kpi_lib.slices.scorecard_types import ScorecardSlice
from tests.given_insights import insights
from tests.given_kpis import KPIS, MISSING, PROFILE, TARGETS

PERIODS = ["2009-Q4", "2010-Q1", "2010-Q2", "2010-Q3", "2010-Q4", "2011-Q1", "2011-Q2", "2011-Q3"]
DEFAULTS = {
    "period": "2011-Q3", "as_of": "2011-09-30", "to_date": False, "year_end": "DEC",
    "currency": "GBP", "data": {}, "company": {}, "edition": "partner",
}  # fmt: skip
HOSTILE = ("<script>alert(1)</script> & \"Söhne\" 'GmbH' " + "Überlandwerke " * 20)[:300]


def rich(edition: str = "partner", targets: bool = True) -> dict:
    """A partner of long standing: every kind of measure, eight periods, targets and peers."""
    shown = {k: v for k, v in KPIS.items() if edition == "internal" or v[5] == "shared"}
    return {
        "edition": edition,
        "partner": partner("Germany", "Germany", joined_on="2007-11-24"),
        "period": "2011-Q3",
        "as_of": "2011-09-30",
        "to_date": False,
        "year_end": "DEC",
        "currency": "GBP",
        "data": {
            "source": "Online Retail II, invoices of a wholesaler",
            "is_example": True,
            "is_synthetic": False,
            "first_day": "2009-12-01",
            "last_day": "2011-12-09",
            "left_out": {},
            "fingerprint": "ab12cd34ef56",
        },
        "company": {"name": None, "logo": None, "colour": None},
        "profile": [kpi for kpi in PROFILE if kpi in shown],
        "peer_group": "type",
        "kpis": [row(kpi, TARGETS if targets else {}, edition) for kpi in shown],
        "history": {
            k: [point(p, x, v[7]) for p, x in zip(PERIODS, v[6], strict=True)]
            for k, v in shown.items()
        },
        "beside": {}
        if edition == "partner"
        else {
            "direct": {"average_order_value": 391.2, "repeat_purchase_rate": 0.35},
            "portfolio": {"revenue": 402310.0, "average_order_value": 301.0, "gross_margin": 0.33},
        },
        "definitions": {k: definition(k) for k in shown},
        "insights": insights(edition),
        "made": {"version": "0.1.0", "kpis": len(shown)},
    }


def point(period: str, value: float | None, n: int | None) -> dict:
    """A period of a course; the data begin on 1 December 2009, within the first of them."""
    in_part = {"covered_from": "2009-12-01"} if period == PERIODS[0] else {}
    return {"period": period, "value": value, "n": n, **in_part}


def tiny() -> dict:
    """A partner of three customers that ordered nothing this quarter."""
    card = no_targets_no_peers()
    card["partner"] = partner("Lithuania", "Lithuania", joined_on="2009-12-02")
    values = {
        "revenue": [1661.1, 890.0, 410.5, None, 520.0, None, 312.4, 0.0],
        "orders": [3, 2, 1, 0, 1, 0, 1, 0],
        "new_customers": [2, 1, 0, 0, 0, 0, 0, 0],
        "active_customers": [2, 2, 1, 0, 1, 0, 1, 0],
        "orders_per_month": [1, 0.67, 0.33, 0, 0.33, 0, 0.33, 0],
        "partnership_years": [0.08, 0.33, 0.58, 0.83, 1.08, 1.33, 1.58, 1.83],
    }
    return with_values(card, values, "no completed orders in the period")


def new() -> dict:
    """A partner that joined in the period."""
    card = no_targets_no_peers()
    card["partner"] = partner("RSA", "South Africa", joined_on="2011-08-15")
    values = {
        "revenue": [None] * 7 + [1002.31],
        "orders": [None] * 7 + [1],
        "new_customers": [None] * 7 + [1],
        "active_customers": [None] * 7 + [1],
        "average_order_value": [None] * 7 + [1002.31],
        "partnership_years": [None] * 7 + [0.126],
        "repeat_purchase_rate": [None] * 7 + [0.0],
    }
    return with_values(card, values, "no period before to compare with")


def hostile() -> dict:
    """A partner whose name is markup, and whose data say so everywhere."""
    card = rich()
    card["partner"] = partner("P001", HOSTILE, joined_on="2009-12-02")
    card["partner"] |= {"tier": "<b>gold</b>", "region": '"><img src=x onerror=alert(1)>'}
    card["data"]["source"] = "<script>alert(2)</script>"
    card["definitions"]["orders"]["name"] = "<i>Orders</i> & more"
    card["definitions"]["orders"]["definition"] = "<script>alert(3)</script>"
    for line in card["kpis"]:
        if line["kpi"] == "partner_nps":
            line["missing"] = "<b>no table</b>"
    return card


def to_date() -> dict:
    """The rich partner, half a quarter in, on faulty data that end early."""
    card = rich()
    card |= {"as_of": "2011-08-15", "to_date": True}
    card["data"] |= {"last_day": "2011-08-10", "left_out": {"orders": 3, "customers": 1}}
    return card


def no_targets_no_peers() -> dict:
    """The rich partner as the example has it: no targets, and no peers to compare with."""
    card = rich(targets=False) | {"insights": {}, "peer_group": None}
    for line in card["kpis"]:
        line["standing"] = None
    return card


def with_values(card: dict, values: dict[str, list], why: str) -> dict:
    """The same slice with other courses; a measure without one is missing, and says why."""
    card = copy.deepcopy(card) | {"insights": {}}
    for line in card["kpis"]:
        course = values.get(line["kpi"], [None] * 8)
        line |= {
            "value": course[-1],
            "previous": course[-2],
            "year_ago": course[-5],
            "n": None if course[-1] is None else 1,
            "trend": None,
            "low": None,
            "high": None,
            "numerator": course[-1],
            "denominator": None,
        }
        if course[-1] is None:
            line |= {"missing": why, "status": "no_data", "standing": None}
        card["history"][line["kpi"]] = [
            {"period": p, "value": v, "n": None} for p, v in zip(PERIODS, course, strict=True)
        ]
    return card


def partner(partner_id: str, name: str, joined_on: str) -> dict:
    """A row of the table partners."""
    return {
        "partner_id": partner_id,
        "name": name,
        "partner_type": "distribution",
        "tier": None,
        "segment": None,
        "region": "Europe",
        "industry": None,
        "branch": None,
        "manager": None,
        "joined_on": joined_on,
        "left_on": None,
    }


def standing(value: float, edition: str) -> dict:
    """Where a partner stands: above the median, exactly or as it may be shown."""
    spread = abs(value) * 0.2
    exact = {"q1": value - 2 * spread, "median": value - spread, "q3": value - spread / 4}
    if edition == "internal":
        return exact | {"ahead": 0.8158, "others": 38}
    return {name: float(f"{figure:.2g}") for name, figure in exact.items()} | {"ahead": 0.8}


def row(kpi: str, targets: dict, edition: str = "internal") -> dict:
    """A row of the KPI table, as an edition may hold it."""
    unit, better, values, n = KPIS[kpi][2], KPIS[kpi][3], KPIS[kpi][6], KPIS[kpi][7]
    value = values[-1]
    target, minimum, status = targets.get(kpi, (None, None, "no_target"))
    rate = unit == "ratio" and "growth" not in kpi and n
    peers = better != "neither" and value is not None
    return {
        "kpi": kpi,
        "period": "2011-Q3",
        "value": value,
        "numerator": value * n if rate and value is not None else value,
        "denominator": n if rate else None,
        "n": n,
        "missing": MISSING.get(kpi),
        "previous": values[-2],
        "year_ago": values[-5],
        "baseline": None,
        "target": target,
        "minimum": minimum,
        "variance": None if target is None else value - target,
        "status": "no_data" if value is None else status,
        "benchmark": None,
        "trend": None if value is None else {"revenue": "up", "otif_rate": "down"}.get(kpi, "flat"),
        "standing": standing(value, edition) if peers else None,
        "off_track_periods": 0,
        "low": value - 0.05 if rate else None,
        "high": value + 0.05 if rate else None,
    }


def definition(kpi: str) -> dict:
    """What the registry says of a KPI."""
    name, family, unit, better, accountable, audience, _, _, words = KPIS[kpi]
    return {
        "name": name,
        "family": family,
        "unit": unit,
        "better": better,
        "accountable": accountable,
        "audience": audience,
        "cadence": "quarter",
        "adds_up": unit in ("money", "number"),
        "definition": words,
        "tables": ["orders"],
        "benchmark_source": None,
    }


def content(card: dict) -> ScorecardSlice:
    """The slice that is described, of Germany's third quarter of 2011 where nothing else is said.

    What every page of a run is given stands beside all the rest here: the period, the data.
    """
    described = DEFAULTS | card | {"insights": card.get("insights") or None}
    run = {field.name: described.pop(field.name) for field in fields(RunFacts)}
    partner_ = {"partner_type": "distribution"} | described["partner"]
    return build(ScorecardSlice, described | {"run": run, "partner": partner_})


def card_of(card: dict) -> Slice:
    """The slice that is described, as those see it who show it."""
    return Slice.of(content(card))


def write(card: dict, folder: Path) -> Path:
    """Lay a slice down where a run does; return its folder."""
    place = folder / card["partner"]["partner_id"] / card["edition"]
    file.write(content(card), place)
    return place
