"""What the notebooks of the models talk to: how well they fit, what they say, where not to trust.

>>> report = ModelReport.open("cltv", "2011-Q3", slice="...")  # doctest: +SKIP
>>> report.verdict()  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable
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
from kpi_lib.show.models import model_sections as models
from kpi_lib.show.models import model_words as words
from kpi_lib.show.scorecard import sections as parts


@dataclass(frozen=True)
class ModelReport:
    """One model of one period: `cltv`, what customers will be worth, or `churn`, who may leave."""

    given: UntypedPage

    @classmethod
    def open(cls, page: str, period: str, as_of: str = "", slice: str = "") -> ModelReport:
        """Return the report of a model.

        Parameters
        ----------
        page
            cltv or churn.
        period, as_of
            Of which period (2011-Q3), up to which day (empty: the period's end).
        slice
            The folder that holds all the page may know. Empty: that of a finished run, or else the
            models are fitted now.
        """
        given = _slice_of(page, period, as_of, slice)
        wrong = differences(
            {
                "page": (page, given.raw.get("page")),
                "period": (period, given.raw["period"]),
                "as_of": (as_of or str(given.period.end), given.raw["as_of"]),
            }
        )
        if wrong:
            raise RunError(wrong)
        return cls(given)

    @in_its_language
    def heading(self) -> Part:
        """Return the head of the page: what it is about, which period, on which data."""
        period, page = str(self.given.period), str(self.given.raw["page"])
        told: dict[str, Any] = {"page": page, "period": period, "lang": self.given.language}
        told |= {"title": f"{words.title(self.given)}, {period}", TYPED: typed(self.given.raw)}
        return Part("heading", models.heading(self.given), told, theme.notebook_css())

    @in_its_language
    def verdict(self) -> Part:
        """Return the sentence that says it all, or why nothing can be said."""
        return self._part("verdict", models.verdict)

    @in_its_language
    def tests(self) -> Part:
        """Return which way is used, and how each did at earlier cuts."""
        return self._part("tests", models.used)

    @in_its_language
    def parameters(self) -> Part:
        """Return the parameters with their intervals."""
        return self._part("parameters", models.parameters)

    @in_its_language
    def course(self) -> Part:
        """Return what came beside what was expected."""
        return self._part("course", models.course)

    @in_its_language
    def groups(self) -> Part:
        """Return what groups of customers bought, and should have."""
        return self._part("groups", models.groups)

    @in_its_language
    def tenths(self) -> Part:
        """Return calibration and lift by tenth of the probability."""
        return self._part("tenths", models.tenths)

    @in_its_language
    def coefficients(self) -> Part:
        """Return what the probability is made of."""
        return self._part("coefficients", models.coefficients)

    @in_its_language
    def customers(self) -> Part:
        """Return the customers with most at stake."""
        return self._part("customers", models.customers)

    @in_its_language
    def partners(self) -> Part:
        """Return what it comes to by partner."""
        return self._part("partners", models.partners)

    @in_its_language
    def cautions(self) -> Part:
        """Return where not to trust it."""
        return self._part("cautions", models.cautions)

    @in_its_language
    def made(self) -> Part:
        """Return how the page was made."""
        checks = [_("no order after a cut was seen by the fit of that cut")]
        return Part("made", parts.how_made(self.given, {}, checks), {})

    def _part(self, name: str, of: Callable[[UntypedPage], Markup]) -> Part:
        return Part(name, of(self.given), {})


def _slice_of(page: str, period: str, as_of: str, folder: str) -> UntypedPage:
    """Return the slice of a folder, else what an analyst is shown: of a run, or fitted now."""
    if folder:
        return UntypedPage.read(Path(folder))
    # Only an analyst's notebook needs these, and they are heavy.
    from kpi_lib.pages.workspace import page_folder

    return UntypedPage.read(page_folder("models", page, period, as_of))
