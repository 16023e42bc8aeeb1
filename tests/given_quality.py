"""Slices of the page of data quality, made by hand: what it may have to live with."""

from __future__ import annotations

import copy
from pathlib import Path

from kpi_lib.show.quality.quality_page import QualityPage
from kpi_lib.slices import file
from kpi_lib.slices.json_form import build
from kpi_lib.slices.quality_types import QualitySlice

MONTHS = [f"{2009 + m // 12}-{m % 12 + 1:02}" for m in range(9, 33)]  # 2009-10 to 2011-09
HOSTILE = '<script>alert(1)</script> & "Söhne"'
RULES = {
    **{"usual_share": 0.95, "long_pauses": 2, "long_days": 7, "fewest_days": 6},
    **{"thin_share": 0.25, "thin_months": 6, "thin_from": 8},
}


def months(states: dict[str, str] | None = None, first: int = 0) -> list:
    """The months of a table that has 100 rows in each, but where it is said otherwise."""
    states = states or {}
    rows = {"missing": 0, "none": 0, "thin": 9}
    course = [month(m, rows.get(states.get(m, "rows"), 100), states.get(m, "rows")) for m in MONTHS]
    return [month(m, None, None) for m in MONTHS[:first]] + course[first:]


def month(name: str, rows: int | None, state: str | None) -> dict:
    """A month of a table."""
    return {"month": name, "rows": rows, "state": state}


def table(name: str, state: str = "current", **more) -> dict:
    """A table that reaches the day of the figures."""
    return {
        **{"table": name, "rows": 41791, "partners": 40, "state": state},
        **{"first_day": "2009-12-01", "last_day": "2011-09-30"},
        **{"days_behind": 0, "usual_pause_days": 2},
        **{"months": months(first=2), "missing": [], "thin": []},
        **more,
    }


def whole() -> dict:
    """Data in which nothing is missing, late or wrong."""
    return {
        "run": {
            **{"period": "2011-Q3", "as_of": "2011-09-30", "currency": "GBP"},
            "data": {
                **{"source": "a folder", "is_example": False, "is_synthetic": False},
                **{"first_day": "2009-12-01", "last_day": "2011-12-09"},
                **{"left_out": {}, "fingerprint": "ab12cd34ef56"},
            },
        },
        "partners": 40,
        "kpis": {"all": 127, "for_nobody": 0, "for_some": 0},
        "figures": {"all": 4840, "there": 4840},
        "rules": RULES,
        "tables": [table("partners", "standing"), table("orders")],
        **{"findings": [], "absences": [], "assumed": [], "silent": []},
        **{"unmeasured": [], "unreported": [], "owners": []},
        "made": {"version": "0.1.0", "kpis": 127},
    }


def poor() -> dict:
    """Data in which everything is that can be: gaps, late tables, faults, hostile names."""
    content = copy.deepcopy(whole())
    late = months({"2011-08": "missing", "2011-09": "missing"})
    holes = months({"2010-05": "missing", "2011-07": "thin"})
    content |= {
        "kpis": {"all": 127, "for_nobody": 15, "for_some": 9},
        "tables": [
            table("partners", "standing"),
            table("orders", missing=["2010-05"], thin=["2011-07"], months=holes),
            table(
                "deliveries",
                "late",
                days_behind=62,
                usual_pause_days=4,
                last_day="2011-07-30",
                missing=["2011-08", "2011-09"],
                months=late,
            ),
            table("targets", "undated", partners=None, first_day=None, last_day=None, months=[]),
            table("invoices", "empty", rows=0, first_day=None, last_day=None),
            table("leads", "short", rows=3, months=months(first=20)),
        ],
        "findings": [
            finding("orders", "amount", "not a number", "fault", 1204, ["row 3: <b>x</b>"]),
            finding("deals", "", "too many fields", "fault", 1, ["row 9: 7 fields"]),
            finding("leads", "created_on", "after the partner left", "warning", 12, []),
        ],
        "absences": [
            gap("table", "deals", None, [f"Measure {n}" for n in range(18)], 9),
            gap("column", "orders", "cost", ["Gross margin"], 1),
            gap("table", "fx_rates", None, [], 0),
            gap("column", "partners", "tier", [], 0),
        ],
        "assumed": [{"table": "orders", "column": "status", "kpis": ["Joint revenue", "Orders"]}],
        "silent": [
            {
                "table": "customers",
                "partners": {"count": 8, "names": [HOSTILE, "Hong Kong"]},
                "kpis": [],
                "zeros": ["New customers"],
            }
        ],
        "unmeasured": [
            {
                "kpis": ["On time, in full (OTIF)", "Order errors"],
                "why": "<i>nothing</i> to measure it by in this period",
                "partners": {"count": 1, "names": ["Bermuda"]},
            }
        ],
        "unreported": [
            {"kpi": "Joint revenue", "partner": HOSTILE, "owner_is": "report", "owner": "Bo"},
            {"kpi": "Orders", "partner": "Bermuda", "owner_is": "report", "owner": "Bo"},
        ],
        "owners": [
            owner("data", None, 2, 40, 15),
            owner("manager", "<i>Ann</i>", 1, 8, 0, zeros=1),
            owner("branch", "North", 1, 1, 0, of_some=1),
            owner("report", "Bo", 0, 2, 0, reports=2),
        ],
    }
    content["run"]["data"]["left_out"] = {"orders": 1205}
    return content


def finding(table: str, column: str, kind: str, severity: str, rows: int, examples: list) -> dict:
    """Something that the check found."""
    return {
        **{"table": table, "column": column, "kind": kind, "severity": severity},
        **{"rows": rows, "examples": examples},
    }


def gap(kind: str, table: str, column: str | None, kpis: list, alone: int) -> dict:
    """Something that is not there."""
    return {
        **{"kind": kind, "table": table, "column": column, "kpis": kpis, "alone": alone},
        **{"owner_is": "data", "owner": None},
    }


def owner(owner_is, name, gaps, partners, kpis, *, of_some=0, zeros=0, reports=0) -> dict:
    """Who answers for something."""
    return {
        **{"owner_is": owner_is, "owner": name, "gaps": gaps, "partners": partners},
        **{"kpis": kpis, "of_some": of_some, "zeros": zeros, "reports": reports},
    }


def page(content: dict) -> QualityPage:
    """Return what the parts of the page read."""
    return QualityPage(build(QualitySlice, content))


def to_date(content: dict) -> dict:
    """Return the same, looked at in the middle of its quarter."""
    return content | {"run": content["run"] | {"to_date": True, "as_of": "2011-08-15"}}


def write(content: dict, folder: Path) -> Path:
    """Lay a slice down where a run does; return its folder."""
    place = folder / "_run" / "data_quality"
    file.write(build(QualitySlice, content), place)
    return place
