"""A source whose address is full of passwords: none of them is in anything that a run leaves."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pypdf
import pytest

from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.data.dataset import check_dataset
from kpi_lib.errors import SourceError
from kpi_lib.leaks.decoded import html_pieces, pieces_of, text_pieces
from kpi_lib.mail.outbox import Mailing, write_outbox
from kpi_lib.settings import Settings, load_settings
from tests.planted import PLANTED, SECRETS, open_planted
from tests.watched import processes_watched

OF_ENVIRONMENT = {
    "KPI_DATA_PASSWORD": "Canary-Of-Data-5", "KPI_MAIL_PASSWORD": "Canary-Of-Mail-6",
    "KPI_MAIL_PASSWORD_FILE": "/keys/canary-7.txt", "WAREHOUSE_TOKEN": "Canary-Of-Another-8",
}  # fmt: skip
CANARIES = (*SECRETS, *OF_ENVIRONMENT.values())
PARTNERS = [("P1", "Alder", "reseller", "2023-01-01"), ("P2", "Birch", "reseller", "2023-01-01")]
ORDERS = [(1, "P1", "C1", "2024-05-01", 100.5), (2, "P2", "C2", "2024-05-02", 20)]
PAGE, MAIL, TABLE, PDF = {".html"}, {".eml"}, {".parquet"}, {".pdf"}


def write_database(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("create table partners (partner_id, name, partner_type, joined_on)")
        db.execute("create table orders (order_id, partner_id, customer_id, ordered_on, amount)")
        db.executemany("insert into partners values (?, ?, ?, ?)", PARTNERS)
        db.executemany("insert into orders values (?, ?, ?, ?, ?)", ORDERS)
    db.close()


@dataclass(frozen=True)
class Ran:
    """A company's folder after a run and its outbox, and what the processes of both showed."""

    folder: Path
    watched: dict[str, set[str]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A company whose data lie in a database that wants passwords, after a run and its e-mails."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "params").mkdir()
    write_database(folder / "shop.db")
    file = folder / "params" / "project.yml"
    file.write_text(f"data: {open_planted(folder / 'shop.db')}\n", encoding="utf-8")
    head = "partner_id,email,name,language,attach"
    lines = [f"{p},contact@{p.lower()}.invalid,Contact,en,html" for p, *_ in PARTNERS]
    (folder / "params" / "recipients.csv").write_text("\n".join([head, *lines]) + "\n")
    asked = BatchRequest(period="2024-Q2", workers=2, pdf=True)
    settings = load_settings(file)
    with pytest.MonkeyPatch.context() as environment, processes_watched(CANARIES) as watched:
        for name, value in OF_ENVIRONMENT.items():
            environment.setenv(name, value)
        outcome = run_batch(settings, asked, folder / "reports", lambda count: lambda result: None)
        assert outcome.failed == ()
        outbox = write_outbox(Mailing.open(settings, outcome.folder, folder / "workspace"))
    assert outbox.held == (), "a secret that is in no message holds none back"
    return Ran(folder, watched)


def everything(file: Path) -> str:
    """All that a file says, as it stands and decoded."""
    content = file.read_bytes()
    plain = content.decode("utf-8", "replace")
    pieces = []
    if file.suffix in PAGE:
        pieces = list(html_pieces("page", plain))
    elif file.suffix in MAIL:
        pieces = list(pieces_of(content))
    elif file.suffix in TABLE:
        plain += pl.read_parquet(file).write_json()
    elif file.suffix in PDF:
        plain += "".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    else:
        pieces = list(text_pieces("text", plain))
    return "\n".join([plain, *(piece.text for piece in pieces)])


def files_below(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


@pytest.fixture
def project(ran):
    return ran.folder


@pytest.mark.notebook
def test_no_secret_is_in_the_list_of_processes_or_given_to_a_notebook(ran):
    assert ran.watched["kernels"], "the reports' kernels were seen"
    assert not ran.watched["shown"] and not ran.watched["given"]


@pytest.mark.notebook
def test_no_password_of_the_source_is_in_anything_that_a_run_leaves(project):
    files = files_below(project / "reports")
    assert {".html", ".ipynb", ".json", ".parquet", ".pdf", ".eml"} <= {f.suffix for f in files}
    found = {
        f"{file.relative_to(project)}: {secret}"
        for file in files
        for secret in (*CANARIES, "db.example", "ann:")
        if secret in everything(file)
    }
    assert found == set()


@pytest.mark.notebook
def test_pages_and_records_call_the_source_by_its_kind_and_name(project):
    run_folder = project / "reports" / "2024-Q2"
    for name in ("partners/P1/scorecard.html", "data_quality.html", "index.html"):
        assert "PostgreSQL database sales" in (run_folder / name).read_text(encoding="utf-8"), name
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    assert record["data"]["source"] == "PostgreSQL database sales"


@pytest.mark.notebook
def test_what_a_partner_is_given_names_no_folder_of_the_machine(project):
    given = files_below(project / "reports" / "2024-Q2" / "partners")
    given += files_below(project / "reports" / "2024-Q2" / "outbox")
    named = [file for file in given if file.suffix != ".json" and str(project) in everything(file)]
    assert named == []


@pytest.mark.parametrize("address", PLANTED.values(), ids=PLANTED)
def test_a_source_that_cannot_be_opened_is_reported_without_its_password(address, tmp_path, capfd):
    with pytest.raises(SourceError) as error:
        check_dataset(Settings(data=address), workspace=tmp_path)
    outputs = [str(error.value), repr(error.value), *capfd.readouterr()]
    assert [secret for secret in SECRETS if any(secret in text for text in outputs)] == []
    assert error.value.__cause__ is None, "a notebook shows the cause of an error too"
    assert error.value.problems[0].todo or "cannot be opened" in error.value.problems[0].found
