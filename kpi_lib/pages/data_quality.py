"""What the notebook of data quality talks to: how good the data of a run are, part by part.

>>> data = DataQuality.open("2011-Q3", slice="...")  # doctest: +SKIP
>>> data.tables()  # doctest: +SKIP
"""

from __future__ import annotations

from pathlib import Path

from kpi_lib.pages.page import Page, require_match, slice_from
from kpi_lib.show.common.language import _, in_its_language
from kpi_lib.show.common.part import Part
from kpi_lib.show.quality import quality_sections as quality
from kpi_lib.show.quality.quality_page import QualityPage
from kpi_lib.show.quality.quality_words import TITLE
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.slices.quality_types import QualitySlice

PAGE = QualitySlice.KIND


class DataQuality(Page[QualityPage]):
    """How good the data of one period are: what there is, what is not, and what that costs."""

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
        given = slice_from(QualityPage, slice, lambda: _folder(period, as_of))
        require_match(given, period, as_of, {})
        return cls(given)

    @in_its_language
    def heading(self) -> Part:
        """Return the head of the page: period, date and what the data cover."""
        return self._heading(quality.heading(self.given), _(TITLE), {"page": PAGE})

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


def _folder(period: str, as_of: str) -> Path:
    """Return the folder of a run's slice, or of one that is computed now."""
    from kpi_lib.pages.workspace import page_folder  # heavy, and for analysts alone

    return page_folder("quality", PAGE, period, as_of)
