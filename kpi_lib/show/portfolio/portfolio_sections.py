"""The further parts of a portfolio page: direct business, sales, finance, attribution, actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
from markupsafe import Markup

from kpi_lib.show.common import advice, charts, data_notes, period_words, wording
from kpi_lib.show.common.language import _, mid_sentence, several
from kpi_lib.show.common.listing import FIGURE, LONG, Column, listing, mark
from kpi_lib.show.common.numbers import format_count, format_day, format_range, format_value
from kpi_lib.show.common.pictures import pictured
from kpi_lib.show.common.slice import HELD, Measure
from kpi_lib.show.common.templating import render
from kpi_lib.show.portfolio import portfolio_charts as drawn
from kpi_lib.show.portfolio import portfolio_words as words
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.show.scorecard import internal_sections
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.slices.insight_types import Owner
from kpi_lib.slices.portfolio_types import (
    Attribution,
    Credited,
    Figure,
    OwnerActions,
    PartnerAction,
    RestatedCount,
    RollUp,
    Whole,
)

COURSES = {  # whose course a section draws: the first that has one
    "sales": ("leads", "deals_won", "new_customers", "active_customers"),
    "finance": ("margin_roi", "gross_margin", "receivables"),
}
MOST_NAMES = 12  # of failed reports; the index has all


def direct(card: PortfolioPage) -> Markup:
    """Return the partners' business against direct business; nothing on a part's page."""
    if not card.is_whole:
        return Markup()
    measures = [card.measures[k] for k in ("revenue", "orders") if k in card.measures]
    measures = list(dict.fromkeys([*measures, *card.section("direct")]))
    columns = (
        *(Column(_("Measure")), Column(_("Partners"), FIGURE), Column(_("Direct"), FIGURE)),
        Column(_("Company"), FIGURE),
    )
    rows = [
        (wording.named(m), wording.value_of(m, card), *_beside(m, card))
        for m in measures
        if m.value is not None and card.beside("direct", m.kpi).value is not None
    ]
    nothing = _("There are no figures of partners and of direct business to set side by side.")
    table = listing(columns, rows, nothing)
    return (_direct_chart(card) if rows else Markup()) + table


def _beside(measure: Measure, card: PortfolioPage) -> tuple[str, str]:
    """Return direct business's and the company's value of a measure."""
    values = (card.beside(scope, measure.kpi).value for scope in ("direct", "company"))
    one, other = ("" if v is None else wording.said(measure, v, card) for v in values)
    return one, other


def _direct_chart(card: PortfolioPage) -> Markup:
    """Return revenue of partners and of direct business by period, as a chart and its table."""
    revenue = card.measures.get("revenue")
    whole = card.content.beside.get("direct", Whole())
    theirs = {point.period: point.value for point in whole.revenue}
    if revenue is None or not revenue.has_course:
        return Markup()
    points = revenue.history
    frame = pd.DataFrame(
        {
            "period": [wording.point_name(point, card, short=True) for point in points],
            "partners": [point.value for point in points],
            "direct": [theirs.get(point.period) for point in points],
            "is_whole": [point.covered_from is None for point in points],
        }
    ).astype({"partners": float, "direct": float})
    names = (_("Partners"), _("Direct"))
    said = frame[["partners", "direct"]].map(
        lambda value: "" if pd.isna(value) else words.money(value, card)
    )
    alt = _direct_alt(names, frame["period"], said)
    picture = charts.picture(drawn.revenue_of(frame, names, card.currency), alt)
    columns = (Column(_("Period")), Column(names[0], FIGURE), Column(names[1], FIGURE))
    periods = [wording.point_marked(point, card) for point in points]
    rows = list(zip(periods, said["partners"], said["direct"], strict=True))
    table = listing(columns, rows, is_compact=True)
    return pictured(words.direct_title(card), picture, table, is_narrow=True)


def _direct_alt(names: tuple[str, str], periods: pd.Series, said: pd.DataFrame) -> str:
    """Return what the bars show: the first and the last value of both."""
    amounts = "; ".join(
        f"{name} {periods[row]} {said[of][row] or _('no figure')}"
        for name, of in zip(names, ("partners", "direct"), strict=True)
        for row in (periods.index[0], periods.index[-1])
    )
    return _("Bar chart of revenue by period: {amounts}.", amounts=amounts)


def sales(card: PortfolioPage) -> Markup:
    """Return sales and marketing: leads, deals, customers, markets."""
    return _section("sales", card, _("There are no figures on sales and marketing in this period."))


def finance(card: PortfolioPage) -> Markup:
    """Return finance: revenue, return, savings, and what is open by how late it is."""
    table = _section("finance", card, _("There are no financial figures in this period."))
    if internal_sections.OPEN not in card.measures:  # no measure of a period as short as this
        return table
    title = _("Receivables by age")
    return table + render("breakdown.html", title=title, table=internal_sections.ageing(card))


def _section(name: str, card: PortfolioPage, empty: str) -> Markup:
    """Return the course of one measure, and all measures of a section with their comparisons."""
    measures = [m for m in card.section(name) if m.value is not None]
    if not measures:
        return render("empty.html", text=empty)
    leading = [card.measures[kpi] for kpi in COURSES[name] if kpi in card.measures]
    course = next((m for m in leading if m.has_course and m.value is not None), None)
    columns = (
        *(Column(_("Measure")), Column(period_words.period_name(card.period), FIGURE)),
        *(Column(wording.year_ago_name(card), FIGURE), Column(_("Change"), FIGURE)),
        *(Column(_("Target"), FIGURE), Column(_("Status")), Column(_("Direct"), FIGURE)),
    )
    rows = [_measure_row(measure, card) for measure in measures]
    drawn_course = parts.trend(course, card) if course else Markup()
    return drawn_course + listing(columns, rows)


def _measure_row(measure: Measure, card: PortfolioPage) -> tuple[str, ...]:
    """Return the cells of a measure: value, a year ago, change, target, status, direct business."""
    year_ago, target = measure.number("year_ago"), measure.number("target")
    change = wording.change_of(measure, "year_ago", card)
    has_light = measure.status in HELD
    return (
        wording.named(measure),
        wording.value_of(measure, card),
        "" if year_ago is None else wording.said(measure, year_ago, card),
        change.signed if change else "",
        "" if target is None else wording.said(measure, target, card),
        mark(measure.status, _(wording.STATUS[measure.status])) if has_light else "",
        _beside(measure, card)[0],
    )


def attribution(card: PortfolioPage) -> Markup:
    """Return what each model of attribution credits to whom."""
    found = card.content.attribution
    rows = found.rows
    if not rows:
        text = _("No won deal of this period has touchpoints or a partner to credit.")
        return render("empty.html", text=text)
    models = [(model, _(words.MODELS[model])) for model in found.models]
    models = [(model, name) for model, name in models if any(model in r.credit for r in rows)]
    columns = [Column(_("Credited")), *(Column(name, FIGURE) for _model, name in models)]
    columns.append(Column(_("Apart"), FIGURE))
    lines = [_attribution_row(row, [model for model, _name in models], card) for row in rows]
    table = listing(columns, lines, notes=_attribution_notes(found))
    theirs = [row for row in rows if row.partner_id]
    return _attribution_chart(theirs, models, table, card) if theirs else table


def _attribution_chart(
    rows: Sequence[Credited],
    models: Sequence[tuple[str, str]],
    table: Markup,
    card: PortfolioPage,
) -> Markup:
    """Return the chart of the partners; direct business, many times as large, is in the table."""
    frame = pd.DataFrame(
        {"name": [row.name for row in rows]}
        | {model: [row.credit.get(model) for row in rows] for model, _name in models}
    )
    ranges = "; ".join(
        f"{row.name} {format_range(*_ends(row), 'money', card.currency)}" for row in rows
    )
    alt = _("Range chart of credited revenue, least to most by model: {ranges}.", ranges=ranges)
    picture = charts.picture(drawn.credits_of(frame, models, card.currency), alt)
    return pictured(words.attribution_title(card), picture, table)


def _ends(row: Credited) -> tuple[float, float]:
    """Return the least and the most that a model credits."""
    credit = row.credit.values()
    return min(credit), max(credit)


def _attribution_row(row: Credited, models: Sequence[str], card: PortfolioPage) -> tuple[str, ...]:
    """Return the cells of a partner: what each model credits it with, and their range."""
    name = words.credited(row)
    who = card.linked(row.partner_id, name) if row.partner_id else name
    credit = (words.money(row.credit.get(model), card) for model in models)
    return (who, *credit, words.money(row.apart, card))


def _attribution_notes(found: Attribution) -> list[str]:
    """Return the sentences below the table of attribution."""
    notes = [
        _(
            "Every model shares out the same won deals; only who is credited differs. "
            "Those about whom the models disagree most come first."
        )
    ]
    more = found.further
    if more:
        notes.append(
            several(
                "{count} further one is closer together.",
                "{count} further ones are closer together.",
                more,
                count=format_count(more),
            )
        )
    return notes


def breakdown(card: PortfolioPage) -> Markup:
    """Return the roll-ups by type and by region; nothing on a part's page."""
    titles = {"partner_type": _("By type"), "region": _("By region")}
    html = Markup()
    for scope, rows in card.content.by.items():
        if rows:
            table = _roll_up_table(scope, rows, card)
            html += render("breakdown.html", title=titles[scope], table=table)
    if card.is_whole and not html:
        return render("empty.html", text=_("The partners have no type and no region."))
    return html


