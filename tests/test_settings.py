from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kpi_lib import paths
from kpi_lib.address import Address
from kpi_lib.errors import SettingsError
from kpi_lib.kpis.profiles import check_names
from kpi_lib.settings import Settings, load_settings


def written(folder: Path, text: str) -> Path:
    (folder / "params").mkdir(exist_ok=True)
    file = folder / "params" / "project.yml"
    file.write_text(text, encoding="utf-8")
    return file


def said(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load_settings(written(folder, text))
    return [f"{p.where}: {p.found} {p.todo}".strip() for p in error.value.problems]


def test_without_a_file_everything_has_its_default(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "project", lambda: tmp_path)
    settings = load_settings()
    assert settings.is_example
    assert settings.file == tmp_path / "params" / "project.yml"
    assert settings.folder == tmp_path / "params"
    assert settings.line_of("weights") == "params/project.yml"
    assert (settings.maturity_days, settings.half_life_days) == (90, 30)
    assert (settings.clv_horizon_months, settings.year_end) == (36, "DEC")
    assert settings.models.annual_discount_rate == 0.10
    assert (settings.models.churn_horizon_days, settings.models.alert_threshold) == (90, 0.5)


def test_the_example_is_in_pounds_and_other_data_in_euros(tmp_path):
    assert load_settings(written(tmp_path, "")).reporting_currency == "GBP"
    assert load_settings(written(tmp_path, "data: ../data")).reporting_currency == "EUR"
    example = f"data: {paths.example_data()}"
    assert load_settings(written(tmp_path, example)).reporting_currency == "GBP"
    assert load_settings(written(tmp_path, "reporting_currency: USD")).reporting_currency == "USD"


def test_data_named_by_the_caller_take_the_place_of_the_example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load_settings(written(tmp_path, "year_end: MAR"), data="exports")
    assert settings.data == Address(str(tmp_path / "exports"))
    assert (settings.reporting_currency, settings.year_end) == ("EUR", "MAR")
    assert settings.line_of("year_end") == "params/project.yml line 1"
    assert settings.with_data(None) is settings
    assert settings.with_data(str(paths.example_data())).is_example


def test_the_shipped_settings_are_all_comments_and_hold_their_defaults():
    shipped = Path(__file__).parents[1] / "params" / "project.yml"
    text = shipped.read_text(encoding="utf-8")
    assert load_settings(shipped).model_dump() == Settings().model_dump()
    keys = set(re.findall(r"^# ([a-z_]+):", text, re.MULTILINE))
    assert keys == set(Settings.model_fields)


def test_the_shipped_settings_are_valid_with_every_comment_removed(tmp_path):
    shipped = Path(__file__).parents[1] / "params" / "project.yml"
    lines = shipped.read_text(encoding="utf-8").splitlines()
    bare = [line[2:] for line in lines if re.match(r"# ( *[a-z_]+:)", line)]
    file = written(tmp_path, "\n".join(bare))
    (tmp_path / "params" / "logo.png").touch()
    settings = load_settings(file)
    assert settings.maturity_days == Settings().maturity_days
    assert settings.models == Settings().models
    assert settings.packs == {"mean_repair_hours": ("number", "lower")}


def test_relative_paths_are_relative_to_the_file(tmp_path):
    (tmp_path / "params" / "mappings").mkdir(parents=True)
    (tmp_path / "params" / "mappings" / "shop.yml").touch()
    (tmp_path / "params" / "logo.png").touch()
    text = "data: ../exports\nmapping: MAPPING\ncompany: {logo: logo.png}\n"
    for name in ("shop", "shop.yml", "mappings/shop.yml"):
        settings = load_settings(written(tmp_path, text.replace("MAPPING", name)))
        assert settings.mapping == tmp_path / "params" / "mappings" / "shop.yml"
    assert settings.data == Address(str(tmp_path / "exports"))
    assert settings.company.logo == tmp_path / "params" / "logo.png"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("postgresql://me@host/shop", "postgresql://me@host/shop", id="a server"),
        pytest.param("sqlite:///shop.db", "sqlite:///{folder}/shop.db", id="a file beside"),
        pytest.param("sqlite:////shop/shop.db", "sqlite:////shop/shop.db", id="a file anywhere"),
        pytest.param("sqlite://", "sqlite://", id="in memory"),
        pytest.param("duckdb:///", "duckdb:///", id="no file"),
    ],
)
def test_a_url_stays_and_a_file_in_it_is_relative_to_the_settings(tmp_path, url, expected):
    settings = load_settings(written(tmp_path, f"data: {url}"))
    assert settings.data == Address(expected.format(folder=tmp_path / "params"))


def test_what_only_follows_from_another_fault_is_not_reported_beside_it(tmp_path):
    with pytest.raises(SettingsError) as error:
        load_settings(written(tmp_path, "data: [d]"))
    (problem,) = error.value.problems
    assert problem.found.startswith("data: it should be text: a folder, a file")


