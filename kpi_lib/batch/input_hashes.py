"""What the figures of a run rest on: kept in its hidden folder, and held against the data later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from kpi_lib.atomic import HIDDEN, remove_folder, swap_folder
from kpi_lib.data.dataset import checked, read_source
from kpi_lib.data.raw import BROKEN
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import coverage_of
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.published import read_record
from kpi_lib.measure.row_hashes import Changes, Inputs, changes, settings_hashes
from kpi_lib.periods import Period
from kpi_lib.run import Run
from kpi_lib.settings import Settings

FOLDER = Path(HIDDEN) / "inputs"


def keep_inputs(run: Run, folder: Path) -> None:
    """Keep what the figures of a run rest on, in the hidden folder of a period's `folder`."""
    fresh, aside = folder / HIDDEN / "inputs.new", folder / HIDDEN / "aside"
    remove_folder(fresh, aside)
    fresh.mkdir(parents=True)
    hashes = settings_hashes(run.settings)
    Inputs.of(run.dataset, run.coverage, run.calendar, hashes).write(fresh)
    swap_folder(fresh, folder / FOLDER, aside)


def changes_since(folder: Path, settings: Settings, workspace: Path) -> Changes:
    """Return what has changed of what the last run in a period's folder rests on.

    The data are read anew, all tables at one moment. Of a run that kept nothing, or whose hashes
    are damaged, a table that is not what it was has changed for everybody.
    """
    record, read = read_record(folder), read_source(settings, workspace)
    then = Inputs.read(folder / FOLDER)
    if then is None:
        return _changed_tables(record, read.fingerprints)
    same_data = settings.mapping is None and read.fingerprints == record.get("inputs")
    hashes = settings_hashes(settings)
    if same_data and hashes == then.common.settings:
        return Changes()
    # What is broken now is left out, so that a faulty row counts for its partner alone.
    dataset = checked(
        read, settings, allow_faults=True, workspace=workspace, kpis=facts_of(settings)
    )
    try:
        coverage = coverage_of(dataset, settings.covered_from)
        return changes(then, Inputs.of(dataset, coverage, _calendar(record, settings), hashes))
    except BROKEN:
        return _changed_tables(record, read.fingerprints)


def _calendar(record: Mapping[str, Any], settings: Settings) -> Calendar:
    last = date.fromisoformat(record["as_of"]) if record.get("to_date") else None
    return Calendar.around(Period.parse(record["period"], settings.year_end), last)


def _changed_tables(record: Mapping[str, Any], now: Mapping[str, str]) -> Changes:
    then = record.get("inputs", {})
    return Changes(tuple(sorted(n for n in {*then, *now} if then.get(n) != now.get(n))))
