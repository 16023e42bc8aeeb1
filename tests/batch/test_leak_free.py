"""What a partner gets is searched when it is made: a page with another's name takes no place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.cli import app
from kpi_lib.leaks.allowed import Allowed, read_allowed
from kpi_lib.leaks.allowed import allow as write_allowed
from kpi_lib.settings import load_settings

PERIOD = "2024-Q2"
PARTNERS = """partner_id,name,partner_type,joined_on
P1,Alder Trading,reseller,2023-01-01
P2,Quendis Werke,reseller,2023-01-01
"""
ORDERS = """order_id,partner_id,customer_id,ordered_on,amount
1,P1,C1,2024-05-01,73412.50
2,P2,C2,2024-05-02,51203
"""
NOTE = "Compared with Quendis, whose revenue was 51,203, you did well."


@pytest.fixture(scope="module")
def wrongly_filed(tmp_path_factory):
    """A company of two partners, whose manager wrote of the second into the first one's note."""
    folder = tmp_path_factory.mktemp("company")
    for name, text in {
        "params/project.yml": "data: ../data\nsource: Sales ledger\n",
        "params/recipients.csv": "partner_id,email,name,language,attach\n",
        "data/partners.csv": PARTNERS,
        "data/orders.csv": ORDERS,
        f"params/notes/P1/{PERIOD}.md": NOTE,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def made_in(folder):
    settings = load_settings(folder / "params" / "project.yml")
    asked = BatchRequest(period=PERIOD, workers=2, editions=("partner",), of_run=False)
    return run_batch(settings, asked, folder / "reports", lambda count: lambda result: None)


def allow(folder, text, reason="Both agreed to be named."):
    call = ["allow", "P1", text, "--period", PERIOD, "--reason", reason]
    return CliRunner().invoke(app, [*call, "--params", str(folder / "params" / "project.yml")])


@pytest.mark.slow
def test_a_note_filed_under_the_wrong_partner_stops_its_report_until_a_person_lets_it_stand(
    wrongly_filed,
):
    outcome = made_in(wrongly_filed)
    problems = [str(problem) for result in outcome.failed for problem in result.problems]
    assert [result.page.subject for result in outcome.failed] == ["P1"]
    assert len(problems) == 2
    assert (
        f"P1, scorecard, notes/P1/{PERIOD}.md: a part of the name of P2, 'Quendis'" in problems[0]
    )
    assert "a figure that is not this partner's, '51,203', which is not for P1" in problems[1]
    assert "kpi allow P1 'Quendis'" in problems[0]
    assert not (outcome.folder / "partners" / "P1").exists()
    assert (outcome.folder / "partners" / "P2" / "scorecard.html").is_file()
    assert allow(wrongly_filed, "Quendis").exit_code == 0
    assert [str(p) for r in made_in(wrongly_filed).failed for p in r.problems] == [problems[1]]
    assert allow(wrongly_filed, "51,203").exit_code == 0
    assert made_in(wrongly_filed).failed == ()
    record = json.loads((outcome.folder / "run.json").read_text())
    let = {(a["text"], a["reason"]) for a in record["allowed"]}
    assert let == {("Quendis", "Both agreed to be named."), ("51,203", "Both agreed to be named.")}
    assert all(a["by"] and a["at"] for a in record["allowed"])


def test_nothing_is_allowed_without_a_reason(wrongly_filed):
    settings = load_settings(wrongly_filed / "params" / "project.yml")
    before = read_allowed(settings.folder)
    done = allow(wrongly_filed, "Alder", reason=" ")
    assert "there is no reason" in str(done.exception)
    assert read_allowed(settings.folder) == before


def test_every_line_that_is_not_whole_is_reported(tmp_path, wrongly_filed):
    from kpi_lib.errors import SettingsError

    (tmp_path / "project.yml").write_text("")
    head = "partner_id,period,text,reason,by,at\n"
    (tmp_path / "allowed.csv").write_text(f"{head}P1,{PERIOD},Cedar,,ann,2024\nP1\n")
    with pytest.raises(SettingsError) as caught:
        read_allowed(tmp_path)
    assert [p.found for p in caught.value.problems] == ["there is no reason", "it has not 6 values"]


@pytest.mark.parametrize("missing", ["partner_id", "text"])
def test_nothing_is_allowed_that_is_of_nobody_or_no_text(tmp_path, missing):
    from kpi_lib.errors import SettingsError

    (tmp_path / "project.yml").write_text("")
    settings = load_settings(tmp_path / "project.yml")
    one = replace(Allowed("P1", PERIOD, "Cedar", "agreed", "ann", "2024"), **{missing: " "})
    with pytest.raises(SettingsError, match=f"there is no {missing}"):
        write_allowed(settings.folder, one)
    assert read_allowed(settings.folder) == ()


def test_what_has_no_text_such_as_a_secret_is_covered_by_no_line():
    assert not Allowed("*", PERIOD, "", "agreed", "ann", "2024").covers("", "P1", PERIOD)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_line_is_added_to_a_file_that_a_spreadsheet_or_an_editor_left(tmp_path, mark):
    (tmp_path / "project.yml").write_text("")
    head = "partner_id,period,text,reason,by,at\n"
    before = f"{mark}{head}P1,{PERIOD},Cedar,agreed,ann,2024"  # no end of the line
    (tmp_path / "allowed.csv").write_text(before, encoding="utf-8")
    settings = load_settings(tmp_path / "project.yml")
    write_allowed(settings.folder, Allowed("P2", PERIOD, "Alder", "agreed", "ann", "2024"))
    assert [(a.partner_id, a.text) for a in read_allowed(settings.folder)] == [
        ("P1", "Cedar"),
        ("P2", "Alder"),
    ]
