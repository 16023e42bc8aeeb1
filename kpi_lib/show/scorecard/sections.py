"""The other parts of a page: heading, verdict, trends, data notes, definitions, how it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from kpi_lib.show.common import advice, charts, data_notes, membership, period_words, wording
from kpi_lib.show.common.edition_words import words_of
from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_count, format_day
from kpi_lib.show.common.slice import KpiSlice, Measure, PageSlice, Slice
from kpi_lib.show.common.templating import render
from kpi_lib.show.scorecard import mutual_service, tables, tiles
from kpi_lib.show.scorecard import verdict as lead

TRENDS = {"week": 2, "month": 2, "year": 6}  # of a year's page the long lines are the matter
FEW_TRENDS = 3
LEAST_PERIODS = {
    "month": N_("This is shown for a month or longer."),
    "quarter": N_("This is shown for a quarter or longer."),
}


def heading(card: Slice) -> Markup:
    """Return the head of the page: for whom, which period, on which data."""
    labels = {"partner_type": _("Type"), "tier": _("Tier"), "region": _("Region")}
    texts = {column: wording.plain(getattr(card.partner, column) or "") for column in labels}
    texts["partner_type"] = _(
        texts["partner_type"]
    )  # tiers and regions are the company's own words
    facts = [(label, texts[column]) for column, label in labels.items() if texts[column]]
    if card.is_internal and card.partner.manager:
        facts.append((_("Account manager"), card.partner.manager))
    mark = _(wording.INTERNAL_MARK) if card.is_internal else None
    facts = [*membership.facts(card), *facts]
    return head(card, _(words_of(card.edition).title), card.name, facts, mark)


def head(
    card: PageSlice,
    kicker: str,
    title: str,
    facts: Sequence[tuple[str, str]] = (),
    mark: str | None = None,
) -> Markup:
    """Return the head of any page: its title, its period, its data, and further facts."""
    of_run = [(_("Period"), period_words.span(card.period.start, card.period.end))]
    if card.to_date:
        of_run.append((_("Figures as of"), format_day(card.as_of)))
    first, last = card.data.first_day, card.data.last_day
    if first and last:
        of_run.append((_("Data cover"), period_words.span(first, last)))
    return render(
        "heading.html",
        kicker=kicker,
        title=title,
        period=period_words.period_title(card),
        mark=mark,
        facts=[*of_run, *facts],
        company=card.company,
    )


def verdict(card: Slice) -> Markup:
    """Return how the period went: a word, a sentence, and what is worst, best and next."""
    unfinished = data_notes.unfinished(card)
    return render(
        "verdict.html",
        mood=lead.mood(card),
        sentence=lead.sentence(card),
        unfinished=unfinished,
        in_short=lead.in_short(card),
    )


def trend(measure: Measure, card: KpiSlice) -> Markup:
    """Return a measure's course as a chart with its message, and the figures beside it."""
    if not measure.has_course:
        return render("empty.html", text=wording.too_short(measure, card))
    kind = _("Bar chart") if charts.is_bars(measure) else _("Line chart")
    return render(
        "trend.html",
        title=wording.trend_title(measure, card),
        name=measure.name,
        note=_(wording.LOWER_IS_BETTER) if measure.better == "lower" else None,
        picture=charts.picture(charts.trend(measure, card), wording.chart_alt(measure, card, kind)),
        rows=tables.history_rows(measure, card),
    )


def trends(card: Slice) -> Markup:
    """Return the courses of the measures that lead the page and have one to show."""
    measures = measures_with_charts(card)
    if not measures:
        why = _(membership.OVER) if card.stay.is_over else wording.no_course(card)
        return render("empty.html", text=why)
    return Markup("").join(trend(measure, card) for measure in measures)


def measures_with_charts(card: Slice) -> list[Measure]:
    """Return the measures whose courses a page draws, the one that leads it first."""
    if card.stay.is_over:  # how much business there was until it left, and nothing else
        return [m for m in (card.business,) if m is not None and m.has_course]
    candidates = dict.fromkeys((*card.profile, *card.measures.values()))
    # A growth is the course of another measure once more, and years only pass.
    measures = [m for m in candidates if not m.is_growth and m.unit != "years"]
    return _of_different_families([m for m in measures if m.has_course and m.value is not None])[
        : TRENDS.get(card.period.cadence, FEW_TRENDS)
    ]


def _of_different_families(measures: list[Measure]) -> list[Measure]:
    """Return the first measure of each family before the rest: two courses, two stories."""
    first = {measure.definition.family: measure for measure in reversed(measures)}
    leading = [measure for measure in measures if measure in first.values()]
    return leading + [measure for measure in measures if measure not in leading]


