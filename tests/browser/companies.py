"""The companies whose pages are looked at: one line more here, and every test looks at it too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.examples.synthetic import write_company
from kpi_lib.settings import Settings, load_settings
from tests.browser.hostile import hostile


@dataclass(frozen=True)
class Company:
    """Data to make pages of: `settings` lays them down in a folder where they are not there yet.

    `partners`: whose scorecards are made, in both editions; the index lists all others too.
    `kept`: of which pages pictures are kept for people to look at, by what they are called.
    """

    name: str
    partners: tuple[str, ...]
    settings: Callable[[Path], Settings]
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """What a run left, as people find it."""

    company: Company
    folder: Path

    @property
    def pages(self) -> dict[str, Path]:
        """Every page of the run, by its place in the folder; new kinds are found by themselves."""
        found = sorted(self.folder.rglob("*.html"))
        names = {path.relative_to(self.folder).as_posix(): path for path in found}
        return {name: path for name, path in names.items() if not name.startswith(".")}

    @property
    def kept(self) -> dict[str, str]:
        """What the pages are called of which pictures are kept, by their place."""
        return {next(iter(self._like(place))): name for name, place in self.company.kept.items()}

    def _like(self, pattern: str) -> list[str]:
        return [place for place in self.pages if PurePath(place).match(pattern)]

    @property
    def scorecards(self) -> dict[str, Path]:
        """The pages that partners are given."""
        return {name: path for name, path in self.pages.items() if path.name == "scorecard.html"}


def make(company: Company, folder: Path) -> Made:
    """Run the batch for a company, its PDFs with it."""
    asked = BatchRequest(partners=company.partners, workers=2, pdf=True)
    reports = folder / "reports"
    outcome = run_batch(company.settings(folder), asked, reports, lambda count: lambda result: None)
    assert [result.error for result in outcome.failed] == []
    made = Made(company, outcome.folder)
    wanted = {f"partners/{partner}/scorecard.html" for partner in company.partners}
    assert wanted | {"index.html"} <= set(made.pages)
    return made


def _example(folder: Path) -> Settings:
    return load_settings()


def _synthetic(folder: Path) -> Settings:
    return load_settings(data=str(write_company(folder / "data")))


COMPANIES = (
    Company(
        "example",
        ("EIRE", "Germany", "Lithuania"),  # Lithuania: hardly any data
        _example,
        {"plain": "partners/Germany/scorecard.html", "bare": "partners/Lithuania/scorecard.html"},
    ),
    Company(
        "synthetic",  # every table, targets, packs; P0001 is in trouble
        ("P0001", "P0006"),
        _synthetic,
        {
            "trouble": "partners/P0001/scorecard.html",
            "rich": "partners/P0006/scorecard.html",
            "internal": "partners/P0006/internal.html",
            "portfolio": "portfolio.html",
            "manager": "managers/*.html",
        },
    ),
    Company("hostile", ("P0001", "P0002", "P0005", "P0008"), hostile),  # every text is an attack
)
