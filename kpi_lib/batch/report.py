"""Makes one report: executes its notebook in a confined kernel, renders it, and checks the page.

Runs in a worker process. What it writes lies in a staging folder; `runner.py` gives it its place.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

# nbformat's validation imports a module that builds a parser for 1.2 CPU seconds, and does without
# it where it is not there. It is only ever asked about URLs of event schemas, which are not ours.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat  # noqa: E402 - the line above must come first
from jupyter_client.manager import AsyncKernelManager  # noqa: E402
from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: E402
from nbformat import NotebookNode  # noqa: E402
from papermill.exceptions import PapermillExecutionError  # type: ignore[import-untyped] # noqa: E402
from papermill.execute import execute_notebook  # type: ignore[import-untyped] # noqa: E402

from kpi_lib.atomic import write_whole  # noqa: E402
from kpi_lib.batch.audit_hook import OWN_SLICE_ONLY  # noqa: E402
from kpi_lib.batch.confinement import confinement_of  # noqa: E402
from kpi_lib.batch.jobs import LAST_PART, Job, ReportResult  # noqa: E402
from kpi_lib.batch.kernels import manager_of  # noqa: E402
from kpi_lib.batch.parameters import PARAMETERS_TAG  # noqa: E402
from kpi_lib.batch.pool import CELL_SECONDS  # noqa: E402
from kpi_lib.batch.refusals import Supervisor  # noqa: E402
from kpi_lib.errors import Problem, RunError, ScorecardError  # noqa: E402
from kpi_lib.publish.exporter import (  # noqa: E402
    ScorecardExporter,
    about,
    require_finished,
    with_shown_cells,
)
from kpi_lib.publish.pdf import pdf_of  # noqa: E402

START_SECONDS = 120
SHEETS = 2  # of paper that a partner's scorecard fills
WHOSE = ("page", "partner_id", "edition")  # what a page may tell of whose it is
_REFUSED = "Permission denied"
_REFUSED_HINT = (
    "A notebook may read only its own slice and meet no other program; take this out of it. "
    "See docs/decisions/0012-kernels-in-rooms-of-their-own.md."
)
_FONT_LISTS = "fontlist-*.json"


def make_report(
    job: Job, staging: Path, exporter: ScorecardExporter, cell_seconds: int = CELL_SECONDS
) -> ReportResult:
    """Make a report's files below `staging`; say what went wrong where they could not be made."""
    started, cpu = time.perf_counter(), _cpu_seconds()
    result = ReportResult(job.page)
    staging.mkdir(parents=True, exist_ok=True)
    try:
        with _scratch() as scratch:
            page, notebook = _made(job, scratch, staging, exporter, cell_seconds)
        if job.pdf:
            write_whole(staging / f"{job.page.file_name}.pdf", pdf_of(page, SHEETS))
        write_whole(staging / f"{job.page.file_name}.html", page)
        write_whole(staging / f"{job.page.file_name}.ipynb", nbformat.writes(notebook))
        result = replace(result, bytes=len(page.encode()))
    except ScorecardError as error:
        result = replace(result, problems=tuple(error.problems))
    return replace(
        result,
        seconds=round(time.perf_counter() - started, 3),
        cpu_seconds=round(_cpu_seconds() - cpu, 3),
    )


def _made(
    job: Job, scratch: Path, staging: Path, exporter: ScorecardExporter, cell_seconds: int
) -> tuple[str, NotebookNode]:
    """Return the page and the executed notebook; keep the partial one where it fails."""
    executed = scratch / "executed.ipynb"
    try:
        notebook = _execute(job, scratch, executed, cell_seconds)
        page, _ = exporter.from_notebook_node(notebook)
        _require_whole(job, notebook, page)
        return page, _fit_to_give(notebook)
    except RunError:
        if executed.exists():
            shutil.copyfile(executed, staging / f"{job.page.file_name}.partial.ipynb")
        raise


def _execute(job: Job, scratch: Path, executed: Path, cell_seconds: int) -> NotebookNode:
    """Return the executed notebook; raise RunError where something stops it."""
    confinement = confinement_of(job.slice_folder, scratch / "home", job.shut)
    try:
        with Supervisor() as supervisor:
            manager = manager_of(confinement, scratch / "home", supervisor.theirs)
            notebook = _papermill(job, executed, manager, cell_seconds)
        _require_unrefused(job, supervisor.refused)
        return notebook
    except PapermillExecutionError as error:
        raise RunError(_cell_problem(job, error)) from error
    except CellTimeoutError as error:
        raise RunError(
            Problem(job.page.label, f"a cell took longer than {cell_seconds} s and was stopped")
        ) from error
    except (DeadKernelError, RuntimeError) as error:
        raise RunError(
            Problem(
                job.page.label,
                f"the notebook's kernel died: {str(error).splitlines()[0]}",
                "Look at the partial notebook for the last cell that was run.",
            )
        ) from error


