"""What the notebook of data quality talks to: how good the data of a run are, part by part.

>>> data = DataQuality.open("2011-Q3", slice="...")  # doctest: +SKIP
>>> data.tables()  # doctest: +SKIP
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kpi_lib.errors import RunError
from kpi_lib.show.common import theme
from kpi_lib.show.common.language import _, in_its_language
from kpi_lib.show.common.part import Part
from kpi_lib.show.common.proofreading import TYPED, typed
from kpi_lib.show.common.slice import differences
from kpi_lib.show.common.untyped_page import UntypedPage
from kpi_lib.show.quality import quality_sections as quality
from kpi_lib.show.quality.quality_words import TITLE
from kpi_lib.show.scorecard import sections as parts

PAGE = "data_quality"


@dataclass(frozen=True)
class DataQuality:
    """How good the data of one period are: what there is, what is not, and what that costs."""

    given: UntypedPage

    @classmethod
    def open(cls, period: str, as_of: str = "", slice: str = "") -> DataQuality:
        """Return the data quality of a period.

        Parameters
        ----------
        period, as_of
            Of which period (2011-Q3), up to which day (empty: the period's end).
        slice
            The folder that holds all the page may know. Empty: that of a finished run, or else the
            data are read and counted now.
        """
        given = _slice_of(period, as_of, slice)
        wrong = differences(
            {
                "page": (PAGE, given.raw.get("page")),
                "period": (period, given.raw["period"]),
                "as_of": (as_of or str(given.period.end), given.raw["as_of"]),
            }
        )
        if wrong:
            raise RunError(wrong)
        return cls(given)

    @in_its_language
    def heading(self) -> Part:
        """Return the head of the page: period, date and what the data cover."""
        period = str(self.given.period)
        told: dict[str, Any] = {"page": PAGE, "period": period, "title": f"{_(TITLE)}, {period}"}
        told |= {"lang": self.given.language, TYPED: typed(self.given.raw)}
        return Part("heading", quality.heading(self.given), told, theme.notebook_css())

    @in_its_language
    def verdict(self) -> Part:
        """Return the sentence that says what is missing and what it costs."""
        return self._part("verdict", quality.verdict(self.given))

    @in_its_language
    def owners(self) -> Part:
        """Return who answers for what is missing."""
        return self._part("owners", quality.owners(self.given))

    @in_its_language
    def tables(self) -> Part:
        """Return every table that is there, with its rows month by month."""
        return self._part("tables", quality.tables(self.given))

    @in_its_language
    def late(self) -> Part:
        """Return what is late, missing or thin."""
        return self._part("late", quality.late(self.given))

    @in_its_language
    def faults(self) -> Part:
        """Return what the check found, counted."""
        return self._part("faults", quality.faults(self.given))

    @in_its_language
    def gaps(self) -> Part:
        """Return which tables and columns are not there, and what that costs."""
        return self._part("gaps", quality.gaps(self.given))

    @in_its_language
    def silent(self) -> Part:
        """Return which tables have no row of some partners."""
        return self._part("silent", quality.silent(self.given))

    @in_its_language
    def unmeasured(self) -> Part:
        """Return which measures had nothing to measure by for some partners."""
        return self._part("unmeasured", quality.unmeasured(self.given))

    @in_its_language
    def notes(self) -> Part:
        """Return what the reader must know of the data."""
        return self._part("notes", quality.notes(self.given))

    @in_its_language
    def made(self) -> Part:
        """Return how the page was made."""
        checks = [_("the figures are of this period and of all its partners")]
        return self._part("made", parts.how_made(self.given, {}, checks))

    def _part(self, name: str, html: Markup) -> Part:
        return Part(name, html, {})


def _slice_of(period: str, as_of: str, folder: str) -> UntypedPage:
    """Return the slice of a folder, else what an analyst is shown: of a run, or counted now."""
    if folder:
        return UntypedPage.read(Path(folder))
    # Only an analyst's notebook needs these, and they are heavy.
    from kpi_lib.pages.workspace import page_folder

    return UntypedPage.read(page_folder("quality", PAGE, period, as_of))
