"""An edited notebook of the partner edition, one attempt at a time, through the whole batch."""

import shutil

import pytest

from kpi_lib.batch import landlock
from kpi_lib.batch.place import write_whole
from kpi_lib.batch.runner import run_reports
from tests import given

from .conftest import edited, job_of

ATTEMPTS = {
    "the KPI table, as a file": "open('{out}/kpis.parquet', 'rb').read()",
    "the KPI table, by pandas": "import pandas\npandas.read_parquet('{out}/kpis.parquet')",
    "the KPI table, by polars": "import polars\npolars.read_parquet('{out}/kpis.parquet')",
    "the KPI table, by pyarrow": "import pyarrow.parquet as p\np.read_table('{out}/kpis.parquet')",
    "the KPI table, by another program": "import subprocess\n"
    "subprocess.run(['cat', '{out}/kpis.parquet'], check=True)",
    "the KPI table, past Python": "import ctypes\n"
    "assert ctypes.CDLL(None).open(b'{out}/kpis.parquet', 0) >= 0, 'Permission denied'",
    "another partner's slice": "Scorecard.open('Lithuania', period, as_of, edition,"
    " '{out}/.run/slices/Lithuania/partner')",
    "another partner, found by itself": "Scorecard.open('Lithuania', period, as_of, edition)",
    "its own internal slice": "open('{out}/.run/slices/Germany/internal/slice.json')",
    "the page of the run": "open('{out}/.run/slices/_run/data_quality/slice.json')",
    "the data behind it": "open('{out}/.run/quality/gaps.parquet', 'rb')",
    "the example's orders": "import kpi_lib\n"
    "open(kpi_lib.__path__[0] + '/data/examples/online_retail/orders.parquet')",
    "an internal measure": "card.trend('gross_margin')",
}


@pytest.mark.slow
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_edited_notebook_fails_and_its_report_is_not_published(tmp_path, attempt):
    if "past Python" in attempt and not landlock.version():
        pytest.skip("this machine has no Landlock")
    out = tmp_path / "2011-Q3"
    for raw in (given.rich("internal"), given.tiny()):
        given.write(raw, out / ".run" / "slices")
    raw = given.rich()
    own = given.write(raw, out / ".run" / "slices")
    write_whole(out / "kpis.parquet", "the figures of everybody")
    notebook = edited(tmp_path, ATTEMPTS[attempt].format(out=out))
    (result,) = run_reports([job_of(raw, own, notebook)], out=out)
    assert not result.done
    assert not (out / "partners" / "Germany").exists()
    assert (out / "failed" / "Germany" / "error.txt").exists()
    assert not list((out / "failed").rglob("*.html"))


@pytest.mark.slow
def test_a_batch_goes_on_when_one_notebook_kills_its_kernel(tmp_path):
    out = tmp_path / "2011-Q3"
    jobs = []
    for name in ("rich", "tiny"):
        raw = getattr(given, name)()
        jobs.append(job_of(raw, given.write(raw, out / ".run" / "slices")))
    deadly = edited(tmp_path, "import os\nos._exit(1)")
    shutil.move(deadly, tmp_path / "deadly.ipynb")
    jobs[0] = job_of(given.rich(), jobs[0].slice_folder, tmp_path / "deadly.ipynb")
    results = run_reports(jobs, out=out, workers=2)
    assert [result.done for result in results] == [False, True]
    assert "kernel died" in results[0].error
    assert (out / "partners/Lithuania/scorecard.html").exists()
