"""What docs/playbook.md shows works as it stands there."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path

import pytest

from kpi_lib.errors import SettingsError
from kpi_lib.insights.actions import actions_of
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.insights.playbook_faults import PLACEHOLDERS
from kpi_lib.insights.playbook_rules import Rule, When
from kpi_lib.measure.page_content import definition_of
from kpi_lib.show.common.slice import Slice
from kpi_lib.show.scorecard import action_sections as actions
from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.page_types import RunFacts
from kpi_lib.slices.scorecard_types import Partner, ScorecardSlice
from tests.insights.made import KPIS, off, row, standing, written

PAGE = (Path(__file__).parents[2] / "docs" / "playbook.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```yaml playbook.yml\n(.*?)```", PAGE, re.DOTALL)[1]
SHOWN, FAULTS = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
STAKES = re.findall(r"^stake: (\{.*?\})", PAGE, re.MULTILINE)


def test_the_rule_makes_the_action_that_the_page_shows(tmp_path):
    book = read_playbook(written(tmp_path, EXAMPLE))
    rows = [
        off("on_time_rate", 0.9, 0.95, n=120, denominator=120.0),
        row("revenue", 40000.0, year_ago=45000.0),
    ]
    asked = actions_of(standing(*rows, edition="partner"), book.by_kpi(KPIS.values()))
    card = Slice.of(
        ScorecardSlice(
            run=RunFacts(period="2026-Q3", as_of=date(2026, 9, 30), currency="EUR"),
            edition="partner",
            partner=Partner(partner_id="a", name="Alder", partner_type="reseller"),
            kpis=tuple(rows),
            definitions={row.kpi: definition_of(KPIS[row.kpi], "reseller") for row in rows},
            insights=Insights(has_playbook=True, actions=tuple(asked)),
        )
    )
    assert read(actions.actions(card)) == " ".join(SHOWN.split())


def read(markup):
    text = html.unescape(re.sub(r"<[^>]+>", " ", markup)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.split()).replace(" :", ":")


def test_every_key_condition_and_placeholder_is_on_the_page():
    for name in (*Rule.model_fields, *When.model_fields):
        assert re.search(rf"`{name}[`:]", PAGE), name
    for name in PLACEHOLDERS:
        assert f"`{{{name}}}`" in PAGE, name


@pytest.mark.parametrize(
    ("stake", "kpi"), list(zip(STAKES, ["otif_rate", "dso_days", "leads"], strict=True))
)
def test_every_stake_of_the_page_comes_to_money(tmp_path, stake, kpi):
    text = EXAMPLE.replace("{times: revenue}", stake).replace("[on_time_rate, otif_rate]", kpi)
    assert read_playbook(written(tmp_path, text)).rules["late_deliveries"].stake


EDITS = {
    "on_tme_rate": ("on_time_rate", "on_tme_rate"),
    "gross_margin": ("on_time_rate", "gross_margin"),
    "behind_yer_ago": ("behind_year_ago", "behind_yer_ago"),
    "{target}": ("{gap}", "{target}"),
    "logistic'": ("owner: logistics", "owner: logistic"),
    "with the gap": ("times: revenue", "times: orders"),
}


@pytest.mark.parametrize(
    ("line", "edit"), list(zip(FAULTS.splitlines(), EDITS.items(), strict=True))
)
def test_every_fault_of_the_page_is_said_in_these_words(tmp_path, line, edit):
    sign, (right, wrong) = edit
    assert sign in line
    with pytest.raises(SettingsError) as error:
        read_playbook(written(tmp_path, EXAMPLE.replace(right, wrong, 1)))
    assert line in {f"{problem.where}: {problem.found}" for problem in error.value.problems}
