"""The pages of a week and of a month, whole, of a company with hardly any tables: a quick look.

`test_every_state.py` looks at every cadence and state, and takes minutes.
"""

from __future__ import annotations

import re

import pytest

from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.settings import load_settings
from tests.data.broken import write_good

PAGES = ("portfolio", "data_quality", "cltv", "churn", "index")


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2024-W18", "2 partners placed orders in week 18 of 2024, 2 in all"),
        ("2024-05", "2 partners brought in €130 in May 2024"),
    ],
)
def test_every_report_of_a_short_period_is_made(period, said, tmp_path):
    write_good(tmp_path)
    settings = load_settings(tmp_path / "params" / "project.yml")
    asked = BatchRequest(period=period, workers=2)
    outcome = run_batch(settings, asked, tmp_path / "reports", lambda count: lambda result: None)
    assert [result.error for result in outcome.failed] == []
    made = {place for place in PAGES if (outcome.folder / f"{place}.html").is_file()}
    assert made == set(PAGES)
    assert len(list(outcome.folder.glob("partners/*/*.html"))) == 4
    page = (outcome.folder / "portfolio.html").read_text(encoding="utf-8")
    verdict = re.search(r'<p class="verdict">(.*?)</p>', page)[1].replace("\N{NO-BREAK SPACE}", " ")
    assert verdict.startswith(said)