def _roll_up_table(scope: str, rows: Sequence[RollUp], card: PortfolioPage) -> Markup:
    """Return the roll-ups of one scope; the change on the year is that of the first measure."""
    units = card.content.units
    kpis = [kpi for kpi in card.content.breakdown if kpi in units]
    first = Column(_("Type") if scope == "partner_type" else _("Region"))
    labels = [_(units[kpi].name) for kpi in kpis]
    labels[1:1] = [_("On the year")] if kpis else []
    lines = []
    for row in rows:
        figures = [(row.kpis.get(kpi, Figure()), units[kpi].unit) for kpi in kpis]
        texts = [_figure(figure.value, unit, card) for figure, unit in figures]
        moved = [words.signed(f.value, f.year_ago, card, u) for f, u in figures[:1]]
        texts[1:1] = moved
        name = _(wording.plain(row.entity)) if scope == "partner_type" else row.entity
        lines.append((name, *texts))
    if not any(text for line in lines for text in line[1:]):
        return render(
            "empty.html", text=_("There are no figures of these partners in this period.")
        )
    return listing([first, *(Column(label, FIGURE) for label in labels)], lines)


def actions(card: PortfolioPage) -> Markup:
    """Return what the playbook asks of whom, and the actions with the most at stake."""
    found = card.content.actions
    if not found.count:
        return render("empty.html", text=_("The playbook asks for nothing in this period."))
    owners = [
        (
            _owner_text(row, card),
            format_count(row.count),
            format_count(row.partners),
            _day(row.due),
        )
        for row in found.owners
    ]
    columns = (
        *(Column(_("Who")), Column(_("Actions"), FIGURE), Column(_("Partners"), FIGURE)),
        Column(_("First due")),
    )
    first = listing(
        (
            *(Column(_("Partner")), Column(_("Action"), LONG), Column(_("Who"))),
            *(Column(_("By")), Column(_("At stake"), FIGURE)),
        ),
        [_action_row(row, card) for row in found.first],
    )
    is_ranked = any(row.stake is not None for row in found.first)
    title = _("Those with the most at stake") if is_ranked else _("Those that are due first")
    most = render("breakdown.html", title=title, table=first)
    return listing(columns, owners, notes=_further_owners(found.further_owners)) + most


