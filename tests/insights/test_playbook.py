"""The playbook that ships, and what is said of one that somebody wrote wrong."""

from __future__ import annotations

import pytest

from kpi_lib.errors import SettingsError
from kpi_lib.insights.actions import actions_of
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.insights.playbook_faults import PLACEHOLDERS, placeholders
from tests.insights.made import KPIS, acted, playbook, row, rule, shipped, standing, written

GOOD = """\
owners:
  logistics: {en: Logistics}
rules:
  late:
    kpi: on_time_rate
    when: {status: off_track}
    action: {en: Check routes}
    next_step: {en: "From {value} to {target}"}
    owner: logistics
    due_days: 14
"""
BOOK = shipped()


def said(folder, text, settings=""):
    with pytest.raises(SettingsError) as error:
        read_playbook(written(folder, text, settings))
    return [f"{p.where}: {p.found} {p.todo}".strip() for p in error.value.problems]


def test_a_playbook_is_read_and_one_word_is_a_list_of_it(tmp_path):
    late = read_playbook(written(tmp_path, GOOD)).rules["late"]
    assert (late.kpi, late.when.status, late.edition, late.cases) == (
        ("on_time_rate",),
        ("off_track",),
        "shared",
        10,
    )


def test_a_project_without_a_playbook_has_none(tmp_path):
    settings = written(tmp_path, GOOD)
    (tmp_path / "params" / "playbook.yml").unlink()
    assert read_playbook(settings) is None


