"""What a portfolio page is given: a roll-up's rows, read as a partner's are, and its partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from kpi_lib.show.common.language import _
from kpi_lib.show.common.slice import KpiSlice, Measure, measures_of
from kpi_lib.slices.json_form import build, deep_plain
from kpi_lib.slices.page import KpiPage
from kpi_lib.slices.untyped import page_content, read_untyped

WHOLE = "portfolio"


KPI_PAGE = ("edition", "profile", "kpis", "history", "definitions")


@dataclass(frozen=True)
class PortfolioSlice(KpiSlice):
    """All that a portfolio page may know; `measures` are those of its roll-up."""

    raw: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls.of(read_untyped(folder))

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Return the slice that a mapping describes."""
        described = {name: raw[name] for name in KPI_PAGE if name in raw}
        common = deep_plain(page_content(raw))
        assert isinstance(common, dict)
        plain = deep_plain(described)
        assert isinstance(plain, dict)
        content = build(KpiPage, common | plain)
        return cls(content, measures_of(content, content.kpis), raw)

    @property
    def name(self) -> str:
        """Whose partners the page tells of."""
        return _("All partners") if self.is_whole else str(self.raw["entity"])

    @property
    def is_whole(self) -> bool:
        """Whether it tells of the whole company; else of one manager's or branch's partners."""
        return self.raw["scope"] == WHOLE

    @property
    def page(self) -> str:
        """The page's place in the period's folder."""
        return str(self.raw["page"])

    @property
    def partners(self) -> Sequence[Mapping[str, Any]]:
        """A row for each partner that the page may name, the largest revenue first."""
        return tuple(self.raw["partners"])

    def has_report(self, partner_id: str) -> bool:
        """Whether the partner's internal page was there when this page was made."""
        return partner_id in self.raw.get("reports", {}).get("there", ())

    @property
    def without_report(self) -> Sequence[str]:
        """The names of the partners whose reports failed."""
        failed = set(self.raw.get("reports", {}).get("failed", ()))
        return [partner["name"] for partner in self.partners if partner["partner_id"] in failed]

    def section(self, name: str) -> list[Measure]:
        """Return the measures of a section that have a row, in its order."""
        kpis = self.raw["sections"].get(name, ())
        return [self.measures[kpi] for kpi in kpis if kpi in self.measures]

    def beside(self, scope: str, kpi: str) -> Mapping[str, float | None]:
        """Return a KPI of direct business or of the company; nothing on a part's page."""
        return self.raw["beside"].get(scope, {}).get("kpis", {}).get(kpi, {})

    def stances(self, stance: str) -> list[Mapping[str, Any]]:
        """Return the partners that call for the same."""
        return [partner for partner in self.partners if partner["stance"] == stance]
