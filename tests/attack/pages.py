"""What an attacker has: the partner pages of a run, read as anybody reads them.

Nothing here asks `kpi_lib` for a figure of the others: what is shown of them is read from the HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kpi_lib.audience import PARTNER
from kpi_lib.data.dataset import load_dataset
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import Results, compute
from kpi_lib.measure.slices import build_slices
from kpi_lib.pages.scorecard import Scorecard
from kpi_lib.periods import Period
from kpi_lib.show.common.numbers import MINUS
from kpi_lib.show.common.slice import Slice
from kpi_lib.slices.scorecard_types import ScorecardSlice
from tests.data.folders import settings_for

KPIS = catalogue()
NAMES = {kpi.name: kpi for kpi in KPIS.values()}
ROW = re.compile(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
CELL = re.compile(r'<td class="figure"><span class="label">.*?</span>(.*?)</td>', re.DOTALL)
PLACE = re.compile(r'<span class="standing">(.*?)</span>')
ALT = re.compile(r'class="band" alt="(.*?)"')
FIGURE = re.compile(rf"([{MINUS}+]?)[^\d{MINUS}+%]*([\d,]+(?:\.\d+)?)\s*(%|M|K|B)?")


@dataclass(frozen=True)
class Band:
    """What one page tells of the others by one KPI: three figures and so many in ten."""

    figures: tuple[float, float, float]
    tenths: int


@dataclass(frozen=True)
class Run:
    """A run: the exact KPI table, which the attacker must not get at, and what pages tell.

    `bands`: by partner_id and KPI. `slices`: what the partner editions' notebooks are given.
    """

    results: Results
    bands: Mapping[tuple[str, str], Band]
    slices: Mapping[str, ScorecardSlice]
    pages: Mapping[str, str]


def run_of(data: Path, period: str, workspace: Path) -> Run:
    """Return the run of a folder of data for a period."""
    settings = settings_for(data)
    dataset = load_dataset(settings, workspace=workspace, kpis=facts_of(settings))
    results = compute(dataset, settings, Period.parse(period))
    slices = {
        slice_.partner.partner_id: slice_
        for slice_ in build_slices(results, dataset, settings)
        if slice_.audience == PARTNER
    }
    pages = {who: str(Scorecard(Slice.of(own)).peers().html) for who, own in slices.items()}
    bands = {(who, kpi): band for who, page in pages.items() for kpi, band in read(page)}
    return Run(results, bands, slices, pages)


def read(page: str) -> Iterator[tuple[str, Band]]:
    """Yield the KPIs that a page compares, and what it says: the table and the picture's words."""
    for name, cells in ROW.findall(page):
        kpi = NAMES[html.unescape(name).removesuffix(" (lower is better)")]
        _own, *texts = (html.unescape(text) for text in CELL.findall(cells))
        alt, place = html.unescape(ALT.findall(cells)[0]), PLACE.findall(cells)[0]
        assert all(f"about {text}" in alt or f"and {text}" in alt for text in texts), alt
        tenths = int(re.findall(r"about (\d+) in 10", place)[0])
        q1, median, q3 = (number(text) for text in texts)
        yield kpi.id, Band((q1, median, q3), tenths)


def number(text: str) -> float:
    """Return the number that a text of an English page stands for.

    >>> number("£46,000"), number("93%"), number(f"{MINUS}38 days"), number("£12M")
    (46000.0, 0.93, -38.0, 12000000.0)
    """
    sign, digits, mark = FIGURE.search(text.replace("\N{NO-BREAK SPACE}", " ")).groups()
    scale = {"%": 0.01, "K": 1e3, "M": 1e6, "B": 1e9}.get(mark, 1.0)
    value = round(float(digits.replace(",", "")) * scale, 10)
    return -value if sign == MINUS else value