def definitions(card: Slice) -> Markup:
    """Return what every measure of the page means, and the figures that it is made of.

    A partner's page shows some of the measures it may; the internal one shows them all.
    """
    measures = card.measures.values() if card.is_internal else measures_shown(card)
    return _render_definitions([*_entries(measures, card), *_at_stake(card)])


def every_definition(card: KpiSlice) -> Markup:
    """Return what every measure that a page may know means, whether it shows it or not."""
    return _render_definitions(_entries(card.measures.values(), card))


def _render_definitions(entries: Sequence[dict[str, object]]) -> Markup:
    """Return the list of definitions, or the text that stands where there are none."""
    if not entries:
        return render("empty.html", text=_(wording.NO_KPIS))
    return render("definitions.html", entries=entries)


def _entries(measures: Iterable[Measure], card: KpiSlice) -> list[dict[str, object]]:
    return [_definition_entry(measure, card) for measure in measures if not measure.is_bare]


def _at_stake(card: Slice) -> list[dict[str, object]]:
    """Return what amounts at stake mean and how each was reckoned; nothing where there is none."""
    more = [
        advice.stake_reckoning(action, card.measures[action.kpi], card)
        for action in card.insights.actions
        if action.reckoning
    ]
    name, means = _(advice.AT_STAKE), _(advice.STAKE_MEANS)
    return [{"name": name, "definition": means, "more": more}] if more else []


def kpi(measure: Measure, card: Slice) -> Markup:
    """Return one measure on its own: its tile, and what it means."""
    return Markup("").join(
        (
            render("tiles.html", tiles=[tiles.tile(measure, card)], columns=3, no_targets=False),
            render("definitions.html", entries=[_definition_entry(measure, card)]),
        )
    )


def _definition_entry(measure: Measure, card: KpiSlice) -> dict[str, object]:
    """Return a measure's name and definition as the template reads them."""
    return {
        "name": measure.name,
        "definition": data_notes.sentence(wording.definition_of(measure)),
        "more": data_notes.made_of(measure, card),
    }


def measures_shown(card: Slice) -> list[Measure]:
    """Return the measures that a partner's page shows somewhere, in the catalogue's order."""
    insights = card.insights
    asked = {
        *(action.kpi for action in insights.actions),
        *(action.reckoning.of for action in insights.actions if action.reckoning),
        *(asked.kpi for asked in insights.follow_up),
        *(news.kpi for news in insights.went_well),
    }
    owed = (m for who in mutual_service.SIDES for m in mutual_service.measures_of_side(who, card))
    measures = [
        *tiles.leading_measures(card),
        *owed,
        *measures_with_charts(card),
        *tables.with_peers(card),
    ]
    led = {measure.kpi for measure in measures} | asked
    return [measure for measure in card.measures.values() if measure.kpi in led]


def notes(card: Slice) -> Markup:
    """Return what the reader must know of the data and of single figures."""
    of_figures = [*data_notes.disputes(card), *data_notes.restatements(card)]
    notes = [*of_figures, *data_notes.data_notes(card)]
    return render("notes.html", notes=notes, contact=data_notes.contact(card))


def least_period(least: str) -> Markup:
    """Return the words for a part whose measures no period shorter than `least` has.

    A page leaves such a part out with its heading; who runs the notebook sees why nothing is in it.
    """
    return render("empty.html", text=_(LEAST_PERIODS[least]))


def internal_only() -> Markup:
    """Return the words that stand where only the internal edition has something to show."""
    return render("empty.html", text=_("Only the internal edition shows this."))


def made(card: Slice, checks: list[str]) -> Markup:
    """Return how a partner's page was made."""
    edition = _(words_of(card.edition).name)
    whose = {_("Partner"): card.partner.partner_id, _("Edition"): edition}
    return how_made(card, whose, checks)


def how_made(card: PageSlice, whose: Mapping[str, str], checks: list[str]) -> Markup:
    """Return how any page was made: parameters, data, version, and what was checked.

    `whose`: what the page is of, by the word for it, such as its partner and edition.
    """
    run, made_by = card.content.run, card.content.made
    facts = {
        **whose,
        _("Period"): run.period,
        _("As of"): str(run.as_of),
        _("Data"): run.data.source,
        _("Fingerprint of the data"): run.data.fingerprint,
        _("Version"): made_by.version,
        _("Measures"): format_count(made_by.kpis) if made_by.kpis else None,
        _("Checked"): "; ".join(checks),
    }
    return render("made.html", facts=[(term, fact) for term, fact in facts.items() if fact])
