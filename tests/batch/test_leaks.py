"""What a partner is given, searched for everybody else: pages and notebooks of a small company."""

from __future__ import annotations

import base64
import html
import re
import shutil
from pathlib import Path

import pypdf
import pytest

from kpi_lib import paths
from kpi_lib.audience import EDITIONS
from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.settings import load_settings
from kpi_lib.slices.file import read
from kpi_lib.slices.scorecard_types import ScorecardSlice

NAMES = {"P1": "Canary Alder", "P2": "Canary Birch", "P3": "Canary Cedar"}
# Figures that nobody meets by chance: each partner's orders, direct business, and the sums of all.
AMOUNTS = {"P1": 41257.13, "P2": 58391.77, "P3": 67013.29, "": 83921.41}
COSTS = 0.37  # of an amount: what is left of it is internal, and nobody meets that by chance
GIVEN = ["scorecard.html", "scorecard.ipynb", "scorecard.pdf"]
REPORTED = {"P1": 71233.19, "P2": 72441.83, "P3": 73659.41}  # by the partners themselves


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    project = tmp_path_factory.mktemp("canaries")
    (project / "params").mkdir()
    (project / "data").mkdir()
    (project / "params" / "project.yml").write_text("data: ../data\ncovered_from: 2024-04-01\n")
    shutil.copy(paths.package().parent / "params" / "playbook.yml", project / "params")
    partners = [
        f"{id_},{name},reseller,2023-01-01,Manager of {name}" for id_, name in NAMES.items()
    ]
    head = "partner_id,name,partner_type,joined_on,manager"
    (project / "data" / "partners.csv").write_text("\n".join([head, *partners]) + "\n")
    orders = [
        f"{i},C{i},{id_},2024-05-0{i},{amount},{amount * COSTS:.2f}"
        for i, (id_, amount) in enumerate(AMOUNTS.items(), 1)
    ]
    head = "order_id,customer_id,partner_id,ordered_on,amount,cost"
    (project / "data" / "orders.csv").write_text("\n".join([head, *orders]) + "\n")
    _write_what_asks_for_actions(project / "data")
    head = "partner_id,kpi,period,value,reported_on"
    reported = [f"{id_},revenue,2024-Q2,{amount},2024-06-30" for id_, amount in REPORTED.items()]
    (project / "data" / "partner_reported.csv").write_text("\n".join([head, *reported]) + "\n")
    settings = load_settings(project / "params" / "project.yml")
    asked = BatchRequest(period="2024-Q2", workers=2, pdf=True)
    outcome = run_batch(settings, asked, project / "reports", lambda count: lambda result: None)
    assert outcome.failed == ()
    return outcome.folder


def _write_what_asks_for_actions(data):
    """Give every partner a target that it misses, and a bill beyond its (internal) credit limit."""
    head = "scope,entity,kpi,period,target"
    (data / "targets.csv").write_text(f"{head}\nall,*,revenue,2024-Q2,98765.4\n")
    owing = {id_: amount for id_, amount in AMOUNTS.items() if id_}
    bills = [f"{i},{i},2024-06-01,2024-07-15,,{amount}" for i, amount in owing.items()]
    head = "invoice_id,partner_id,issued_on,due_on,paid_on,amount"
    (data / "invoices.csv").write_text("\n".join([head, *bills]) + "\n")
    limits = [f"{id_},2024-01-01,1000" for id_ in owing]
    (data / "credit_limits.csv").write_text(
        "\n".join(["partner_id,valid_from,credit_limit", *limits]) + "\n"
    )


def everything(file: Path) -> str:
    """A file's text with what is encoded in it: entities, pictures in base64, a PDF's pages."""
    if file.suffix == ".pdf":
        return _of_pdf(pypdf.PdfReader(file))
    plain = html.unescape(file.read_text())
    pictures = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", plain)
    return plain + "".join(base64.b64decode(picture).decode() for picture in pictures)


def _of_pdf(reader: pypdf.PdfReader) -> str:
    """The text of all pages, what the file says of itself, and every string of its objects."""
    assert not reader.attachments
    strings = [str(reader.get_object(number)) for number in range(1, int(reader.trailer["/Size"]))]
    return "\n".join([*(page.extract_text() for page in reader.pages), *strings])


