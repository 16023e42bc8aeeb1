"""One report: executed behind the wall, rendered, checked."""

import itertools
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_notebook
from papermill.exceptions import PapermillExecutionError

from kpi_lib.audience import PARTNER
from kpi_lib.batch import report as reports
from kpi_lib.batch import seccomp
from kpi_lib.batch.report import make_report
from kpi_lib.errors import RunError
from kpi_lib.publish.exporter import about, with_shown_cells
from tests import given, given_quality

from .conftest import edited, job_of

OWN = "this notebook may read only its own slice; it asked for"
ORDERS = "/examples/online_retail/orders.parquet"
LIBC = "import ctypes; libc = ctypes.CDLL(None); "
KPIS = "/somewhere/reports/2011-Q3/kpis.parquet"


def test_a_report_is_made_whole(made):
    assert made.result.error == ""
    assert made.result.bytes == len(made.page.encode()) < PARTNER.largest_page
    assert made.result.seconds > 0
    assert made.result.cpu_seconds > 0
    assert len(re.findall("<img ", made.page)) == about(made.notebook)["images"] > 8
    assert about(made.notebook)["parts"][-1] == "made"


SHORT = {"period": "2011-W37"}


@pytest.mark.parametrize("edition", ["partner", "internal"])
def test_what_the_page_of_a_week_leaves_out_is_not_missing_on_it(edition, tmp_path, exporter):
    raw = given.rich(edition) | SHORT | {"as_of": "2011-09-18"}
    job = job_of(raw, given.write(raw, tmp_path / "slices"))
    result = make_report(job, tmp_path / "made", exporter)
    assert result.error == ""
    page = (tmp_path / "made" / f"{job.page.file_name}.html").read_text(encoding="utf-8")
    notebook = nbformat.read(tmp_path / "made" / f"{job.page.file_name}.ipynb", as_version=4)
    drawn, on_it = about(notebook)["images"], about(with_shown_cells(notebook))["images"]
    assert len(re.findall("<img ", page)) == on_it < drawn
    assert "Among partners of the same type" not in page


def test_a_page_that_lost_a_picture_is_refused(made):
    job = job_of(given.hostile(), made.folder)
    less = made.page.replace("<img ", "<span ", 1)
    with pytest.raises(RunError, match=r"the page has \d+ images, its parts drew"):
        reports._require_whole(job, made.notebook, less)


def test_the_page_asks_for_nothing_and_runs_nothing(made):
    soup = BeautifulSoup(made.page, "html.parser")
    assert not soup.find_all(["script", "link", "iframe", "object", "form", "base"])
    names = {name for tag in soup.find_all() for name in tag.attrs}
    assert not [name for name in names if name.startswith("on")]
    places = [tag.get("src") or tag.get("href") for tag in soup.find_all(["img", "a"])]
    assert all(place.startswith("data:image/svg+xml;base64,") for place in places)
    assert not re.search(r"url\(|@import", str(soup.style))
    assert "default-src 'none'" in made.page


def test_the_page_can_be_read_by_everyone(made):
    assert '<html lang="en">' in made.page
    assert made.page.count("<h1") == 1
    assert made.page.count("<main") == 1
    levels = [int(level) for level in re.findall(r"<h([1-6])", made.page)]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert "How this was made" in made.page


def test_the_page_names_its_partner_as_it_is_written(made):
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made.page
    assert "<title>&lt;script&gt;" in made.page


def test_the_notebook_that_goes_with_it_names_no_place_of_this_machine(made):
    text = (made.folder / "scorecard.ipynb").read_text()
    assert str(made.folder.parent) not in text
    assert "papermill" not in made.notebook.metadata
    given_to_it = "".join(c.source for c in made.notebook.cells if "slice = " in c.source)
    assert given_to_it.count('slice = ""') == 1
    assert 'partner_id = "P001"' in given_to_it


def test_the_notebook_that_goes_with_it_does_not_name_the_demo_partner(made):
    text = nbformat.writes(made.notebook)
    assert "Germany" not in text
    (parameters,) = [c for c in made.notebook.cells if "parameters" in c.metadata.get("tags", ())]
    assert f'partner_id = "{made.result.page.subject}"' in parameters.source
    assert 'slice = ""' in parameters.source