def test_an_empty_playbook_is_one_without_rules(tmp_path):
    assert read_playbook(written(tmp_path, "# nothing yet\n")).rules == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "kpi: on_time_rate", "kpi: on_tim_rate",
            "line 5: rules.late.kpi: there is no KPI 'on_tim_rate' Did you mean on_time_rate",
            id="a KPI that is none"),
        pytest.param(
            "kpi: on_time_rate", "family: servic",
            "line 5: rules.late.family: there is no family 'servic' Did you mean service?",
            id="a family that is none"),
        pytest.param(
            "kpi: on_time_rate", "kpi: revenue\n    family: service",
            "rules.late.kpi: no KPI is of these families Name one of the two",
            id="a KPI of another family"),
        pytest.param(
            "owner: logistics", "owner: logistic",
            "line 9: rules.late.owner: 'logistic' is none of the owners Did you mean logistics?",
            id="an owner that is none"),
        pytest.param(
            "kpi: on_time_rate", "kpi: gross_margin",
            "rules.late.kpi: gross_margin is internal, and the rule is for partners too Write `edi",
            id="an internal KPI for partners"),
        pytest.param(
            "due_days: 14", "due_days: 14\n    stake: {times: program_cost}",
            "line 11: rules.late.stake.times: program_cost is internal",
            id="an internal stake for partners"),
        pytest.param(
            "due_days: 14", "due_days: 14\n    stake: {times: orders}",
            "line 11: rules.late.stake: with the gap of on_time_rate it does not come to money",
            id="a stake that is no money"),
        pytest.param(
            "{status: off_track}", "{status: off_trak}",
            "line 6: rules.late.when.status.0 is 'off_trak': it should be 'on_track', 'at_risk' or",
            id="a status that is none"),
        pytest.param(
            "{status: off_track}", "{statuz: off_track}",
            "line 6: unknown key rules.late.when.statuz Did you mean status?",
            id="a condition that is none"),
        pytest.param(
            "kpi: on_time_rate", "stake: {times: revenue}",
            "line 5: rules.late.stake: a stake, but no KPI Name the KPIs whose gap",
            id="a stake of every unit"),
        pytest.param(
            "{status: off_track}", "{}", "line 6: rules.late.when: asks for nothing",
            id="no condition"),
        pytest.param(
            "{status: off_track}", "{missing: true, trend: worsening}",
            "line 6: rules.late.when: a value that is missing has no other figure",
            id="missing and something else"),
        pytest.param(
            "kpi: on_time_rate\n    when: {status: off_track}", "when: {above: 1}",
            "line 5: rules.late.when: a limit, but no KPI Name the KPIs",
            id="a limit in every unit"),
        pytest.param(
            "kpi: on_time_rate", "kpi: receivables",
            "rules.late.when: of receivables neither a higher nor a lower value is better",
            id="a KPI that has no wrong side"),
        pytest.param(
            "{status: off_track}", "{behind_benchmark: 0.1}",
            "rules.late.when: on_time_rate has no benchmark",
            id="no benchmark"),
        pytest.param(
            "From {value}", "From {vale}",
            "line 8: rules.late.next_step.en: there is no {vale} Did you mean value",
            id="a placeholder that is none"),
        pytest.param(
            "From {value}", "From {value.__class__}",
            "line 8: rules.late.next_step.en: there is no {value.__class__}",
            id="a placeholder with an attribute"),
        pytest.param(
            "From {value}", "From {value:>900000000}",
            "line 8: rules.late.next_step.en: there is no {value:>900000000}",
            id="a placeholder with a format"),
        pytest.param(
            "From {value}", "From {value", "line 8: rules.late.next_step.en: a brace that is not",
            id="an open brace"),
        pytest.param(
            "{status: off_track}", "{behind_year_ago: 0.1}",
            "rules.late.next_step.en: {target} may have no figure Each case must ask",
            id="a figure that may be missing"),
        pytest.param(
            "{en: Check routes}", '{en: "Check {gap}"}',
            "line 7: rules.late.action.en: {gap} in the name of an action",
            id="a figure in a title"),
        pytest.param(
            "due_days: 14", "due_days: soon",
            "line 10: rules.late.due_days is 'soon': it should be a whole number",
            id="a day that is none"),
        pytest.param(
            "{en: Check routes}", "Check routes",
            "line 7: rules.late.action is 'Check routes': it should be a valid mapping",
            id="a text without a language"),
        pytest.param(
            "  late:", "  Late One:", "rules.Late One is 'Late One': it should have the form",
            id="a name that is no name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path, old, new, expected):
    assert old in GOOD
    found = said(tmp_path, GOOD.replace(old, new, 1))
    assert any(f"params/playbook.yml {expected}" in one or expected in one for one in found), found


def test_all_faults_of_all_rules_are_reported_at_once_in_the_order_of_their_lines(tmp_path):
    second = GOOD.partition("rules:\n")[2].replace("late:", "later:")
    text = GOOD.replace("owner: logistics", "owner: nobody").replace("due_days: 14", "due: 14")
    found = said(
        tmp_path, text + second.replace("on_time_rate", "on_time").replace("{value}", "{x}")
    )
    assert [one.partition(":")[0].rpartition(" ")[2] for one in found] == ["4", "10", "12", "15"]
    assert "due_days is missing" in found[0], "the form of one rule hides nothing of another"


def test_a_text_must_be_there_in_each_language_of_the_pages(tmp_path):
    found = said(tmp_path, GOOD, "languages: [en, de]\n")
    assert found == [
        "params/playbook.yml line 2: owners.logistics: has no text in de, nor in 2 places more "
        "Pages are made in the languages of project.yml: write each text in them."
    ]


def test_the_rules_as_a_list_are_refused(tmp_path):
    assert "rules is [" in said(tmp_path, "rules: [late]\n")[0]


def test_a_measure_of_the_companys_own_pack_may_have_a_rule(tmp_path):
    text = GOOD.replace("on_time_rate", "mean_repair_hours")
    settings = written(tmp_path, text, "packs: {mean_repair_hours: [number, lower]}\n")
    assert read_playbook(settings).rules["late"].kpi == ("mean_repair_hours",)


# --- the one that ships ---------------------------------------------------------------------------


def test_the_shipped_playbook_has_rules_for_every_family_that_has_kpis():
    assert len(BOOK.rules) >= 20
    named = {KPIS[k].family for r in BOOK.rules.values() for k in r.kpi}
    named |= {family for r in BOOK.rules.values() for family in r.family}
    assert named >= {kpi.family for kpi in KPIS.values()} - {"market"}
    assert any(not r.kpi and not r.family for r in BOOK.rules.values()), "and one for all others"


@pytest.mark.parametrize(("key", "words"), list(BOOK.texts()), ids=dict(BOOK.texts()))
def test_every_shipped_text_is_there_in_english_and_in_german_that_says_sie(key, words):
    assert set(words) == {"en", "de"}
    assert set(placeholders(words["en"])) == set(placeholders(words["de"])) <= set(PLACEHOLDERS)
    assert not any(f" {du} " in f" {words['de'].lower()} " for du in ("du", "dein", "dir", "dich"))
    if key.endswith("next_step"):
        assert words["en"].endswith(".")
        assert words["de"].endswith(".") or words["de"].endswith("?")


@pytest.mark.parametrize("name", BOOK.rules)
def test_every_shipped_rule_can_be_met(name):
    wanted = BOOK.rules[name]
    met = [kpi for kpi in KPIS.values() if wanted.is_about(kpi) and _actions(name, kpi)]
    assert met
    for kpi in wanted.kpi:
        assert KPIS[kpi] in met, f"an earlier rule takes every case of {kpi}"


def _actions(name, kpi):
    """Return the actions by the rule in any of its cases, before which no other rule comes."""
    types = ("supplier", "reseller")
    met = []
    for when in BOOK.rules[name].cases_of_when.values():
        wheres = [standing(_row_for(when, kpi), partner={"partner_type": t}) for t in types]
        actions = [a for where in wheres for a in acted_by_the_shipped(where)]
        met += [action for action in actions if action.rule == name]
    return met


def acted_by_the_shipped(where):
    return actions_of(where, BOOK.by_kpi(KPIS.values()))


def _row_for(when, kpi):
    """Return a row of the KPI in which all holds that a case asks for."""
    sign = 1 if kpi.better == "higher" else -1
    value = when.above + 0.5 if when.above is not None else 0.1
    value = when.below - 0.05 if when.below is not None else value
    figures = {"n": 500, "denominator": 1.0}
    if when.missing:
        return row(kpi.id, None, previous=1.0)
    if when.conditions & {"status", "off_track_periods"}:
        ahead = when.ahead_of_target is not None
        figures["status"] = "on_track" if ahead else "off_track"
        figures["target"] = value - sign * value if ahead else value + sign * value
        figures["off_track_periods"] = 0 if ahead else when.off_track_periods or 1
    if when.behind_year_ago is not None:
        figures["year_ago"] = value * (1 + sign * 0.8)
    return row(kpi.id, value, **figures)


def test_the_owners_of_the_shipped_rules_are_all_used():
    assert {r.owner for r in BOOK.rules.values()} == set(BOOK.owners)


def test_a_rule_without_a_kpi_is_about_every_kpi():
    everything = playbook(any=rule()).by_kpi(KPIS.values())
    assert set(everything.rules) == set(KPIS)
    assert acted(standing(), any=rule()) == []
