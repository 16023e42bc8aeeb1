"""A run of one partner and two periods, written by hand, and a true page of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl

from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.kpi_table import SCHEMA
from tests.claims.facts import Facts, Whose, by_entity

ACME = Whose("partner", "acme", "internal", "partners/acme/internal")
RUN = {
    **{"period": "2026-Q3", "as_of": "2026-09-30", "year_end": "DEC", "version": "1.0"},
    "data": {"first_day": "2024-01-01", "last_day": "2026-09-30", "fingerprint": "f0f0"},
}
ROWS = {
    "revenue": {"value": 12340.4, "year_ago": 10000.0, "target": 12000.0, "status": "on_track"},
    "win_rate": {
        **{"value": 0.105, "year_ago": 0.34, "target": 0.32, "status": "off_track", "n": 57},
        **{"numerator": 6.0, "denominator": 57.0, "low": 0.05, "high": 0.21},
        "off_track_periods": 3,
    },
    "orders": {"value": 42.0, "year_ago": 43.0, "target": 18.0, "status": "on_track"},
}
EARLIER = {"2026-Q2": 11000.0, "2025-Q3": 10000.0}
PAGE = """
<body><main><div class="part-verdict">
<p class="verdict">Joint revenue came to £12,340 in Q3 2026, up 23.4% on the year; 2 of 3 measures
held against a target are on track.</p>
<dl class="in-short"><div><dt>Needs attention</dt>
<dd>Win rate 10.5%, 21.5 points below the target of 32.0%</dd></div></dl></div>
<div class="part-tiles"><div class="tile"><h3>Joint revenue</h3>
<p class="status">On track</p><p class="tile-value">£12,340</p>
<p class="tile-line">Target £12,000: 2.8% above</p>
<img alt="From £11,000 in Q2 2026 to £12,340 in Q3 2026"></div></div>
<div class="part-went-well"><ul class="went-well">
<li><strong>Orders: 42;</strong> <span>133.3% above the target of 18</span></li></ul></div>
<div class="part-table"><table class="gt_table"><thead><tr><th>Measure</th><th>Q3 2026</th>
<th>Q3 2025</th><th>Change</th></tr></thead><tbody>
<tr><th>Win rate</th><td>10.5%</td><td>34.0%</td>
<td>&minus;23.5 points</td></tr></tbody></table></div>
<dl class="definitions"><div><dt>Win rate</dt><dd>n = 57. 95% interval: 5.0% to 21.0%.</dd></div>
</dl></main></body>
"""


def given_facts() -> Facts:
    """Return what the page is held against."""
    facts = Facts(Path(), "en", Path(), lambda period: _results(str(period)))
    known: dict[str, object] = {"run": RUN, "now": _results("2026-Q3"), "actions": []}
    known |= {"kpis": by_entity(_table(ROWS)), "playbook": {}}
    facts.__dict__.update(known)
    return facts


def _table(rows: dict[str, dict]) -> pl.DataFrame:
    records = [
        {"scope": "partner", "entity": "acme", "kpi": kpi, **row} for kpi, row in rows.items()
    ]
    return pl.DataFrame(records, schema=SCHEMA)


def _results(period: str) -> SimpleNamespace:
    table = _table({"revenue": {"value": EARLIER.get(period)}})
    partner = {"partner_id": "acme", "name": "Acme Ltd", "partner_type": "reseller"}
    days = {"joined_on": date(2020, 1, 1), "left_on": None}
    schema = {"left_on": pl.Date}
    partners = pl.DataFrame([{**partner, **days}], schema_overrides=schema)
    return SimpleNamespace(
        table=table, catalogue=catalogue(), partners=partners, since={}, kpis=tuple(ROWS)
    )
