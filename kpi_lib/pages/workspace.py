"""The analyst's workspace: what a notebook needs, computed once and kept until something changes.

A report is given its slice. Whoever works in JupyterLab has none: what a run left of the period is
taken, as long as nothing that it rests on has changed since. Else the figures are computed on the
first call and kept in the reports' hidden folder, so that the next partner or page, or the same one
after a restart, is there at once. All notebooks share that folder, and within one kernel they share
the run, so that data which one page has read are not read again for the next, nor for the rows
behind a figure. Changed data, settings or code compute anew.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock

from kpi_lib import paths
from kpi_lib.errors import CallError
from kpi_lib.periods import Period
from kpi_lib.settings import Settings, load_settings

if TYPE_CHECKING:  # heavy, and not needed where the figures are there
    import pandas as pd

    from kpi_lib.run import Run

KEPT = 4  # computations of a kind: a period more or less to go back and forth between
Kind = Literal["figures", "quality", "models"]  # what is computed together


def slice_folder(partner_id: str, period: str, as_of: str, edition: str) -> Path:
    """Return the folder with one partner's slice, computing those of all partners if need be.

    An empty `period` is the last whole quarter of the data; an empty `as_of` the period's end.
    Raises CallError for a partner or an edition that there is not, with the nearest names.
    """
    finished = _finished(f"{partner_id}/{edition}", period, as_of)
    return finished or _slice_folder_of(_kept("figures", period, as_of), partner_id, edition)


def page_folder(kind: Kind, page: str, period: str, as_of: str) -> Path:
    """Return the folder with the slice of a page that is not a partner's, computed if need be."""
    place = f"{paths.RUN_PAGES}/{page}"
    return _finished(place, period, as_of) or _kept(kind, period, as_of) / place


def portfolio_folder(period: str, as_of: str, manager: str, branch: str) -> Path:
    """Return the folder with the slice of a portfolio: of a manager, a branch, or else of all.

    Raises CallError where no partner of the period has that manager or branch.
    """
    from kpi_lib.measure.portfolio_rows import GROUPS
    from kpi_lib.show.portfolio.portfolio_page import WHOLE, PortfolioPage

    if not manager and not branch:
        return page_folder("figures", WHOLE, period, as_of)
    kept = _kept("figures", period, as_of) / paths.RUN_PAGES
    scope, name = ("manager", manager) if manager else ("branch", branch)
    places = (kept / GROUPS[scope]).glob("*")
    there = {PortfolioPage.read(place).name: place for place in places}
    if name not in there:
        found = f"no partner of this period has {name!r}"
        raise CallError.at(scope, found, f"There are {', '.join(sorted(there)) or 'none'}.")
    return there[name]


def rows_of_partner(kpi_id: str, partner_id: str, period: str, as_of: str) -> pd.DataFrame:
    """Return the rows of the tables behind a partner's figure, computed now.

    Raises CallError where no rows can be shown, as of what a model says.
    """
    from kpi_lib.evidence.rows_behind import rows_behind

    settings = load_settings()
    run = _run_of(_Key.of(settings, period, as_of))
    results, working = run.working_of(kpi_id)
    return rows_behind(kpi_id, results, working, partner_id).to_pandas()


def _finished(place: str, period: str, as_of: str) -> Path | None:
    """Return the slice that a run left of a page; None where anything has changed since."""
    from kpi_lib.slices.file import FILE, run_of

    folder = paths.slices(paths.reports() / period) / place
    if not period or not (folder / FILE).is_file():
        return None
    if (folder / FILE).stat().st_mtime_ns < _last_change(load_settings()):
        return None  # not even read: an earlier release may have written it in another form
    run = run_of(folder)
    is_asked = str(run.as_of) == (as_of or str(Period.parse(run.period, run.year_end).end))
    return folder if is_asked else None


@dataclass(frozen=True)
class _Key:
    """What a computation is of: period, last day, and a mark of all that it rests on."""

    period: str
    as_of: str
    mark: str
    allow_faults: bool = False

    @classmethod
    def of(cls, settings: Settings, period: str, as_of: str) -> _Key:
        return cls(period, as_of, _key_of_computation(settings, period, as_of))


@lru_cache(maxsize=2)  # one with the rows that have faults, one without
def _run_of(key: _Key) -> Run:
    """Return the run of this kernel for a key; it reads the data when they are first needed."""
    from kpi_lib.run import Run, RunRequest

    day = date.fromisoformat(key.as_of) if key.as_of else None
    request = RunRequest(key.period or None, day, key.allow_faults)
    staged = Path(tempfile.mkdtemp(prefix="kpi-"))
    run = Run(load_settings(), staged, request, earlier=paths.reports())
    weakref.finalize(run, shutil.rmtree, staged, ignore_errors=True)
    return run