def figure(amount: float) -> re.Pattern[str]:
    """A figure in full, however its thousands are set apart and its pennies rounded."""
    return re.compile(f"{amount // 1000:.0f}[,.\\s\N{NO-BREAK SPACE}]?{amount % 1000:03.0f}")


@pytest.mark.notebook
@pytest.mark.parametrize("partner", NAMES)
@pytest.mark.parametrize("file", GIVEN)
def test_what_a_partner_is_given_holds_nothing_of_anybody_else(reports, partner, file):
    given = everything(reports / "partners" / partner / file)
    assert NAMES[partner] in given
    assert figure(AMOUNTS[partner]).search(given), "the search finds the partner's own figure"
    others = [name for id_, name in NAMES.items() if id_ != partner and name in given]
    ids = [id_ for id_ in NAMES if id_ != partner and re.search(rf"\b{id_}\b", given)]
    amounts = [a for id_, a in AMOUNTS.items() if id_ != partner and figure(a).search(given)]
    assert (others, ids, amounts) == ([], [], [])
    assert figure(REPORTED[partner]).search(given)
    amounts = [a for id_, a in REPORTED.items() if id_ != partner and figure(a).search(given)]
    assert amounts == []
    of_all = [sum(AMOUNTS.values()), sum(AMOUNTS.values()) - AMOUNTS[""]]
    assert [total for total in of_all if figure(total).search(given)] == []


@pytest.mark.notebook
@pytest.mark.parametrize("partner", NAMES)
def test_what_a_partner_is_given_holds_no_internal_kpi_by_name_or_value(reports, partner):
    internal = [kpi for kpi in catalogue().values() if kpi.audience == "internal"]
    for file in GIVEN:
        given = everything(reports / "partners" / partner / file)
        named = [k.id for k in internal if re.search(rf"\b{k.id}\b", given) or k.name in given]
        assert named == []
        margins = [amount * (1 - COSTS) for amount in AMOUNTS.values()]
        assert [margin for margin in margins if figure(margin).search(given)] == []


@pytest.mark.notebook
@pytest.mark.parametrize("partner", NAMES)
def test_what_is_expected_of_a_partner_stays_inside(reports, partner):
    folder = reports / "partners" / partner
    internal = everything(folder / "internal.html")
    assert "What is to come" in internal and "There is no outlook" in internal
    page, notebook, paper = (everything(folder / file) for file in GIVEN)
    assert "What is to come" not in page + paper
    assert "There is no outlook" not in notebook, "the cell is there, what it says is not"
    own, inside = (
        read(ScorecardSlice, reports / ".run/slices" / partner / edition) for edition in EDITIONS
    )
    assert inside.insights.outlook
    assert own.insights.outlook is None


@pytest.mark.notebook
def test_the_search_would_find_them(reports):
    internal = everything(reports / "partners" / "P1" / "internal.html")
    assert "Gross margin" in internal
    assert figure(AMOUNTS["P1"] * (1 - COSTS)).search(internal), "and its own, with its value"
    mean = sum(AMOUNTS[id_] for id_ in NAMES) / len(NAMES)  # each has one order
    assert figure(mean).search(internal), "the roll-up of what can be compared is beside it"


@pytest.mark.notebook
@pytest.mark.parametrize("partner", NAMES)
def test_a_partner_is_asked_for_what_concerns_it_and_told_of_no_internal_action(reports, partner):
    files = {
        name: reports / "partners" / partner / f"{name}.html" for name in ("scorecard", "internal")
    }
    shared, internal = "Draw up a joint sales plan", "Agree a payment plan before the next delivery"
    pages = {name: everything(file) for name, file in files.items()}
    assert [shared in pages[name] for name in files] == [True, True]
    assert [internal in pages[name] for name in files] == [False, True]
    gap = figure(98765.4 - AMOUNTS[partner])
    assert gap.search(pages["scorecard"]), "the gap to the target is the partner's own"
    others = [figure(98765.4 - AMOUNTS[id_]) for id_ in NAMES if id_ != partner]
    assert not any(other.search(pages["scorecard"]) for other in others)
