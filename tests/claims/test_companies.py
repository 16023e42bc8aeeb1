"""Nothing that the pages of two whole companies say is untrue, and nothing stays unclaimed.

The example and the synthetic company, at a week, a month and a quarter in English, and a quarter in
German. In English a quarter is made of all partners, the rest of every fourth. With CLAIMS=all
every period is in both languages, and of all partners.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kpi_lib import paths
from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.data.dataset import Dataset, load_dataset
from kpi_lib.examples.synthetic import write_company
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import Options, compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings, load_settings
from tests.claims.facts import Facts, Tally
from tests.claims.hold import hold_run, patterns_of
from tests.claims.mutations import share_found, statements_on
from tests.claims.pages import read_page

EXAMPLE, MADE_UP = "example", "synthetic"
PERIODS = {
    EXAMPLE: ("2011-W37", "2011-09", "2011-Q3"),
    MADE_UP: ("2026-W38", "2026-09", "2026-Q3"),
}
ALL = os.environ.get("CLAIMS") == "all"
CASES = [
    (company, period, language)
    for company, periods in PERIODS.items()
    for period in periods
    for language in ("en", "de")
    if ALL or language == "en" or "Q" in period  # the words of a quarter are nearly all words
]
EVERY = 4  # partner of those that are made where not all are
ENOUGH = 0.95  # of the changed digits


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """The tables of the synthetic company, written once."""
    return write_company(tmp_path_factory.mktemp("made") / "company", partners=24, orders=20_000)


def settings_of(company: str, language: str, folder: Path, data: Path) -> Settings:
    """Return the settings of a company whose pages are in one language, beside its playbook."""
    params = folder / "params"
    params.mkdir()
    shutil.copy(paths.package().parent / "params" / "playbook.yml", params)
    texts = {EXAMPLE: "reporting_currency: GBP\n"}
    texts[MADE_UP] = f"data: {data}\nreporting_currency: EUR\n"
    file = params / "project.yml"
    file.write_text(f"{texts[company]}languages: [{language}]\n")
    return load_settings(file)


def partners_of(dataset: Dataset, settings: Settings, period: str, *, are_all: bool) -> list[str]:
    """Return the partners whose pages are made: none named is all of them."""
    if are_all or ALL:
        return []
    results = compute(
        dataset,
        settings,
        Period.parse(period, settings.year_end),
        options=Options(only=["revenue"]),
    )
    return sorted(results.partners["partner_id"].to_list())[::EVERY]


def made(case: tuple[str, str, str], folder: Path, data: Path) -> Facts:
    """Return the tables of a run that was made, to hold its pages against."""
    company, period, language = case
    settings = settings_of(company, language, folder, data)
    workspace = folder / "workspace"
    workspace.mkdir()
    dataset = load_dataset(settings, workspace=workspace, kpis=facts_of(settings))
    are_all = language == "en" and "Q" in period
    partners = partners_of(dataset, settings, period, are_all=are_all)
    asked = BatchRequest(period=period, partners=tuple(partners), workers=2)
    outcome = run_batch(settings, asked, folder / "reports", lambda _of: lambda _report: None)
    assert not outcome.failed
    return Facts(
        outcome.folder,
        language,
        settings.folder,
        lambda of: compute(dataset, settings, of),
    )


def pages_of(facts: Facts) -> list[Path]:
    """Return the pages of a run."""
    return sorted(facts.folder.glob("[!.]*.html")) + sorted(facts.folder.glob("[!.]*/**/*.html"))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_nothing_that_a_company_publishes_is_untrue_or_unclaimed(
    case, tmp_path, data, record_property
):
    facts = made(case, tmp_path, data)
    tally = hold_run(facts, pages_of(facts))
    record_property("read", report_of(tally))
    assert tally.untrue == []
    assert tally.unclaimed == []
    if case == (EXAMPLE, "2011-Q3", "en"):
        every = (
            one
            for page in pages_of(facts)
            for one in statements_on(read_page(page.read_text()), facts.whose(page))
        )
        assert share_found(list(every), facts, patterns_of(facts), 200) >= ENOUGH


def report_of(tally: Tally) -> str:
    """Return how much was read, for the report of the tests."""
    counts = f"{tally.passages} passages, {tally.figures} figures, {tally.cells} cells"
    return f"{counts}, {sum(tally.claims.values())} claims"
