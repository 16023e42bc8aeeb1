"""The parts of a portfolio page that lead it: verdict, tiles, exceptions, movers, the partners."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from kpi_lib.show.common import charts, data_notes, period_words, wording
from kpi_lib.show.common.language import _, several
from kpi_lib.show.common.listing import FIGURE, LONG, Column, listing, mark
from kpi_lib.show.common.numbers import format_count, format_day, format_value
from kpi_lib.show.common.pictures import pictured
from kpi_lib.show.common.templating import render
from kpi_lib.show.portfolio import portfolio_charts as drawn
from kpi_lib.show.portfolio import portfolio_words as words
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard import verdict as moods
from kpi_lib.slices.portfolio_types import Exceptions, Mover, PortfolioPartner, TopShare

MOST_OF_EACH = 15  # of each kind that are listed
FOLDED = 40  # partners: beyond it the whole table opens when it is asked for
STATUS_OF = {"talk": "off_track", "invest": "on_track", "keep": "no_data"}


def heading(card: PortfolioPage) -> Markup:
    """Return the head of the page."""
    facts = [(_("Partners"), words.everybody(card))]
    kicker = _(words.KICKERS[card.content.scope])
    return parts.head(card, kicker, words.title(card), facts, _("Internal: it names partners"))


def verdict(card: PortfolioPage) -> Markup:
    """Return how the partnerships did, what is most at stake, who moved most."""
    unfinished = data_notes.unfinished(card)
    return render(
        "verdict.html",
        mood=moods.mood(card) if card.partners else None,
        sentence=words.verdict(card),
        unfinished=unfinished,
        in_short=words.in_short(card),
    )


def exceptions(card: PortfolioPage) -> Markup:
    """Return the measures that are off track, the most money at stake first."""
    found = card.content.exceptions
    columns = (
        *(Column(_("Partner")), Column(_("Measure")), Column(_("Value"), FIGURE)),
        *(Column(_("Target"), FIGURE), Column(_("Off by"), FIGURE)),
        *(Column(_("Off track since")), Column(_("At stake"), FIGURE)),
    )
    rows = [
        (
            card.linked(row.partner_id, row.partner),
            _(row.name),
            *words.value_and_target(row, card),
            words.off_by(row, card),
            words.since(row, card),
            words.money(row.stake, card),
        )
        for row in found.rows
    ]
    return listing(columns, rows, _why_no_exceptions(card), _exception_notes(found) if rows else ())


def _why_no_exceptions(card: PortfolioPage) -> str:
    """Return the sentence that stands where no measure is off track."""
    if any(partner.figures.judged for partner in card.partners):
        return _("No measure of a partner is off track.")
    return _(
        "No measure of a partner is known to be off track: hardly any could be held against a "
        "target."
    )


def _exception_notes(found: Exceptions) -> list[str]:
    """Return the sentences below the exceptions: what is listed, and how many are not."""
    notes = [_("Of each partner and family of measures the one that weighs most is listed.")]
    if any(row.stake is not None for row in found.rows):
        notes[0] += " " + _(
            "At stake is what the gap comes to in the period, by the playbook's reckoning, and "
            "never more than the money that it speaks of has fallen short; what two measures of "
            "a partner speak of is counted once."
        )
    more = found.count - len(found.rows)
    if more:
        notes.append(
            several(
                "{count} further exception is not listed; {partners} concerned in all.",
                "{count} further exceptions are not listed; {partners} concerned in all.",
                more,
                count=format_count(more),
                partners=words.partners(found.partners),
            )
        )
    return notes


def movers(card: PortfolioPage) -> Markup:
    """Return the largest gains and losses of revenue on the year ago."""
    found = card.content.movers
    rows = [*found.gains, *reversed(found.losses)]
    if not rows:
        return render("empty.html", text=_("No partner has revenue now and a year ago to compare."))
    frame = pd.DataFrame(
        {
            "name": [row.name for row in rows],
            "moved": [row.moved for row in rows],
            "said": [words.money(row.moved, card, signed=True) for row in rows],
        }
    )
    picture = charts.picture(drawn.moves(frame, card.currency), _movers_alt(frame))
    return pictured(words.movers_title(card), picture, _movers_table(rows, card))


def _movers_alt(frame: pd.DataFrame) -> str:
    """Return the alternative text of the chart of movers."""
    moves = "; ".join(
        f"{name} {said}" for name, said in zip(frame["name"], frame["said"], strict=True)
    )
    return _("Bar chart of revenue gained and lost on the year: {moves}.", moves=moves)


def _movers_table(rows: Sequence[Mover], card: PortfolioPage) -> Markup:
    """Return the table behind the chart of movers, one row per partner."""
    columns = (
        *(Column(_("Partner")), Column(period_words.period_name(card.period), FIGURE)),
        *(Column(wording.year_ago_name(card), FIGURE), Column(_("Change"), FIGURE)),
        Column(_("In per cent"), FIGURE),
    )
    return listing(
        columns,
        [
            (
                card.linked(row.partner_id, row.name),
                words.money(row.revenue, card),
                words.money(row.revenue_year_ago, card),
                words.money(row.moved, card, signed=True),
                words.in_per_cent(row.revenue, row.revenue_year_ago, card),
            )
            for row in rows
        ],
    )


def concentration(card: PortfolioPage) -> Markup:
    """Return how much of the revenue the largest partners bring."""
    found = card.content.concentration
    if found is None:
        return render("empty.html", text=_("There is no revenue of partners to share out."))
    top, count = found.top, len(found.curve)
    frame = pd.DataFrame({"partners": range(1, count + 1), "share": found.curve})
    marks = [(row.partners, words.share(row.now)) for row in top]
    label = _("Partners, the largest first")
    picture = charts.picture(drawn.cumulated(frame, marks, label), _concentration_alt(top))
    columns = (
        Column(_("The largest")),
        Column(period_words.period_name(card.period, short=True), FIGURE),
        Column(wording.year_ago_name(card, short=True), FIGURE),
    )
    rows = [
        (words.partners(row.partners), words.share(row.now), words.share(row.then)) for row in top
    ]
    rows.append((_("Index of concentration"), _index(found.index), _index(found.index_year_ago)))
    note = _(
        "Shares of the partners' revenue. The index is Herfindahl and Hirschman's: the sum of the "
        "squared shares, {even} were all {count} alike, {one} with one partner alone. The dashed "
        "line is where all would be alike.",
        even=_index(1 / count),
        one=_index(1.0),
        count=format_count(count),
    )
    beside = listing(columns, rows, notes=[note], is_compact=True)
    return pictured(words.concentration_title(top), picture, beside, is_narrow=True)


def _concentration_alt(top: Sequence[TopShare]) -> str:
    shares = "; ".join(f"{words.partners(row.partners)}: {words.share(row.now)}" for row in top)
    return _("Line chart of the share of revenue of the largest partners: {shares}.", shares=shares)


def _index(value: float | None) -> str:
    return "" if value is None else format_value(value, "number", "")


def health(card: PortfolioPage) -> Markup:
    """Return health against revenue, and who needs a talk or earns more investment."""
    scored = [
        p
        for p in card.partners
        if p.figures.health_score is not None and p.figures.revenue is not None
    ]
    table = _talks_and_investments(card)
    if not scored:
        text = _("No partner has a health score: it takes targets in three families of measures.")
        return render("empty.html", text=text) + table
    frame = pd.DataFrame(
        {
            "name": [partner.name for partner in scored],
            "revenue": [partner.figures.revenue for partner in scored],
            "health": [partner.figures.health_score for partner in scored],
            "stance": [partner.stance for partner in scored],
        }
    )
    rules = card.content.rules
    bounds = (rules.talk_score, rules.invest_score)
    labels = (_("Joint revenue"), _("Partner health"))
    axes = drawn.health_and_revenue(frame, bounds, labels, card.currency)
    return pictured(words.health_title(card), charts.picture(axes, _health_alt(card)), table)


def _health_alt(card: PortfolioPage) -> str:
    """Return the alternative text of the chart of health against revenue."""
    counts = [
        _("{count} need a talk", count=format_count(len(card.with_stance("talk")))),
        _("{count} earn more investment", count=format_count(len(card.with_stance("invest")))),
        _("{count} go on as they are", count=format_count(len(card.with_stance("keep")))),
    ]
    return _(
        "Scatter chart of partner health against revenue, a point a partner: {counts}. Squares "
        "need a talk, dark dots earn more investment.",
        counts="; ".join(counts),
    )


def _talks_and_investments(card: PortfolioPage) -> Markup:
    """Return those that need a talk, then those that earn more, the largest revenue first."""
    talk, invest = card.with_stance("talk"), card.with_stance("invest")
    shown = [*talk[:MOST_OF_EACH], *invest[:MOST_OF_EACH]]
    columns = (
        *(Column(_("Partner")), Column(_("What it calls for"), LONG)),
        *(Column(_("Joint revenue"), FIGURE), Column(_("On the year"), FIGURE)),
        *(Column(_("Health"), FIGURE), Column(_("A year ago"), FIGURE)),
        Column(_("Off track")),
    )
    rows = [
        (
            card.linked(partner.partner_id, partner.name),
            mark(STATUS_OF[partner.stance], words.stance(partner)),
            words.money(partner.figures.revenue, card),
            words.signed(partner.figures.revenue, partner.figures.revenue_year_ago, card),
            words.score(partner.figures.health_score),
            words.score(partner.figures.health_score_year_ago),
            words.off_track(partner),
        )
        for partner in shown
    ]
    empty = _("No partner needs a talk or earns more investment by these rules.")
    return listing(columns, rows, empty, _stance_notes(card, len(talk) + len(invest) - len(shown)))


def _stance_notes(card: PortfolioPage, more: int) -> list[str]:
    """Return the sentences on the rules for talks and investment, and how many are not listed."""
    notes = [words.rules(card)]
    if more > 0:
        notes.append(_("{count} further ones: see all partners.", count=format_count(more)))
    return notes


def everybody(card: PortfolioPage) -> Markup:
    """Return every partner of the page, one row each; of who has left no more than that."""
    business = card.business.name if card.business else ""
    columns = (
        *(Column(_("Partner")), Column(_("Type")), Column(_("Region"))),
        *(Column(business, FIGURE), Column(_("On the year"), FIGURE)),
        *(Column(_("Margin"), FIGURE), Column(_("OTIF"), FIGURE), Column(_("Health"), FIGURE)),
        Column(_("Off track"), FIGURE),
    )
    rows = [
        (
            _who(p, card),
            _(wording.plain(p.partner_type or "")),
            p.region or "",
            words.business(p, card),
            words.moved(p, card),
            words.share(p.figures.gross_margin),
            words.share(p.figures.otif_rate),
            "" if p.has_left else words.score(p.figures.health_score),
            format_count(p.figures.off_track) if p.figures.off_track and not p.has_left else "",
        )
        for p in card.partners
    ]
    summary = _("Show all {partners}", partners=words.partners(len(rows)))
    inside = listing(columns, rows, _("There are no partners in this period yet."))
    return render("folded.html", folded=len(rows) > FOLDED, summary=summary, inside=inside)


def _who(partner: PortfolioPartner, card: PortfolioPage) -> Markup:
    """Return a partner's name, and when it left where it has."""
    name = card.linked(partner.partner_id, partner.name)
    if not partner.has_left or partner.left_on is None:
        return name
    day = format_day(partner.left_on)
    return name + Markup(' <span class="muted">({})</span>').format(_("left on {day}", day=day))
