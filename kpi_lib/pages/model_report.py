"""What the notebooks of the models talk to: how well they fit, what they say, where not to trust.

>>> report = ModelReport.open("cltv", "2011-Q3", slice="...")  # doctest: +SKIP
>>> report.verdict()  # doctest: +SKIP
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TypeVar

from kpi_lib.errors import Problem, RunError
from kpi_lib.pages.page import Page, require_match, slice_from
from kpi_lib.show.common.language import _, in_its_language
from kpi_lib.show.common.part import Part
from kpi_lib.show.models import churn_sections as churn
from kpi_lib.show.models import churn_words, value_words
from kpi_lib.show.models import value_sections as value
from kpi_lib.show.models.model_page import ChurnPage, ModelPage, ValuePage
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.slices.model_types import PAGES, ChurnSlice, ValueSlice

M = TypeVar("M", bound=ModelPage)


class ModelReport(Page[M]):
    """One model of one period, as a page of its own."""

    @staticmethod
    def open(
        page: str, period: str, as_of: str = "", slice: str = ""
    ) -> ValueModelReport | ChurnModelReport:
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
        folder = partial(_folder, page, period, as_of)
        report: ValueModelReport | ChurnModelReport
        if page == ValueSlice.KIND:
            report = ValueModelReport(slice_from(ValuePage, slice, folder))
        elif page == ChurnSlice.KIND:
            report = ChurnModelReport(slice_from(ChurnPage, slice, folder))
        else:
            found = "no model has a page of that name"
            raise RunError(Problem(f"page {page}", found, f"There are {' and '.join(PAGES)}."))
        require_match(report.given, period, as_of, {})
        return report

    @in_its_language
    def made(self) -> Part:
        """Return how the page was made."""
        checks = [_("no order after a cut was seen by the fit of that cut")]
        return self._part("made", parts.how_made(self.given, {}, checks))


class ValueModelReport(ModelReport[ValuePage]):
    """What customers will be worth."""

    @in_its_language
    def heading(self) -> Part:
        """Return the head of the page: what it is about, which period, on which data."""
        about = {"page": ValueSlice.KIND}
        return self._heading(value.heading(self.given), value_words.title(self.given), about)

    @in_its_language
    def verdict(self) -> Part:
        """Return the sentence that says it all, or why nothing can be said."""
        return self._part("verdict", value.verdict(self.given))

    @in_its_language
    def tests(self) -> Part:
        """Return whether model or rule of thumb is used, and how each did at earlier cuts."""
        return self._part("tests", value.tests(self.given))

    @in_its_language
    def parameters(self) -> Part:
        """Return the parameters with their intervals."""
        return self._part("parameters", value.parameters(self.given))

    @in_its_language
    def course(self) -> Part:
        """Return what came beside what was expected."""
        return self._part("course", value.course(self.given))

    @in_its_language
    def groups(self) -> Part:
        """Return what groups of customers bought, and should have."""
        return self._part("groups", value.groups(self.given))

    @in_its_language
    def partners(self) -> Part:
        """Return what each partner's customers are worth."""
        return self._part("partners", value.partners(self.given))

    @in_its_language
    def cautions(self) -> Part:
        """Return where not to trust it."""
        return self._part("cautions", value.cautions(self.given))


class ChurnModelReport(ModelReport[ChurnPage]):
    """Which customers are about to leave."""

    @in_its_language
    def heading(self) -> Part:
        """Return the head of the page: what it is about, which period, on which data."""
        title = _(churn_words.TITLE)
        return self._heading(churn.heading(self.given), title, {"page": ChurnSlice.KIND})

    @in_its_language
    def verdict(self) -> Part:
        """Return the sentence that says it all, or why nothing can be said."""
        return self._part("verdict", churn.verdict(self.given))

    @in_its_language
    def tests(self) -> Part:
        """Return which way is used, and how each did at earlier cuts."""
        return self._part("tests", churn.tests(self.given))

    @in_its_language
    def tenths(self) -> Part:
        """Return calibration and lift by tenth of the probability."""
        return self._part("tenths", churn.tenths(self.given))

    @in_its_language
    def coefficients(self) -> Part:
        """Return what the probability is made of."""
        return self._part("coefficients", churn.coefficients(self.given))

    @in_its_language
    def customers(self) -> Part:
        """Return the customers with most at stake."""
        return self._part("customers", churn.customers(self.given))

    @in_its_language
    def partners(self) -> Part:
        """Return what each partner's customers have at stake."""
        return self._part("partners", churn.partners(self.given))

    @in_its_language
    def cautions(self) -> Part:
        """Return where not to trust it."""
        return self._part("cautions", churn.cautions(self.given))


def _folder(page: str, period: str, as_of: str) -> Path:
    """Return the folder of a run's slice, or of one that is fitted now."""
    from kpi_lib.pages.workspace import page_folder  # heavy, and for analysts alone

    return page_folder("models", page, period, as_of)