def _kept(kind: Kind, period: str, as_of: str) -> Path:
    """Return the folder of a computation: the one that is kept, or a new one."""
    key = _Key.of(load_settings(), period, as_of)
    workspace = paths.reports() / ".workspace"
    workspace.mkdir(parents=True, exist_ok=True)
    kept = workspace / f"{kind}-{key.mark}"
    with FileLock(workspace / "lock"):
        if not kept.is_dir():
            _compute(kind, key, kept)
        kept.touch()
        _forget_old(workspace, kind)
    return kept


def _compute(kind: Kind, key: _Key, kept: Path) -> None:
    """Compute the slices of a kind into a folder that takes its name only when it is whole."""
    from kpi_lib.pages import computing

    makers = {
        "figures": computing.write_figures,
        "quality": computing.write_quality,
        "models": computing.write_models,
    }
    # What is wrong with the data is what the page of their quality is about.
    run = _run_of(replace(key, allow_faults=kind == "quality"))
    with tempfile.TemporaryDirectory(dir=kept.parent) as unfinished, _steps() as step:
        fresh = Path(unfinished) / "slices"
        fresh.mkdir()
        makers[kind](run, fresh, step)
        fresh.rename(kept)


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Lend what says which step is being done, one line that goes when all are done.

    In a notebook that is plain text: a bar of rich needs a package that nothing else here needs.
    """
    from rich.console import Console

    console = Console()
    if console.is_jupyter:
        from IPython.display import clear_output, display

        def show(text: str) -> None:
            clear_output(wait=True)
            display({"text/plain": f"{text} ..."}, raw=True)

        yield show
        clear_output(wait=True)
    else:
        with console.status("") as status:
            yield status.update


def _slice_folder_of(kept: Path, partner_id: str, edition: str) -> Path:
    """Return the folder of a partner's slice; raise CallError with those there are."""
    places = (place for place in kept.iterdir() if place.is_dir())
    known = sorted(place.name for place in places if place.name != paths.RUN_PAGES)
    if partner_id not in known:
        near = difflib.get_close_matches(partner_id, known, n=3, cutoff=0.5)
        todo = f"Did you mean {', '.join(near)}?" if near else f"There are {', '.join(known[:5])}."
        raise CallError.at("partner_id", f"there is no partner {partner_id!r} in this period", todo)
    folder = kept / partner_id / edition
    if not folder.is_dir():
        there = ", ".join(sorted(place.name for place in folder.parent.iterdir()))
        raise CallError.at("edition", f"{partner_id} has no {edition} edition", f"It has {there}.")
    return folder


def _key_of_computation(settings: Settings, period: str, as_of: str) -> str:
    """Return the name of a computation: the same as long as nothing that it rests on changes."""
    digest = hashlib.sha256(f"{period}|{as_of}|{settings!r}|{_data_mark(settings)}".encode())
    for root in (settings.folder, paths.package()):
        digest.update(_files_mark(root).encode())
    for actions in sorted(paths.reports().glob("*/actions.parquet")):
        digest.update(f"{actions}|{actions.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _data_mark(settings: Settings) -> str:
    """Return what changes with the data; of a database on a server only its rows can tell."""
    place = _data_here(settings)
    if place is not None:
        return _files_mark(place)
    from kpi_lib.data.dataset import fingerprints_of

    with tempfile.TemporaryDirectory(prefix="kpi-") as workspace:
        return str(sorted(fingerprints_of(settings, Path(workspace)).items()))


def _data_here(settings: Settings) -> Path | None:
    """Return the folder or file of the data; None of a database on a server."""
    return settings.data.path if settings.data else paths.example_data()


def _last_change(settings: Settings) -> int:
    """Return when data, settings or code changed last; a database on a server does not tell."""
    data = _data_here(settings)
    roots = [settings.folder, paths.package(), *([data] if data else [])]
    return max(stat.st_mtime_ns for root in roots for _, stat in _stats_of(root))


def _files_mark(root: Path) -> str:
    """Return path, size and time of each file below a folder, or of the one file that it is."""
    stats = _stats_of(root)
    return "\n".join(f"{file}|{stat.st_size}|{stat.st_mtime_ns}" for file, stat in stats)


def _stats_of(root: Path) -> list[tuple[Path, os.stat_result]]:
    files = [root] if root.is_file() else sorted(file for file in root.rglob("*") if file.is_file())
    return [(file, file.stat()) for file in files if "__pycache__" not in file.parts]


def _forget_old(workspace: Path, kind: Kind) -> None:
    """Remove all computations of a kind but the few that were asked for last."""
    kept = [place for place in workspace.glob(f"{kind}-*") if place.is_dir()]
    for place in sorted(kept, key=lambda place: place.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