def test_an_edited_notebook_sees_nothing_but_its_slice(tmp_path, exporter):
    other = given.write(given.tiny(), tmp_path / "slices")
    of_run = given_quality.write(given_quality.poor(), tmp_path / "slices")
    attempts = {
        f"open({KPIS!r}, 'rb')": OWN,
        f"import os; os.open({KPIS!r}, os.O_RDONLY)": OWN,
        f"import pandas; pandas.read_csv({KPIS!r})": OWN,
        f"import pandas; pandas.read_parquet({KPIS!r})": "ImportError",
        f"import polars; polars.read_parquet({KPIS!r})": "no engine that reads files",
        f"import pyarrow.parquet as pq; pq.read_table({KPIS!r})": "no engine that reads files",
        "import duckdb": "no engine that reads files",
        f"import subprocess; subprocess.run(['cat', {KPIS!r}])": "may start no other program",
        f"Scorecard.open('Lithuania', period, as_of, edition, {str(other)!r})": OWN,
        f"open({str(of_run / 'slice.json')!r})": OWN,
        "from kpi_lib.pages.data_quality import DataQuality as D; "
        f"D.open('2011-Q3', slice={str(of_run)!r})": OWN,
        f"{LIBC}assert libc.open({str(of_run / 'slice.json').encode()!r}, 0) < 0; 1 / 0":
        "ZeroDivisionError",
        f"import kpi_lib; open(kpi_lib.__path__[0] + {ORDERS!r})": OWN,
        "card.trend('gross_margin')": "not in the slice of Germany",
        f"import os; os.listdir({str(tmp_path)!r})": OWN,
        "import urllib.request as u; u.urlopen('http://10.0.0.1')": "nothing of the network",
        "import os; assert 'HUNTER2' not in os.environ.values(), 'leaked'; 1/0": "ZeroDivision",
        f"{LIBC}assert libc.open({KPIS.encode()!r}, 0) < 0; 1 / 0": "ZeroDivisionError",
        f"{LIBC}assert libc.open({str(other).encode()!r}, 0) < 0; 1 / 0": "ZeroDivisionError",
        "import os; open(f'/proc/{os.getppid()}/environ')": OWN,
    }  # fmt: skip
    raw = given.rich()
    notebook = edited(tmp_path, *attempts, goes_on=True)
    job = job_of(raw, given.write(raw, tmp_path / "slices"), notebook)
    result = make_report(job, tmp_path / "staging", exporter)
    partial = nbformat.read(tmp_path / "staging/scorecard.partial.ipynb", as_version=4)
    errors = {
        cell.source: f"{output.ename}: {output.evalue}"
        for cell in partial.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    }
    for attempt, refusal in attempts.items():
        assert refusal in errors[attempt], attempt
    assert len(errors) == len(attempts)
    assert "0012-kernels-in-rooms-of-their-own.md" in result.error
    assert not list((tmp_path / "staging").glob("*.html"))


def fails(tmp_path, exporter, source, cell_seconds=60):
    raw = given.rich()
    notebook = edited(tmp_path, source, bare=True)
    job = job_of(raw, given.write(raw, tmp_path / "slices"), notebook)
    result = make_report(job, tmp_path / "staging", exporter, cell_seconds)
    assert not list((tmp_path / "staging").glob("*.html"))
    return result.error


SWALLOWED = """
import ctypes, os, socket
for attempt in (
    lambda: open('/etc/passwd'), lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    lambda: ctypes.CDLL(None).shmget(77, 64, 0o1600), lambda: __import__('polars'),
):
    try:
        attempt()
    except (OSError, ImportError):
        pass
"""


def test_a_refusal_that_the_notebook_swallows_fails_its_report(tmp_path, exporter):
    raw = given.rich()
    notebook = edited(tmp_path, SWALLOWED)
    job = job_of(raw, given.write(raw, tmp_path / "slices"), notebook)
    result = make_report(job, tmp_path / "staging", exporter)
    asked = [problem.found.rpartition(" ")[2] for problem in result.problems]
    if seccomp.available():
        assert asked == ["/etc/passwd", "socket", "shmget", "(polars)"]
    else:
        assert asked == ["/etc/passwd", "(polars)"]
    assert "0012-kernels-in-rooms-of-their-own.md" in result.error
    assert not list((tmp_path / "staging").glob("*.html"))
    assert (tmp_path / "staging" / "scorecard.partial.ipynb").exists()


def cell_error(ename, evalue):
    return PapermillExecutionError(3, 2, "source", ename, evalue, [])


def test_a_refusal_of_the_wall_alone_is_explained_too():
    job = job_of(given.rich(), "slice")
    problem = reports._cell_problem(job, cell_error("OSError", "Permission denied"))
    assert problem.where == "Germany, scorecard, cell 2"
    assert problem.found == f"OSError: Permission denied ({OWN} a place outside it)"
    problem = reports._cell_problem(job, cell_error("KeyError", "'x'"))
    assert problem.todo == "The partial notebook shows where."


def test_a_kernel_that_dies_fails_its_report(tmp_path, exporter):
    error = fails(tmp_path, exporter, "import os\nos._exit(7)")
    assert "the notebook's kernel died" in error


def test_a_cell_that_hangs_is_stopped(tmp_path, exporter):
    error = fails(tmp_path, exporter, "import time\ntime.sleep(60)", cell_seconds=1)
    assert "a cell took longer than 1 s and was stopped" in error


@pytest.mark.slow
def test_a_notebook_that_leaves_early_is_not_whole(tmp_path, exporter):
    assert "SystemExit" in fails(tmp_path, exporter, "import sys\nsys.exit(0)")


def test_a_page_without_its_parts_is_not_whole():
    with pytest.raises(RunError) as caught:
        reports._require_whole(job_of(given.rich(), "slice"), new_notebook(), "")
    error = str(caught.value)
    assert "the last section, made, is missing" in error
    assert "the page is of partner_id None, not 'Germany'" in error


def test_a_page_that_lost_an_image_is_not_whole(made):
    job = job_of(given.hostile(), made.folder)
    with pytest.raises(RunError, match="the page has 0 images"):
        reports._require_whole(job, made.notebook, "<p></p>")


def test_without_a_list_of_fonts_one_is_made_first(tmp_path, monkeypatch):
    import matplotlib

    monkeypatch.setattr(matplotlib, "get_cachedir", lambda: str(tmp_path))
    reports._give_font_list(tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()


def test_a_machine_that_counts_no_resources_still_counts_time(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "resource", None)
    assert reports._cpu_seconds() > 0
