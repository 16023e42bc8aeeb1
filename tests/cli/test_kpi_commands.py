"""The command as people and programs meet it: what it prints, its exit status, what it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.kpis.catalogue import catalogue
from tests.data.broken import BROKEN, Broken
from tests.rights import as_anybody

DONE, NOTHING_DONE = 0, 2


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if not path.is_symlink()
    }


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_broken_input_ends_with_2_names_the_place_and_writes_nothing(
    broken: Broken, kpi, tmp_path, monkeypatch
):
    broken.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    for words in (["compute", "--out", "kpis.parquet"], ["run", "--out", "reports"]):
        with as_anybody():
            said = kpi(*words, "--params", tmp_path / "params" / "project.yml")
        assert said.status == NOTHING_DONE
        assert [part for part in broken.expected if part not in said.err] == []
        assert "Traceback" not in said.out + said.err
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("--period 2026-Q5", "'2026-Q5' is not a period", id="no such quarter"),
        pytest.param("--period 2024-Q2 --as-of 2024-07-01", "does not lie in", id="a day outside"),
        pytest.param("--as-of 31/02/2026", "'31/02/2026' is not a day", id="no day"),
        pytest.param("--data nowhere", "nowhere", id="no such folder"),
        pytest.param("--params nowhere.yml", "there is no such file", id="no such settings"),
        pytest.param("--partners P9 P1", "no such partner by 2024-03-31: P9", id="no such partner"),
        pytest.param("P1", "there is no such argument", id="a partner without its option"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_right_ends_with_2_and_writes_nothing(words, expected, kpi, project):
    before = tree(project)
    said = kpi("run", "--out", "reports", *words.split())
    assert (said.status, expected in said.err) == (NOTHING_DONE, True), said.err
    assert tree(project) == before


def test_an_unknown_kpi_in_the_settings_is_named_at_its_line(kpi, project):
    settings = project / "params" / "project.yml"
    settings.write_text(
        settings.read_text() + "profiles:\n  reseller: [revenue, revenu]\n"
        "tolerances:\n  no_such_thing_at_all: 0.1\n"
    )
    said = kpi("compute", "--out", "k.parquet")
    assert said.status == NOTHING_DONE
    assert "params/project.yml line 3: there is no KPI 'revenu'" in said.err
    assert "Did you mean revenue" in said.err
    assert "params/project.yml line 5: there is no KPI 'no_such_thing_at_all'" in said.err


def test_a_measure_named_like_a_kpi_is_refused_at_its_line_beside_all_other_faults(kpi, project):
    settings = project / "params" / "project.yml"
    settings.write_text(
        settings.read_text()
        + "packs:\n  site_visits: [number, higher]\n  revenue: [money, lower]\n"
        "tolerances: {site_visit: 0.1}\n"
    )
    for words in (["compute", "--out", "k.parquet"], ["list"], ["explain", "site_visits"]):
        said = kpi(*words)
        assert said.status == NOTHING_DONE
        first, todo, second, _ = said.err.splitlines()
        assert first == (
            "params/project.yml line 4: 'revenue' is a KPI of the catalogue, of the family revenue"
        )
        assert "Call your measure something else" in todo
        assert second == "params/project.yml line 5: there is no KPI 'site_visit'"
    assert not (project / "k.parquet").exists()


def test_data_without_faults_are_said_to_have_none(kpi, project):
    said = kpi("check")
    assert (said.status, said.out, said.err) == (DONE, "No faults.\n", "")


def test_faults_are_reported_by_place_and_as_a_list(kpi, project):
    orders = project / "data" / "orders.csv"
    orders.write_text(orders.read_text().replace("2024-05-02", "31/02/2026"))
    said = kpi("check")
    assert said.status == NOTHING_DONE
    assert "orders row 2 column ordered_on: 31/02/2026 is not a date" in said.out
    faults = json.loads(kpi("check", "--json").out)
    assert [(f["table"], f["row"], f["column"], f["severity"]) for f in faults] == [
        ("orders", 2, "ordered_on", "fault")
    ]
    assert faults[0]["value"] == "31/02/2026"


def test_rows_with_faults_are_left_out_only_if_asked_for_and_counted(kpi, project):
    orders = project / "data" / "orders.csv"
    orders.write_text(orders.read_text().replace("2024-05-02", "31/02/2026"))
    words = ["compute", "--period", "2024-Q2", "--out", "k.parquet"]
    assert kpi(*words).status == NOTHING_DONE
    said = kpi(*words, "--allow-faults")
    assert said.status == DONE
    assert "orders: 1 row with faults left out" in said.out
    table = pl.read_parquet(project / "k.parquet")
    company = table.filter((pl.col("kpi") == "revenue") & (pl.col("scope") == "company"))
    assert company["value"].to_list() == [130.5]


@pytest.fixture
def odd(project):
    """A project in which nothing is wrong and some things are odd."""
    data = project / "data"
    (data / "partners.csv").write_text(
        "partner_id,name,partner_type,joined_on,left_on\nP1,Alder,reseller,2024-01-01,2024-04-30\n"
        "P2,Birch,distribution,2024-02-01,\n"
    )
    (data / "ORDERS_2023.CSV").write_text("order_id\n1\n")
    return project


def test_what_is_odd_is_reported_with_its_count_and_stops_nothing(kpi, odd):
    said = kpi("check")
    assert said.status == DONE
    assert "warning: ORDERS_2023.CSV: is not read; a table is one file" in said.out
    assert "warning: orders row 1 column ordered_on: after the partner left: 2024-05-01" in said.out
    assert "0 faults, 2 warnings" in said.out
    faults = json.loads(kpi("check", "--json").out)
    assert [(f["table"], f["row"], f["severity"]) for f in faults] == [
        ("orders", 1, "warning"),
        ("ORDERS_2023.CSV", None, "warning"),
    ]
    said = kpi("compute", "--period", "2024-Q2", "--out", "k.parquet")
    assert said.status == DONE
    assert said.out.splitlines()[1:] == [
        "warning: orders.ordered_on: after the partner left (1 row, the first is row 1)",
        "warning: ORDERS_2023.CSV: is not read; a table is one file; put its rows into orders.csv",
    ]


def test_a_run_closes_with_what_is_odd(kpi, odd, monkeypatch):
    from kpi_lib.batch import batch_run as module

    monkeypatch.setattr(module, "run_reports", lambda jobs, **more: [])
    said = kpi("run", "--period", "2024-Q2", "--out", "out")
    assert "warning: orders.ordered_on: after the partner left (1 row, the first is row 1)" in (
        said.out
    )
    assert "warning: ORDERS_2023.CSV: is not read" in said.out


def test_a_recipient_of_nobody_is_a_fault_of_the_settings_own_data(kpi, project):
    head = "partner_id,email,name,language,attach"
    rows = [
        "P1,a@x.invalid,Anna,en,html",
        "p2,b@x.invalid,Ben,en,html",
        "P9,c@x.invalid,Cy,en,html",
    ]
    for mark in ",;":
        text = "\n".join([head, *rows]).replace(",", mark)
        (project / "params" / "recipients.csv").write_text(text)
        said = kpi("check")
        assert said.status == NOTHING_DONE
        assert said.out.splitlines()[:2] == [
            "params/recipients.csv row 2 column partner_id: no such partner: p2; did you mean P2?",
            "params/recipients.csv row 3 column partner_id: no such partner: P9",
        ]
    assert kpi("check", "--data", "data").status == DONE, "they are not those of other data"
    assert kpi("compute", "--out", "k.parquet").status == DONE, "no figure stands on them"


def test_a_profile_that_leads_no_page_is_reported_with_its_line(kpi, project):
    settings = project / "params" / "project.yml"
    profiles = "profiles:\n  P1: [revenue]\n  resellr: [orders]\n  P77: [orders]\n"
    settings.write_text(f"{settings.read_text()}{profiles}")
    first = len(settings.read_text().splitlines()) - 1
    said = kpi("check")
    assert (said.status, said.out.splitlines()[:2]) == (
        DONE,
        [
            f"warning: params/project.yml line {first} column profiles: leads no page, as no "
            "partner or partner type is 'resellr'. Did you mean reseller or referral?",
            f"warning: params/project.yml line {first + 1} column profiles: leads no page, as no "
            "partner or partner type is 'P77'",
        ],
    )


def test_compute_writes_the_kpi_table_of_the_period(kpi, project):
    said = kpi("compute", "--period", "2024-Q2", "--out", "k.parquet")
    assert said.status == DONE
    table = pl.read_parquet(project / "k.parquet")
    partner = table.filter((pl.col("entity") == "P1") & (pl.col("kpi") == "revenue"))
    assert partner.select("period", "value", "n", "missing").rows() == [("2024-Q2", 100.5, 1, None)]
    assert f"{len(table):,} rows" in said.out


def test_compute_gives_the_same_on_duckdb(kpi, project):
    for engine in ("polars", "duckdb"):
        words = ["--period", "2024-Q2", "--out", f"{engine}.parquet", "--engine", engine]
        assert kpi("compute", *words).status == DONE
    assert pl.read_parquet("duckdb.parquet").equals(pl.read_parquet("polars.parquet"))
    said = kpi("compute", "--out", "k.parquet", "--engine", "abacus")
    assert "there is no engine 'abacus'" in said.err


def test_compute_refuses_a_place_that_cannot_be_written(kpi, project):
    for place in ("data", "nowhere/k.parquet"):
        said = kpi("compute", "--out", place)
        assert (said.status, "cannot be written" in said.err) == (NOTHING_DONE, True)


def test_the_default_period_is_the_last_whole_quarter_of_the_data(kpi, project):
    assert "2024-Q1" in kpi("compute", "--out", "k.parquet").out


def test_data_without_orders_or_dates_need_a_period(kpi, project):
    for name in ("orders", "customers"):
        (project / "data" / f"{name}.csv").unlink()
    assert "2023-Q4" in kpi("compute", "--out", "k.parquet").out, "from the partners' own dates"
    (project / "data" / "partners.csv").write_text("partner_id,name,partner_type,joined_on\n")
    assert "partners: has no row" in kpi("compute", "--out", "k.parquet").err


def test_the_catalogue_is_listed_for_people_and_for_programs(kpi):
    said = kpi("list")
    assert "customer_retention " in said.out
    listed = {row["id"]: row for row in json.loads(kpi("list", "--json").out)}
    assert list(listed) == list(catalogue())
    assert listed["average_order_value"]["tables"] == {"orders": ["amount", "ordered_on", "status"]}
    assert listed["average_order_value"]["definition"].startswith("Amount of fulfilled orders")
    assert listed["average_order_value"]["notes"][0].startswith("Not `revenue` over `orders`")
    assert kpi("list", "--markdown").out.startswith("# The KPIs\n")


@pytest.fixture
def measured(project):
    """The small project with a measure of its own, and one observation of it."""
    settings = project / "params" / "project.yml"
    settings.write_text(settings.read_text() + "packs: {site_visits: [number, higher]}\n")
    (project / "data" / "observations.csv").write_text(
        "observation_id,partner_id,measure,observed_on,numerator\n1,P1,site_visits,2024-05-01,3\n"
    )
    return project


def test_a_companys_own_measures_are_listed(kpi, measured):
    assert "site_visits " in kpi("list").out
    listed = json.loads(kpi("list", "--json").out)
    assert [row["id"] for row in listed] == [*catalogue(), "site_visits"]
    assert (listed[-1]["unit"], listed[-1]["family"]) == ("number", "industry")
    assert "| Site visits | `site_visits` | number | higher |" in kpi("list", "--markdown").out
    elsewhere = measured / "other.yml"
    elsewhere.write_text("packs: {mean_repair_hours: [number, lower]}\n")
    others = kpi("list", "--params", elsewhere).out
    assert ("mean_repair_hours " in others, "site_visits" in others) == (True, False)


def test_a_companys_own_measures_are_explained_and_found_by_a_name_near_theirs(kpi, measured):
    rows = measured / "rows.csv"
    words = ["--partner", "P1", "--period", "2024-Q2"]
    said = kpi("explain", "site_visits", *words, "--rows", rows)
    assert "P1, 2024-Q2: 3" in said.out
    assert pl.read_csv(rows)["numerator"].to_list() == [3]
    assert "Did you mean site_visits" in kpi("explain", "sight_visits", *words).err


def test_the_catalogue_is_listed_in_one_form_at_a_time(kpi):
    said = kpi("list", "--json", "--markdown")
    assert (said.status, "Ask for one" in said.err) == (NOTHING_DONE, True)


def test_a_period_before_the_data_and_every_partner_is_refused(kpi, project):
    said = kpi("compute", "--period", "1999-Q3", "--out", "kpis.parquet")
    assert said.status == NOTHING_DONE
    assert (
        "nothing is known of 1999-Q3: the first partner joined on 2024-01-01, "
        "the data begin on 2024-05-01" in said.err
    )
    assert not (project / "kpis.parquet").exists()
    assert kpi("run", "--period", "1999-Q3", "--out", "reports").status == NOTHING_DONE


def test_explain_of_a_partner_to_come_says_when_it_joined(kpi, project):
    partners = project / "data" / "partners.csv"
    partners.write_text(f"{partners.read_text()}P4,Dogwood,reseller,2024-07-10\n")
    said = kpi("explain", "revenue", "--partner", "P4", "--period", "2024-Q2")
    assert said.status == NOTHING_DONE
    assert "P4 joined on 2024-07-10, after 2024-Q2" in said.err


def test_explain_says_that_the_data_cover_a_part_of_the_period(kpi, project):
    said = kpi("explain", "revenue", "--partner", "P1", "--period", "2024-Q2").out
    assert "The data cover the period from 2024-05-01 on only" in said
    assert "The data cover" not in kpi("explain", "revenue", "--period", "2024-Q3").out


def test_explain_shows_the_formula_with_its_figures(kpi, tmp_path):
    rows = tmp_path / "rows.csv"
    words = ["explain", "customer_retention", "--partner", "Germany", "--period", "2011-Q3"]
    said = kpi(*words, "--rows", rows)
    assert said.status == DONE
    for part in ("67.6%", "= 25 ", "/ 37 ", "95 % interval: 51.5% to 80.4%", "no target"):
        assert part in said.out
    counted = pl.read_csv(rows, infer_schema=False)
    then = counted.filter(pl.col("to_denominator").is_not_null() & (pl.col("period") == "2010-Q3"))
    assert then["customer_id"].n_unique() == 37


def test_explain_says_what_is_missing(kpi, tmp_path):
    said = kpi("explain", "gross_margin", "--partner", "Germany")
    assert "no value" in said.out
    assert "there is no column orders.cost" in said.out
    said = kpi("explain", "gross_margin", "--rows", tmp_path / "rows.csv")
    assert (said.status, "There are no rows to show" in said.err) == (NOTHING_DONE, True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("revenu", "Did you mean revenue", id="a misspelt KPI"),
        pytest.param("zzzzzz", "`kpi list` shows the catalogue", id="a KPI like none"),
        pytest.param("purchase_gap_ratio", "stands for partners only", id="a partner's alone"),
        pytest.param(
            "active_partners --partner Germany", "has no row for Germany", id="a roll-up's"
        ),
        pytest.param(
            "customer_retention --period 2011-08", "every quarter or longer", id="too short"
        ),
    ],
)
def test_explain_refuses_what_it_cannot_explain(words, expected, kpi):
    said = kpi("explain", *words.split())
    assert (said.status, expected in said.err) == (NOTHING_DONE, True), said.err


def test_explain_says_in_a_line_what_the_partner_reported(kpi, project):
    (project / "params" / "project.yml").write_text("data: ../data\ncovered_from: 2024-04-01\n")
    (project / "data" / "partner_reported.csv").write_text(
        "partner_id,kpi,period,value,reported_on,owner\n"
        "P1,revenue,2024-Q2,120,2024-06-30,Bo\nP1,orders,2024-Q2,1,2024-06-30,\n"
        "P1,otif_rate,2024-Q2,0.9,2024-06-30,Bo\n"
    )
    words = ["--partner", "P1", "--period", "2024-Q2"]
    for kpi_id, line in (
        (
            "revenue",
            "the partner reported €120 (Bo): in dispute since 2024-Q2, a difference of 1.0%",
        ),
        ("orders", "the partner reported 1: agreed, a difference of 1.0% is allowed"),
        ("otif_rate", "the partner reported 90.0% (Bo): there is no table deliveries"),
    ):
        assert line in kpi("explain", kpi_id, *words).out
    assert "reported" not in kpi("explain", "revenue", "--period", "2024-Q2").out


def test_help_has_an_example_for_every_command(kpi):
    for command in ("check", "compute", "run", "preview", "list", "explain"):
        assert f"Example: kpi {command}" in kpi(command, "--help").out
    assert "Example: kpi example synthetic" in kpi("example", "synthetic", "--help").out


def test_an_invented_company_is_written_where_the_call_says_and_passes_the_check(kpi, tmp_path):
    size = ("--partners", 3, "--orders", 200, "--seed", 5)
    said = kpi("example", "synthetic", "--out", tmp_path / "made", *size)
    assert said.status == DONE
    assert "3 partners, 200 orders, seed 5" in said.out
    assert kpi("check", "--data", tmp_path / "made").out == "No faults.\n"


def test_an_invented_company_is_not_written_over_something_else(kpi, project):
    before = tree(project)
    said = kpi("example", "synthetic", "--out", "data", "--partners", 0)
    assert said.status == NOTHING_DONE
    assert "--partners 0: makes no company" in said.err
    assert "--out data: holds" in said.err
    assert tree(project) == before