def test_an_absent_value_is_the_default(tmp_path):
    assert load_settings(written(tmp_path, "data:\nyear_end: ~\n")).year_end == "DEC"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        pytest.param("", {}, id="each table from its first day"),
        pytest.param("2026-01-05", {"*": date(2026, 1, 5)}, id="one day of all tables"),
        pytest.param('"2026-01-05"', {"*": date(2026, 1, 5)}, id="a day in quotes"),
        pytest.param(
            "{orders: 2024-01-01, surveys: 2026-04-01}",
            {"orders": date(2024, 1, 1), "surveys": date(2026, 4, 1)},
            id="a day of each table",
        ),
    ],
)
def test_the_data_are_covered_from_the_days_that_the_settings_name(tmp_path, text, days):
    assert load_settings(written(tmp_path, f"covered_from: {text}\n")).covered_from == days


@pytest.mark.parametrize(
    "text", ["soon", "2026", "[2026-01-05]", "2026-02-30", "2026-01-05 10:00:00"]
)
def test_what_is_no_day_covers_nothing_and_is_refused(tmp_path, text):
    with pytest.raises(SettingsError, match=r"is not a day|cannot be read"):
        load_settings(written(tmp_path, f"covered_from: {text}\n"))
    with pytest.raises(SettingsError, match=r"line 2.*(?:is not a day|cannot be read)"):
        load_settings(written(tmp_path, f"covered_from:\n  orders: {text}\n"))


def test_a_table_or_a_kpi_that_there_is_not_is_named_with_its_line_all_at_once(tmp_path):
    text = "covered_from:\n  order: 2024-01-01\n  zzz: 2024-01-01\nprofiles: {P1: [revenu]}\n"
    with pytest.raises(SettingsError) as refused:
        check_names(load_settings(written(tmp_path, text)))
    assert str(refused.value).splitlines() == [
        "params/project.yml line 2: there is no table 'order'",
        "    Did you mean orders?",
        "params/project.yml line 3: there is no table 'zzz'",
        "    docs/data.md lists the tables.",
        "params/project.yml line 4: there is no KPI 'revenu'",
        "    Did you mean revenue or revenue_share?",
    ]


def test_partner_ids_are_text_as_they_are_written(tmp_path):
    settings = load_settings(written(tmp_path, "profiles:\n  0042: [revenue]\n  NO: [orders]\n"))
    assert settings.profiles == {"0042": ("revenue",), "NO": ("orders",)}


def test_a_word_is_a_word_and_no_yes_or_no(tmp_path):
    text = "profiles: {a: [No, on, 0042, 'true']}\nmaturity_days: 0x5A\n"
    assert said(tmp_path, text) == [
        "params/project.yml line 2: maturity_days is '0x5A': it should be a whole number"
    ]
    settings = load_settings(written(tmp_path, text.splitlines()[0]))
    assert settings.profiles == {"a": ("No", "on", "0042", "true")}


def test_every_key_knows_its_line(tmp_path):
    text = "profiles:\n  reseller:\n    - revenue\n    - orders\n"
    settings = load_settings(written(tmp_path, text))
    assert settings.line_of("profiles.reseller.1") == "params/project.yml line 4"
    assert settings.line_of("profiles.reseller.9") == "params/project.yml line 2"
    assert settings.line_of("packs") == "params/project.yml"


def test_all_faults_are_reported_at_once_in_the_order_of_their_lines(tmp_path):
    faults = said(
        tmp_path,
        "maturity_day: 3\n"
        "weights: {revenu: 2, cost: -1}\n"
        "models:\n"
        "  alert_treshold: 0.3\n"
        "  churn_horizon_days: soon\n"
        "packs: {x: [ratio]}\n"
        "company: {colour: red}\n"
        "languages: en\n"
        "mail: no\n",
    )
    assert [fault.split(":")[0].removeprefix("params/project.yml line ") for fault in faults] == [
        *"122456789"
    ]
    assert faults[0].endswith("unknown key maturity_day Did you mean maturity_days?")
    assert "weights.cost is -1: it should be greater than or equal to 0" in faults[1]
    assert "weights.revenu" in faults[2] and "Did you mean revenue?" in faults[2]
    assert "unknown key models.alert_treshold Did you mean alert_threshold?" in faults[3]
    assert "models.churn_horizon_days is 'soon': it should be a whole number" in faults[4]
    assert "packs.x is ['ratio']" in faults[5] or "packs.x.1" in faults[5]
    assert "company.colour is 'red': it should have the form" in faults[6]
    assert "languages is 'en': it should be a list" in faults[7]
    assert "mail is 'no': it should be a valid mapping" in faults[8]


def test_an_unknown_key_far_from_any_names_those_there_are(tmp_path):
    assert "There are: alert_threshold, annual" in said(tmp_path, "models: {zzz: 1}")[0]
