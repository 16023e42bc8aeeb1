"""What a notebook talks to: one partner's scorecard, part by part.

>>> card = Scorecard.open("Germany", "2011-Q3", slice="...")  # doctest: +SKIP
>>> card.tiles()  # doctest: +SKIP
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from kpi_lib.audience import PARTNER, audience_of
from kpi_lib.errors import Problem, RunError
from kpi_lib.pages.page import Page, require_match, slice_from
from kpi_lib.show.common import theme, wording
from kpi_lib.show.common.language import _, in_its_language, speaking
from kpi_lib.show.common.part import Mailed, Part
from kpi_lib.show.common.slice import Measure, Slice
from kpi_lib.show.models import outlook_sections as outlook
from kpi_lib.show.scorecard import (
    action_sections,
    internal_sections,
    mutual_service,
    note,
    sections,
    tables,
    tiles,
)
from kpi_lib.show.scorecard import digest_parts as digest

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class ShownMeasure(Measure):
    """One KPI that shows itself in a notebook."""

    given: Slice | None = None

    @classmethod
    def of(cls, measure: Measure, given: Slice) -> ShownMeasure:
        """Return the measure of a slice, so that it shows itself."""
        return cls(measure.row, measure.definition, measure.history, given)

    def _repr_html_(self) -> str:
        """Return the measure as JupyterLab shows it: a tile, with its styles."""
        assert self.given is not None  # of() gives it
        with speaking(self.given.language):
            html = sections.kpi(self, self.given)
        return str(
            Markup('<style>{}</style><div class="scorecard">{}</div>').format(
                Markup(theme.notebook_css()), html
            )
        )

    def __repr__(self) -> str:
        assert self.given is not None  # of() gives it
        return f"<{self.name}: {wording.value_of(self, self.given)}>"


class Scorecard(Page[Slice]):
    """One partner's scorecard of one period, in one edition."""

    @classmethod
    def open(
        cls,
        partner_id: str,
        period: str,
        as_of: str = "",
        edition: str = PARTNER.name,
        slice: str = "",
    ) -> Scorecard:
        """Return the scorecard of a partner and a period.

        Parameters
        ----------
        partner_id, period, as_of, edition
            Whose scorecard, of which period (2011-Q3), up to which day (empty: the period's end),
            for whom (partner or internal).
        slice
            The folder that holds all the page may know. Empty: that of a finished run, or else the
            figures are computed now.
        """
        audience_of(edition)  # or an error that lists those there are
        given = slice_from(Slice, slice, lambda: _folder(partner_id, period, as_of, edition))
        requested = {
            "partner_id": (partner_id, given.partner.partner_id),
            "edition": (edition, given.edition),
        }
        wrong = [*_internal_measures(given), *_unknown_measures(given)]
        require_match(given, period, as_of, requested, wrong)
        return cls(given)

    @in_its_language
    def heading(self) -> Part:
        """Return the head of the page: partner, period, date and what the data cover."""
        about = {
            "partner_id": self.given.partner.partner_id,
            "name": self.given.name,
            "edition": self.given.edition,
            "cadence": self.given.period.cadence,
        }
        mailed = self._mailed(digest.heading)
        return self._heading(sections.heading(self.given), self.given.name, about, mailed)

    @in_its_language
    def verdict(self) -> Part:
        """Return the sentence that says how the period went."""
        return self._part("verdict", sections.verdict(self.given), digest.verdict)

    @in_its_language
    def tiles(self) -> Part:
        """Return the 6 to 8 figures that lead the page."""
        return self._part("tiles", tiles.tiles(self.given), digest.rows)

    @in_its_language
    def note(self) -> Part:
        """Return the account manager's own words; empty where there are none."""
        return self._part("note", note.note(self.given))

    @in_its_language
    def sides(self) -> Part:
        """Return what the two sides owe each other, in two columns."""
        return self._part("sides", mutual_service.mutual_service(self.given))

    @in_its_language
    def table(self) -> Part:
        """Return every KPI with its comparisons, by family."""
        return self._part("table", tables.kpi_table_html(self.given))

    @in_its_language
    def reported(self) -> Part:
        """Return what the partner reported beside our figures: internal."""
        return self._internal("reported", internal_sections.reported)

    @in_its_language
    def ageing(self) -> Part:
        """Return what is open by how late it is: internal."""
        return self._internal("ageing", internal_sections.ageing)

    @in_its_language
    def outlook(self) -> Part:
        """Return what is expected of the partner, with its band: internal."""
        return self._internal("outlook", outlook.of_partner)

    @in_its_language
    def voices(self) -> Part:
        """Return what people said in surveys, by topic: internal."""
        return self._internal("voices", internal_sections.survey_comments)

    @in_its_language
    def trend(self, kpi: str) -> Part:
        """Return the course of one KPI."""
        return self._part("trend", sections.trend(self.kpi(kpi), self.given))

    @in_its_language
    def trends(self) -> Part:
        """Return the courses of the KPIs that lead the page."""
        return self._part("trends", sections.trends(self.given), digest.chart)

    @in_its_language
    def peers(self) -> Part:
        """Return where the partner stands among the others, coarsely in the partner edition."""
        return self._part("peers", tables.peers(self.given))

    @in_its_language
    def drivers(self) -> Part:
        """Return what moved the figures."""
        return self._part("drivers", action_sections.drivers(self.given))

    @in_its_language
    def actions(self) -> Part:
        """Return what to do, who does it and by when: three actions at most."""
        return self._part("actions", action_sections.actions(self.given), digest.actions)

    @in_its_language
    def follow_up(self) -> Part:
        """Return what became of the actions of the period before."""
        return self._part("follow_up", action_sections.follow_up(self.given))

    @in_its_language
    def went_well(self) -> Part:
        """Return what went well."""
        return self._part("went_well", action_sections.went_well(self.given))

    @in_its_language
    def notes(self) -> Part:
        """Return what the reader must know of the data."""
        return self._part("notes", sections.notes(self.given))

    @in_its_language
    def definitions(self) -> Part:
        """Return what every KPI of the page means."""
        return self._part("definitions", sections.definitions(self.given))

    @in_its_language
    def made(self) -> Part:
        """Return how the page was made."""
        checks = [_("the figures are this partner's, of this period and edition")]
        if not self.given.is_internal:
            checks.append(_("they hold shared measures only"))
        return self._part("made", sections.made(self.given, checks))

    def compare(self) -> pd.DataFrame:
        """Return every KPI with a value beside what it is held against, as a table.

        One row per KPI, in the catalogue's order: name, unit, value, previous, year_ago, target,
        variance, status, peer_median, peer_percentile; ratios as fractions, null where there is
        none. In the partner edition the last two are coarse.
        """
        import pandas as pd  # a report's parts do without it

        rows = [_comparison_row(measure) for measure in self.given.known]
        return pd.DataFrame(rows, columns=_COMPARED).set_index("kpi")

    def rows(self, kpi: str) -> pd.DataFrame:
        """Return the rows of the tables that a KPI's figure stands on, for an analyst.

        `used_in` says for what (numerator, denominator), `period` of which period. A report's
        notebook is not given them.
        """
        from kpi_lib.pages.workspace import rows_of_partner

        as_of = str(self.given.as_of) if self.given.to_date else ""
        partner_id = self.given.partner.partner_id
        return rows_of_partner(self.kpi(kpi).kpi, partner_id, str(self.given.period), as_of)

    def kpi(self, kpi: str) -> ShownMeasure:
        """Return one KPI; raise RunError with the nearest names where the slice has none such.

        Shown in a notebook it is a tile with its definition; `value`, `row` and `history` hold its
        figures.
        """
        if kpi in self.given.measures:
            return ShownMeasure.of(self.given.measures[kpi], self.given)
        near = difflib.get_close_matches(kpi, self.given.measures, n=3, cutoff=0.5)
        raise RunError(
            Problem(
                f"KPI {kpi}",
                f"it is not in the slice of {self.given.partner.partner_id}, "
                f"edition {self.given.edition}",
                f"Did you mean {', '.join(near)}?" if near else _where_it_may_be(self.given),
            )
        )

    def __getitem__(self, kpi: str) -> ShownMeasure:
        """Return one KPI, as `kpi` does; its name completes on Tab."""
        return self.kpi(kpi)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.given.measures)

    def __repr__(self) -> str:
        of = self.given
        return f"<Scorecard of {of.name}, {of.period}, edition {of.edition}>"

    def _internal(self, name: str, make: Callable[[Slice], Markup]) -> Part:
        """Return a part of the internal edition; another edition was not given what it shows."""
        if not self.given.is_internal:
            return self._part(name, sections.internal_only())
        return self._part(name, make(self.given))

    def _part(self, name: str, html: Markup, mail: Callable[[Slice], Mailed] | None = None) -> Part:
        return Part(name, html, {}, mailed=self._mailed(mail) if mail else None)

    def _mailed(self, mail: Callable[[Slice], Mailed]) -> Mailed | None:
        """Return what a part says in an e-mail; the internal edition is never mailed."""
        return None if self.given.is_internal else mail(self.given)


