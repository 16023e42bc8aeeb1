"""What is to come, for inside the company: revenue with its band, the target, who may fade."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from kpi_lib.models.churn_reasons import REASONS_OF_PARTNERS
from kpi_lib.periods import Period
from kpi_lib.show.common import charts, period_words
from kpi_lib.show.common.language import N_, _, several
from kpi_lib.show.common.listing import FIGURE, LONG, Column, listing
from kpi_lib.show.common.numbers import (
    format_count,
    format_precise,
    format_range,
    format_short,
    format_together,
    format_value,
)
from kpi_lib.show.common.pictures import pictured
from kpi_lib.show.common.slice import KpiSlice, Slice
from kpi_lib.show.common.templating import render
from kpi_lib.show.models import outlook_chart as drawn
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.slices.outlook_types import Expected, Fading, Outlook, YearTarget
from kpi_lib.slices.portfolio_types import PartnerOutlook, PortfolioOutlook

LISTED = 10  # partners on a portfolio page
WAYS = {
    "model": N_("the mean of a smoothed level and the same time last year"),
    "rule": N_("the same time last year"),
}


def of_partner(card: Slice) -> Markup:
    """Return what is expected of one partner: its revenue, its target, whether it may fade."""
    outlook = card.insights.outlook
    if outlook is None or outlook.why:
        return _why_no_outlook(outlook)
    notes = [
        *_target_sentence(outlook.target, card),
        *_fading_sentence(outlook.fading),
        *_tested(outlook),
    ]
    return _drawn(outlook, card, notes)


def of_portfolio(card: PortfolioPage) -> Markup:
    """Return what is expected of all partners, and of which of them the most is at stake."""
    found = card.content.outlook
    if found is None:
        return _why_no_outlook(None)
    whole, html = found.whole, Markup()
    if whole:
        notes = [*_target_sentence(whole.target, card), *_tested(whole)]
        html = _no_outlook_of_all(whole) if whole.why else _drawn(whole, card, notes)
    is_known = any(row.fading_chance is not None for row in found.partners)
    title = _("Where the most is at stake") if is_known else _("What is expected of each partner")
    return html + render("breakdown.html", title=title, table=_partner_table(found, card))


def _partner_table(found: PortfolioOutlook, card: PortfolioPage) -> Markup:
    """Return the table of partners' expected sales, one row per partner."""
    columns = (
        *(Column(_("Partner")), Column(_("Expected next"), FIGURE), Column(_("80% band"), FIGURE)),
        *(Column(_("Target of the year"), FIGURE), Column(_("May fade"), FIGURE)),
        Column(_("Why"), LONG),
    )
    rows = [
        (
            card.linked(row.partner_id, row.partner),
            _money(row.value, card),
            _band(row, "80", card),
            _chance(row.target_chance),
            _chance(row.fading_chance),
            "; ".join(_(REASONS_OF_PARTNERS[reason]) for reason in row.reasons),
        )
        for row in found.partners[:LISTED]
    ]
    more = len(found.partners) - len(rows)
    notes = []
    if more > 0:
        count = format_count(more)
        notes.append(several("{count} further one.", "{count} further ones.", more, count=count))
    return listing(
        columns, rows, _("No partner has sold for a year."), [*notes, *_fading_notes(found)]
    )


def _fading_notes(found: PortfolioOutlook) -> list[str]:
    """Return the sentences on what fading means, and how it is predicted."""
    fading = found.fading
    if fading.why:
        return [_("Who may fade is not shown: {why}.", why=_(fading.why))]
    meant = _(
        "A partner fades that sells less than half of its own season a year ago; the most at stake "
        "stands first."
    )
    if fading.way == "logistic":
        test = next(t for t in fading.tests if t.way == "logistic")
        held = _(
            "The logistic model was closer to what happened in the last period than the rule of "
            "thumb (Brier score {score}).",
            score=format_precise(test.brier),
        )
    else:
        held = _(
            "No model was found to beat the rule of thumb, so the rule is used: who is below half "
            "now, and how often such partners stayed there."
        )
    return [meant, held]


def _drawn(outlook: Outlook, card: KpiSlice, notes: Sequence[str]) -> Markup:
    """Return the chart under its message, with the figures of the periods to come beside it."""
    first = outlook.ahead[0]
    figures = [first.value, first.low80, first.high80]
    value, low, high = format_together(figures, "money", card.currency, short=True)
    title = _(
        "{value} is expected in {period}, most likely between {low} and {high}",
        value=value,
        period=_name(first.period, card),
        low=low,
        high=high,
    )
    return pictured(title, _chart(outlook, card), _ahead(outlook, card, notes))


