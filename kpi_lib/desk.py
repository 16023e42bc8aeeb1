"""The analyst's desk: what a notebook needs, computed once and kept until something changes.

A report is given its slice. Whoever works in JupyterLab has none: here the figures of all partners
are computed on the first call and kept in the reports' hidden folder, so that the next partner, or
the same one after a restart, is there at once. Changed data, settings or code compute anew.
"""

from __future__ import annotations

import difflib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from kpi_lib import paths
from kpi_lib.errors import CallError
from kpi_lib.settings import Settings, load_settings

if TYPE_CHECKING:  # heavy, and not needed where the figures are there
    import pandas as pd
    from rich.progress import Progress

KEPT = 4  # computations: a period more or less to go back and forth between
STEPS = ("Checking the data", "Computing the figures", "Comparing and explaining them")


def slice_folder(partner_id: str, period: str, as_of: str, edition: str) -> Path:
    """Return the folder with one partner's slice, computing those of all partners if need be.

    An empty `period` is the last whole quarter of the data; an empty `as_of` the period's end.
    Raises CallError for a partner or an edition that there is not, with the nearest names.
    """
    settings = load_settings()
    desk = paths.reports() / ".desk"
    desk.mkdir(parents=True, exist_ok=True)
    kept = desk / _mark(settings, period, as_of)
    with FileLock(desk / "lock"):
        if not kept.is_dir():
            _compute(settings, period, as_of, kept)
        kept.touch()
        _forget_old(desk)
    return _of_partner(kept, partner_id, edition)


def rows_of_partner(kpi_id: str, partner_id: str, period: str, as_of: str) -> pd.DataFrame:
    """Return the rows of the tables behind a partner's figure, computed now.

    Raises CallError where no rows can be shown, as of what a model says.
    """
    from kpi_lib.data.dataset import load_dataset
    from kpi_lib.kpis.facts import facts_of
    from kpi_lib.measure.behind import rows_behind
    from kpi_lib.measure.compute import compute_with_working, period_asked

    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="kpi-") as workspace:
        dataset = load_dataset(settings, workspace=Path(workspace), kpis=facts_of(settings))
        wanted = period_asked(settings, dataset, period or None)
        day = date.fromisoformat(as_of) if as_of else None
        results, working = compute_with_working(dataset, settings, wanted, day, only=[kpi_id])
        return rows_behind(kpi_id, results, working, partner_id).to_pandas()


def _compute(settings: Settings, period: str, as_of: str, kept: Path) -> None:
    """Compute all slices into a folder that takes its name only when it is whole."""
    from kpi_lib.data.dataset import load_dataset
    from kpi_lib.insights.told import tell
    from kpi_lib.kpis.facts import facts_of
    from kpi_lib.measure.compared import Compared
    from kpi_lib.measure.compute import compute_asked
    from kpi_lib.measure.reconcile import reconcile
    from kpi_lib.measure.slices import write_slices

    place = kept.parent
    with tempfile.TemporaryDirectory(dir=place) as workspace, _progress() as progress:
        task = progress.add_task(STEPS[0], total=len(STEPS))
        dataset = load_dataset(settings, workspace=Path(workspace), kpis=facts_of(settings))
        progress.update(task, advance=1, description=STEPS[1])
        day = date.fromisoformat(as_of) if as_of else None
        results = compute_asked(settings, dataset, period or None, day)
        progress.update(task, advance=1, description=STEPS[2])
        nothing = Compared.with_nothing()  # whoever computes for herself has published nothing
        compared = replace(nothing, reconciliation=reconcile(results, dataset, settings))
        fresh = Path(workspace) / "slices"
        fresh.mkdir()
        insights = tell(results, settings)
        write_slices(results, dataset, settings, fresh, compared=compared, insights=insights)
        fresh.rename(kept)
        progress.update(task, advance=1)


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
        yield progress


def _of_partner(kept: Path, partner_id: str, edition: str) -> Path:
    known = sorted(place.name for place in kept.iterdir() if place.is_dir())
    if partner_id not in known:
        near = difflib.get_close_matches(partner_id, known, n=3, cutoff=0.5)
        todo = f"Did you mean {', '.join(near)}?" if near else f"There are {', '.join(known[:5])}."
        raise CallError.at("partner_id", f"there is no partner {partner_id!r} in this period", todo)
    folder = kept / partner_id / edition
    if not folder.is_dir():
        there = ", ".join(sorted(place.name for place in folder.parent.iterdir()))
        raise CallError.at("edition", f"{partner_id} has no {edition} edition", f"It has {there}.")
    return folder


def _mark(settings: Settings, period: str, as_of: str) -> str:
    """Return the name of a computation: the same as long as nothing that it rests on changes."""
    digest = hashlib.sha256(f"{period}|{as_of}|{settings!r}".encode())
    data = Path(settings.data) if settings.data else paths.example_data()
    for root in (data, settings.folder, paths.package()):
        for file in _files(root):
            if "__pycache__" not in file.parts:
                told = file.stat()
                digest.update(f"{file}|{told.st_size}|{told.st_mtime_ns}".encode())
    for actions in sorted(paths.reports().glob("*/actions.parquet")):
        digest.update(f"{actions}|{actions.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    return sorted(file for file in root.rglob("*") if file.is_file()) if root.is_dir() else []


def _forget_old(desk: Path) -> None:
    """Remove all computations but the few that were asked for last."""
    kept = [place for place in desk.iterdir() if place.is_dir()]
    for place in sorted(kept, key=lambda place: place.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
