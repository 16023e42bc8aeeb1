"""What a portfolio page is given, as its parts read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from markupsafe import Markup, escape

from kpi_lib.audience import INTERNAL
from kpi_lib.show.common.language import _
from kpi_lib.show.common.slice import KpiSlice, Measure, measures_of
from kpi_lib.slices import file
from kpi_lib.slices.portfolio_types import Figure, PortfolioPartner, PortfolioSlice, Stance

WHOLE = PortfolioSlice.KIND


@dataclass(frozen=True)
class PortfolioPage(KpiSlice):
    """All that a portfolio page may know; `measures` are those of its roll-up."""

    content: PortfolioSlice

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls.of(file.read(PortfolioSlice, folder))

    @classmethod
    def of(cls, content: PortfolioSlice) -> Self:
        """Return the page of a slice, with the measures of its rows."""
        return cls(content, measures_of(content, content.kpis))

    @property
    def name(self) -> str:
        """Whose partners the page is about."""
        return _("All partners") if self.is_whole else self.content.entity

    @property
    def is_whole(self) -> bool:
        """Whether it is about the whole company; else about a manager's or branch's partners."""
        return self.content.scope == WHOLE

    @property
    def page(self) -> str:
        """The page's place in the period's folder."""
        return self.content.page

    @property
    def partners(self) -> Sequence[PortfolioPartner]:
        """The partners that the page may name, the one with most business first."""
        return self.content.partners

    def has_report(self, partner_id: str) -> bool:
        """Whether the partner's internal page was there when this page was made."""
        return partner_id in self.content.reports.there

    def linked(self, partner_id: str, name: str) -> Markup:
        """Return a partner's name as a link to its internal page, or alone if that was not made."""
        if not self.has_report(partner_id):
            return escape(name)
        up = "../" * self.page.count("/")
        link = f"{up}partners/{quote(partner_id, safe='')}/{INTERNAL.report}.html"
        return Markup('<a href="{}">{}</a>').format(link, name)

    @property
    def without_report(self) -> Sequence[str]:
        """The names of the partners whose reports failed."""
        failed = self.content.reports.failed
        return [partner.name for partner in self.partners if partner.partner_id in failed]

    def section(self, name: str) -> list[Measure]:
        """Return the measures of a section that have a row, in its order."""
        kpis = self.content.sections.get(name, ())
        return [self.measures[kpi] for kpi in kpis if kpi in self.measures]

    def beside(self, scope: str, kpi: str) -> Figure:
        """Return a KPI of direct business or of the company; nothing on a part's page."""
        whole = self.content.beside.get(scope)
        return whole.kpis.get(kpi, Figure()) if whole else Figure()

    def with_stance(self, stance: Stance) -> list[PortfolioPartner]:
        """Return the partners that call for the same."""
        return [partner for partner in self.partners if partner.stance == stance]