def _papermill(
    job: Job, executed: Path, manager: type[AsyncKernelManager], cell_seconds: int
) -> NotebookNode:
    """Run papermill with a fresh kernel of that manager; it saves once, at the end."""
    executed_notebook: NotebookNode = execute_notebook(
        str(job.notebook),
        str(executed),
        parameters=dict(job.parameters) | {"slice": str(job.slice_folder)},
        kernel_name="python3",
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        start_timeout=START_SECONDS,
        execution_timeout=cell_seconds,
        shutdown_kernel="immediate",
        kernel_manager_class=manager,
    )
    return executed_notebook


def _require_unrefused(job: Job, refused: Sequence[str]) -> None:
    """Raise RunError where the notebook was refused anything, whether or not it went on."""
    if refused:
        raise RunError([Problem(job.page.label, found, _REFUSED_HINT) for found in refused])


def _cell_problem(job: Job, error: PapermillExecutionError) -> Problem:
    """Return the error of a cell as a problem, with a hint where something was refused."""
    found = f"{error.ename}: {error.evalue}"
    if OWN_SLICE_ONLY in found or _REFUSED in found or error.ename == "ImportError":
        if _REFUSED in found and OWN_SLICE_ONLY not in found:
            found = f"{found} ({OWN_SLICE_ONLY} a place outside it)"
        return Problem(f"{job.page.label}, cell {error.exec_count}", found, _REFUSED_HINT)
    return Problem(
        f"{job.page.label}, cell {error.exec_count}", found, "The partial notebook shows where."
    )


def _require_whole(job: Job, notebook: NotebookNode, page: str) -> None:
    """Raise RunError where the page is not all of the notebook, or not the one asked for."""
    require_finished(notebook)
    described = about(with_shown_cells(notebook))  # what the page leaves out is not missing on it
    problems = []
    images = len(re.findall(r"<img\b", page))
    if images != described["images"]:
        problems.append(
            Problem(
                job.page.label,
                f"the page has {images} images, its parts drew {described['images']}",
            )
        )
    if LAST_PART not in described["parts"]:
        problems.append(Problem(job.page.label, f"the last section, {LAST_PART}, is missing"))
    for what in dict.fromkeys((*job.bears, *WHOSE)):
        wanted, held = job.bears.get(what), described.get(what)
        if held != wanted:
            problems.append(
                Problem(job.page.label, f"the page is of {what} {held!r}, not {wanted!r}")
            )
    if problems:
        raise RunError(problems)


def _fit_to_give(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without this machine's paths and without its defaults: it is given away.

    The cell of defaults names the demo partner, whose name is nobody else's business.
    """
    notebook.metadata.pop("papermill", None)
    notebook.cells = [c for c in notebook.cells if PARAMETERS_TAG not in c.metadata.get("tags", ())]
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.metadata["tags"] = [PARAMETERS_TAG]
            cell.source = re.sub(r"(?m)^slice = .*$", 'slice = ""', cell.source)
    return notebook


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield a private folder that goes with the report; the kernel may write in its `home`."""
    with tempfile.TemporaryDirectory(prefix="kpi-", ignore_cleanup_errors=True) as folder:
        home = Path(folder).resolve() / "home"
        home.mkdir()
        _give_font_list(home / "matplotlib")
        yield home.parent


def _give_font_list(folder: Path) -> None:
    """Lay down the list of fonts, which a kernel would otherwise search for a second or more."""
    from matplotlib import get_cachedir

    folder.mkdir()
    if not list(Path(get_cachedir()).glob(_FONT_LISTS)):
        import matplotlib.font_manager  # noqa: F401 - importing it makes the list
    for cached in Path(get_cachedir()).glob(_FONT_LISTS):
        shutil.copyfile(cached, folder / cached.name)


def _cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the kernels that it started and saw end."""
    try:
        import resource
    except ImportError:  # Windows does not count them
        return time.process_time()
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