def _further_owners(more: int) -> list[str]:
    """Return the sentence on owners that are not listed, as a list; empty where all are."""
    if not more:
        return []
    return [
        several(
            "{count} further one has fewer actions.",
            "{count} further ones have fewer actions.",
            more,
            count=format_count(more),
        )
    ]


def _action_row(row: PartnerAction, card: PortfolioPage) -> tuple[str, ...]:
    """Return the cells of an action: partner, what, owner, day due, money at stake."""
    text = advice.in_words(row.action, card)
    return (
        card.linked(row.partner_id, row.partner),
        text.format(partner=row.partner, name=_(row.name)),
        _owner_text(row.owner, card),
        _day(row.due),
        words.money(row.stake, card),
    )


def _day(day: date) -> str:
    return format_day(day)


def _owner_text(row: Owner | OwnerActions, card: PortfolioPage) -> str:
    """Return an owner in words: the name with the role, or the role."""
    role = advice.in_words(row.words, card)
    name = row.name
    return f"{name} ({mid_sentence(role)})" if name else role


def disputes(card: PortfolioPage) -> Markup:
    """Return the figures that partners report otherwise, and how many published ones changed."""
    found, restated = card.content.disputes, card.content.restated
    columns = (
        *(Column(_("Partner")), Column(_("Measure")), Column(_("We count"), FIGURE)),
        *(Column(_("Reported"), FIGURE), Column(_("Who clears it up"))),
    )
    rows = [
        (
            card.linked(row.partner_id, row.partner),
            _(row.name),
            _figure(row.ours, row.unit, card),
            _figure(row.reported, row.unit, card),
            row.owner or "",
        )
        for row in found.rows
    ]
    more = found.count - len(rows)
    notes = [_("{count} further ones are in dispute.", count=format_count(more))] if more else []
    notes += _restated_sentence(restated)
    return listing(columns, rows, _("No figure of this period is in dispute."), notes)


def _restated_sentence(restated: RestatedCount) -> list[str]:
    """Return the sentence on restated figures, as a list; empty where there are none."""
    if not restated.figures:
        return []
    return [
        several(
            "{count} figure published of an earlier period has changed since ({partners}).",
            "{count} figures published of earlier periods have changed since ({partners}).",
            restated.figures,
            count=format_count(restated.figures),
            partners=words.partners(restated.partners),
        )
    ]


def _figure(value: float | None, unit: str, card: PortfolioPage) -> str:
    return "" if value is None else format_value(value, unit, card.currency)


def notes(card: PortfolioPage) -> Markup:
    """Return which measures have no value and why, and what the reader must know of the data."""
    about = [*data_notes.about_run(card), *_failed_sentence(card), *data_notes.without_value(card)]
    return render("notes.html", notes=about)


def _failed_sentence(card: PortfolioPage) -> list[str]:
    """Return the sentence on reports that failed, as a list; empty where none did."""
    names = card.without_report
    if not names:
        return []
    more = len(names) - MOST_NAMES
    rest = [_("{count} more", count=format_count(more))] if more > 0 else []
    sentence = several(
        "The reports of {count} partner failed and were not published: {names}.",
        "The reports of {count} partners failed and were not published: {names}.",
        len(names),
        count=format_count(len(names)),
        names=", ".join([*names[:MOST_NAMES], *rest]),
    )
    return [f"{sentence} {_('The index of the run says why.')}"]


def definitions(card: PortfolioPage) -> Markup:
    """Return what every measure of the page means."""
    return parts.every_definition(card) if card.measures else Markup()
