"""What a page of the models is given, computed now: for an analyst's notebook."""

from __future__ import annotations

import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

from kpi_lib.data.dataset import load_dataset
from kpi_lib.kpis.facts import facts_of
from kpi_lib.measure.compute import compute, period_asked
from kpi_lib.measure.slices import Slice, of_the_run
from kpi_lib.models.fitted import fit_models
from kpi_lib.models.told import tell
from kpi_lib.settings import load_settings


def open_models(page: str, period: str, as_of: str) -> Slice:
    """Return the slice of a page, from models that are fitted now by the project's own settings."""
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="kpi-") as workspace:
        dataset = load_dataset(settings, workspace=Path(workspace), kpis=facts_of(settings))
        wanted = period_asked(settings, dataset, period or None)
        day = date.fromisoformat(as_of) if as_of else None
        results = compute(dataset, settings, wanted, day, only=["revenue"])
        names = dict(results.partners.select("partner_id", "name").iter_rows())
        told = tell(fit_models(dataset, settings, results.calendar), settings, names)
        common = of_the_run(results, dataset, settings)
        made = {"version": version("partner-scorecards")}
        return {**common, "page": page, "told": told[page], "made": made}