def _chart(outlook: Outlook, card: KpiSlice) -> Markup:
    """Return what was sold and what is expected as a picture, with a text in its place."""
    periods = [row.period for row in outlook.course] + [row.period for row in outlook.ahead]
    names = [_name(period, card, short=True) for period in periods]
    axes = drawn.ahead(outlook.course, outlook.ahead, names, card.currency)
    alt = _(
        "Bar chart of joint revenue up to {last}, and a line with its bands of 80% and 95% for the "
        "{count} periods after it: {forecasts}.",
        last=_name(outlook.course[-1].period, card),
        count=format_count(len(outlook.ahead)),
        forecasts="; ".join(
            f"{_name(row.period, card)} {_money(row.value, card)}" for row in outlook.ahead
        ),
    )
    return charts.picture(axes, alt)


def _ahead(outlook: Outlook, card: KpiSlice, notes: Sequence[str]) -> Markup:
    """Return the periods to come as a table: what is expected, and its bands."""
    columns = (
        *(Column(_("Period")), Column(_("Expected"), FIGURE)),
        *(Column(_("80% band"), FIGURE), Column(_("95% band"), FIGURE)),
    )
    rows = [
        (
            _name(row.period, card),
            _money(row.value, card),
            *(_band(row, band, card) for band in ("80", "95")),
        )
        for row in outlook.ahead
    ]
    return listing(columns, rows, notes=notes)


def _target_sentence(target: YearTarget | None, card: KpiSlice) -> list[str]:
    """Return the sentence on the year's target, as a list; empty without a target."""
    if target is None:
        return []
    return [
        _(
            "{target} are agreed for {year}; {so_far} are reached. The probability to reach the "
            "rest is {chance}.",
            target=_money(target.target, card),
            year=target.year,
            so_far=_money(target.so_far, card),
            chance=_chance(target.chance),
        )
    ]


def _fading_sentence(fading: Fading | None) -> list[str]:
    """Return the sentence on the risk of fading, as a list; empty where it is not known."""
    if fading is None:
        return []
    why = "; ".join(_(REASONS_OF_PARTNERS[reason]) for reason in fading.reasons)
    said = _(
        "The probability to sell less than half of its own season in the next period is {chance}",
        chance=_chance(fading.chance),
    )
    return [f"{said}: {why}." if why else f"{said}."]


def _tested(outlook: Outlook) -> list[str]:
    """Return by which way it is forecast, how that did at earlier cuts, and what the bands held."""
    way = _(WAYS[outlook.way])
    if outlook.way == "rule":
        first = _(
            "The model loses to the rule of thumb at earlier cuts, so the rule is used: {way}.",
            way=way,
        )
    else:
        first = _(
            "Made by {way}; at earlier cuts its error was {mase} of that of the same time last "
            "year alone.",
            way=way,
            mase=_share(outlook.mase),
        )
    held = outlook.covered
    if held.get("80") is None or held.get("95") is None:
        return [first]
    bands = _(
        "Of the {count} forecasts of then, {narrow} came within the 80% band and {wide} within the "
        "95% band.",
        count=format_count(outlook.tested),
        narrow=_share(held["80"]),
        wide=_share(held["95"]),
    )
    return [first, bands]


def _why_no_outlook(outlook: Outlook | None) -> Markup:
    """Return the text that stands where there is no outlook."""
    if not outlook:
        return render("empty.html", text=_("The outlook comes with a run: kpi run."))
    return render("empty.html", text=_("There is no outlook: {why}.", why=_(outlook.why)))


def _no_outlook_of_all(whole: Outlook) -> Markup:
    """Return why there is no outlook of all partners together; of each of them there may be one."""
    said = _("There is no outlook of all partners together: {why}.", why=_(whole.why))
    return render("empty.html", text=said)


def _name(period: str, card: KpiSlice, *, short: bool = False) -> str:
    return period_words.period_name(Period.parse(period, card.period.year_end), short=short)


def _money(amount: float, card: KpiSlice) -> str:
    """Return an amount in a few digits: the others would be made up."""
    return format_short(amount, "money", card.currency)


def _band(row: Expected | PartnerOutlook, band: str, card: KpiSlice) -> str:
    ends = getattr(row, f"low{band}"), getattr(row, f"high{band}")
    return format_range(*ends, "money", card.currency, short=True)


def _share(part: float | None) -> str:
    return "" if part is None else format_value(part, "ratio", "")


def _chance(part: float | None) -> str:
    """Return a probability in whole percent, never as certainty."""
    if part is None:
        return ""
    mark = "<\N{NO-BREAK SPACE}" if part < 0.01 else ">\N{NO-BREAK SPACE}" if part > 0.99 else ""
    return mark + format_short(min(max(part, 0.01), 0.99), "ratio", "")
