"""A cell of a table as it is read: whose page, which row, and its head in plain English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tests.claims.facts import Facts, Row, Whose
from tests.claims.figures import Figure, read_figure, read_period
from tests.claims.pages import Cell
from tests.claims.say_shares import MODELS
from tests.claims.templates import NAME, PERIOD, WHO

COLUMNS = {
    **dict.fromkeys(("This partner", "Actual", "Partners", "Value", "We count"), "value"),
    **{"Target": "target", "Ahead of peers": "peer_percentile"},
    **{"Lower quartile": "peer_q1", "Median": "peer_median", "Upper quartile": "peer_q3"},
}
SCOPES = {"Direct": "direct", "Direct business": "direct", "Company": "company"}
SCOPES |= {"All partners": "portfolio"}
OF_PARTNERS = {"Margin": "gross_margin", "OTIF": "otif_rate", "Health": "health_score"}
ATTRIBUTION = dict(
    zip(
        ("First touch", "Last touch", "Linear", "Time decay", "Position based"), MODELS, strict=True
    )
)
BANDS = {"Expected": ("value",), "Expected next": ("value",), "80% band": ("low80", "high80")}
BANDS |= {"95% band": ("low95", "high95")}
DRIVERS = "drivers"


class UnclaimedError(Exception):
    """A cell is taken by no rule."""


@dataclass(frozen=True)
class Read:
    """A cell as it is read: whose page, which tables, and its head in English."""

    cell: Cell
    whose: Whose
    facts: Facts

    @cached_property
    def head(self) -> str:
        """What stands above it, in English where the product knows the word."""
        known = (*COLUMNS, *SCOPES, *OF_PARTNERS, *ATTRIBUTION, *BANDS, *HEADS)
        shown = {self.facts.words.in_language(word)[0]: word for word in known}
        return shown.get(self.cell.head, self.cell.head)

    def slot(self, kind: str, text: str) -> re.Match[str] | None:
        """Return where a text begins with something of a kind."""
        return re.match(self.facts.words.kinds[kind], text)

    @cached_property
    def kpi(self) -> str:
        """The measure that the row is about, or what the table stands under."""
        own = [] if self.cell.at.part == DRIVERS else [self.cell.row]
        for text in (*own, *self.cell.titles):
            found = self.slot(NAME, text)
            if found:
                return self.facts.words.measures[found[0]]
        return ""

    @cached_property
    def partner(self) -> str:
        """The partner that the row is about; nothing where it is about none."""
        found = self.slot(WHO, self.cell.row)
        return self.facts.words.partners[found[0]] if found else ""

    def figure(self, text: str | None = None) -> Figure:
        """Return the figure of the cell."""
        return read_figure(self.cell.text if text is None else text, self.facts.language)

    def unit(self, kpi: str) -> str:
        """Return the unit of a measure."""
        definition = self.facts.definitions[kpi]
        return str(definition.measured_in or definition.unit)

    def row(self, kpi: str, scope: str = "") -> Row:
        """Return a row of the KPI table: the page's, another scope's, or that of the partner."""
        if scope:
            return self.facts.kpis[scope, scope, kpi]
        if self.partner:
            return self.facts.kpis["partner", self.partner, kpi]
        return self.facts.row(self.whose, kpi)

    def period(self, text: str) -> str:
        """Return the period that a text begins with; nothing where it begins with none."""
        found = self.slot(PERIOD, text)
        return read_period(found[0].partition(" (")[0], self.facts.language) if found else ""


HEADS = ("Change", "Status", "On the year", "In per cent", "A year ago", "Off track", "Reported")
HEADS += ("Apart", "Share", "Amount", "Off by", "Off track since", "At stake", "By", "First due")
HEADS += ("Actions", "Target of the year", "May fade", "Effect on the change", "Since", "Measure")
HEADS += ("What it calls for", "Among the others", "Period", "Action", "Who")