_HELD_AGAINST = ("value", "previous", "year_ago", "target", "variance", "status")
_COMPARED = ("kpi", "name", "unit", *_HELD_AGAINST, "peer_median", "peer_percentile")


def _comparison_row(measure: Measure) -> dict[str, object]:
    """Return a measure's row of `Scorecard.compare`: its value, baselines, target and peers."""
    standing = measure.standing
    return {
        **{"kpi": measure.kpi, "name": measure.name, "unit": measure.unit},
        **{column: getattr(measure.row, column) for column in _HELD_AGAINST},
        "peer_median": standing.median if standing else None,
        "peer_percentile": standing.ahead if standing else None,
    }


def _where_it_may_be(given: Slice) -> str:
    """Return a hint at where a KPI that is not in this edition may be found."""
    if given.is_internal:
        return "See `kpi list` for the KPIs there are."
    return "The partner edition holds shared KPIs only; internal ones are in edition internal."


def _folder(partner_id: str, period: str, as_of: str, edition: str) -> Path:
    """Return the folder of a run's slice, or of one that is computed now."""
    from kpi_lib.pages.workspace import slice_folder  # heavy, and for analysts alone

    return slice_folder(partner_id, period, as_of, edition)


def _unknown_measures(given: Slice) -> list[Problem]:
    """Return a problem for each measure that an insight is about and the slice does not hold."""
    return [
        Problem(
            f"KPI {kpi}",
            "an insight is about it, and the slice does not hold it",
            "Do not publish this page; kpi_lib/insights/editions.py makes the insights.",
        )
        for kpi in sorted(given.insights.kpis - set(given.measures))
    ]


def _internal_measures(given: Slice) -> list[Problem]:
    """Return a problem for each measure that the edition's audience may not see."""
    return [
        Problem(
            f"KPI {measure.kpi}",
            "it is internal, and the slice of a partner edition holds it",
            "Do not publish this page; kpi_lib/measure/slices.py makes the slices.",
        )
        for measure in given.measures.values()
        if not given.audience.may_see(measure.definition.audience)
    ]
