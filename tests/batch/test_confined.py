"""An edited notebook of the partner edition, one attempt at a time, through the whole batch."""

import shutil

import pytest

from kpi_lib.atomic import write_whole
from kpi_lib.batch import landlock, seccomp
from kpi_lib.batch.report import make_report
from kpi_lib.batch.runner import Staff, run_reports
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
    "open(kpi_lib.__path__[0] + '/examples/online_retail/orders.parquet')",
    "an internal measure": "card.trend('gross_margin')",
}
# What two kernels could meet by; each goes on as if nothing had been refused.
MEETINGS = {
    "an attribute of a package": "import kpi_lib, os\n"
    "os.setxattr(kpi_lib.__file__, 'user.word', b'12,345')",
    "the day of a package": "import kpi_lib, os\nos.utime(kpi_lib.__file__, (77, 77))",
    "its day, past Python": "import ctypes, kpi_lib\n"
    "ctypes.CDLL(None).utimensat(-100, kpi_lib.__file__.encode(), None, 0)",
    "its rights, past Python": "import ctypes, kpi_lib\n"
    "ctypes.CDLL(None).chmod(kpi_lib.__file__.encode(), 0o600)",
    "a process that stays behind": "import os\nos.fork() or os.setsid()",
    "one that stays behind, past Python": "import ctypes\n"
    "assert ctypes.CDLL(None).fork() != 0, 'a process of its own'",
    "a message of UDP": "import socket\n"
    "socket.socket(2, 2).sendmsg([b'12,345'], [], 0, ('127.0.0.1', 9))",
    "shared memory": "import ctypes\nctypes.CDLL(None).shmget(77, 64, 0o1600)",
    "a daemon's socket": "import socket\nsocket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
    "a neighbour's socket": "import zmq\nfrom ipykernel.kernelapp import IPKernelApp as app\n"
    "word = app.instance().context.socket(zmq.SUB)\n"
    "word.connect('ipc:///tmp/kpi-1/home.kernel-2')\nword.poll(200)",
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
@pytest.mark.skipif(not seccomp.available(), reason="this system has no filter of calls")
@pytest.mark.parametrize("meeting", MEETINGS)
def test_a_notebook_that_would_meet_another_is_not_published_though_it_goes_on(
    tmp_path, meeting, exporter
):
    source = (
        "try:\n    " + MEETINGS[meeting].replace("\n", "\n    ") + "\nexcept OSError:\n    pass"
    )
    raw = given.rich()
    job = job_of(raw, given.write(raw, tmp_path / "slices"), edited(tmp_path, source))
    result = make_report(job, tmp_path / "staging", exporter)
    assert "it asked for" in result.error
    assert not list((tmp_path / "staging").glob("*.html"))


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
    results = run_reports(jobs, out=out, staff=Staff(2))
    assert [result.done for result in results] == [False, True]
    assert "kernel died" in results[0].error
    assert (out / "partners/Lithuania/scorecard.html").exists()
