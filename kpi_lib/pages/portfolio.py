"""What the notebook of the portfolio talks to: many partners side by side, part by part.

>>> folio = Portfolio.open("2011-Q3", slice="...")  # doctest: +SKIP
>>> folio.exceptions()  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup

from kpi_lib.errors import Problem, RunError
from kpi_lib.pages.page import Page, require_match, slice_from
from kpi_lib.periods import at_least_as_long
from kpi_lib.show.common.language import _, in_its_language
from kpi_lib.show.common.part import Part
from kpi_lib.show.models import outlook_sections as outlook
from kpi_lib.show.portfolio import portfolio_lead as portfolio
from kpi_lib.show.portfolio import portfolio_sections as sections
from kpi_lib.show.portfolio.portfolio_page import WHOLE, PortfolioPage
from kpi_lib.show.portfolio.portfolio_words import title
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard import tiles


class Portfolio(Page[PortfolioPage]):
    """How the partnerships of one period did: all of them, or those of a manager or a branch."""

    @classmethod
    def open(
        cls, period: str, as_of: str = "", manager: str = "", branch: str = "", slice: str = ""
    ) -> Portfolio:
        """Return the portfolio of a period.

        Parameters
        ----------
        period, as_of
            Of which period (2011-Q3), up to which day (empty: the period's end).
        manager, branch
            Whose partners, by the columns of the table partners; both empty: all.
        slice
            The folder that holds all the page may know. Empty: that of a finished run for all
            partners, or else the figures are computed now.
        """
        if manager and branch:
            raise RunError(
                Problem("portfolio", "both a manager and a branch are named", "Name one of them.")
            )
        scope = "manager" if manager else "branch" if branch else WHOLE
        given = slice_from(PortfolioPage, slice, lambda: _folder(period, as_of, manager, branch))
        entity = manager or branch or WHOLE
        requested = {
            "scope": (scope, given.content.scope),
            "entity": (entity, given.content.entity),
        }
        require_match(given, period, as_of, requested)
        return cls(given)

    @in_its_language
    def heading(self) -> Part:
        """Return the head of the page: whose partners, period, date and what the data cover."""
        about = {
            "page": self.given.page,
            "scope": self.given.content.scope,
            "cadence": self.given.period.cadence,
        }
        return self._heading(portfolio.heading(self.given), title(self.given), about)

    @in_its_language
    def verdict(self) -> Part:
        """Return how the partnerships did, and what is most at stake."""
        return self._part("verdict", portfolio.verdict(self.given))

    @in_its_language
    def tiles(self) -> Part:
        """Return the roll-ups that lead the page, against their targets."""
        return self._part("tiles", tiles.tiles(self.given))

    @in_its_language
    def direct(self) -> Part:
        """Return partner business against direct business; empty on a part's page."""
        return self._part("direct", sections.direct(self.given))

    @in_its_language
    def exceptions(self) -> Part:
        """Return what is off track, the most money at stake first."""
        return self._part("exceptions", portfolio.exceptions(self.given))

    @in_its_language
    def movers(self) -> Part:
        """Return the largest gains and losses of revenue on the year ago."""
        return self._from_cadence("month", "movers", portfolio.movers)

    @in_its_language
    def concentration(self) -> Part:
        """Return how much of the revenue the largest partners bring."""
        return self._from_cadence("month", "concentration", portfolio.concentration)

    @in_its_language
    def outlook(self) -> Part:
        """Return what is expected of the partners, and where the most is at stake."""
        return self._part("outlook", outlook.of_portfolio(self.given))

    @in_its_language
    def sales(self) -> Part:
        """Return leads, deals, customers and markets."""
        return self._part("sales", sections.sales(self.given))

    @in_its_language
    def finance(self) -> Part:
        """Return margin, return on the partnerships, savings and receivables."""
        return self._part("finance", sections.finance(self.given))

    @in_its_language
    def attribution(self) -> Part:
        """Return what each model of attribution credits to whom."""
        return self._from_cadence("quarter", "attribution", sections.attribution)

    @in_its_language
    def health(self) -> Part:
        """Return health against revenue: who needs a talk, who earns more investment."""
        return self._from_cadence("month", "health", portfolio.health)

    @in_its_language
    def breakdown(self) -> Part:
        """Return the roll-ups by type and by region; empty on a part's page."""
        return self._part("breakdown", sections.breakdown(self.given))

    @in_its_language
    def actions(self) -> Part:
        """Return what the playbook asks of whom."""
        return self._part("actions", sections.actions(self.given))

    @in_its_language
    def disputes(self) -> Part:
        """Return which figures are in dispute, and how many published ones have changed."""
        return self._part("disputes", sections.disputes(self.given))

    @in_its_language
    def partners(self) -> Part:
        """Return every partner, one row each."""
        return self._part("partners", portfolio.everybody(self.given))

    @in_its_language
    def definitions(self) -> Part:
        """Return what every measure of the page means."""
        return self._part("definitions", sections.definitions(self.given))

    @in_its_language
    def notes(self) -> Part:
        """Return what has no value and why, and what the reader must know of the data."""
        return self._part("notes", sections.notes(self.given))

    @in_its_language
    def made(self) -> Part:
        """Return how the page was made."""
        checks = [_("the figures are of this period and of these partners alone")]
        labels = {"manager": _("Account manager"), "branch": _("Branch")}
        whose = {} if self.given.is_whole else {labels[self.given.content.scope]: self.given.name}
        return self._part("made", parts.how_made(self.given, whose, checks))

    def _from_cadence(self, least: str, name: str, make: Callable[[PortfolioPage], Markup]) -> Part:
        """Return a part whose measures have no row in a period that is shorter than `least`."""
        is_long = at_least_as_long(self.given.period, least)
        return self._part(name, make(self.given) if is_long else parts.least_period(least))


def _folder(period: str, as_of: str, manager: str, branch: str) -> Path:
    """Return the folder of a run's slice, or of one that is computed now."""
    from kpi_lib.pages.workspace import portfolio_folder  # heavy, and for analysts alone

    return portfolio_folder(period, as_of, manager, branch)
