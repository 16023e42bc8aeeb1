"""The sentences of a portfolio page: verdict, chart titles, alternative texts, reasons."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_lib.show.common import period_words, wording
from kpi_lib.show.common.coverage_words import in_part
from kpi_lib.show.common.language import N_, _, several
from kpi_lib.show.common.numbers import (
    Change,
    change_between,
    format_count,
    format_distance,
    format_short,
    format_together,
    format_value,
)
from kpi_lib.show.common.slice import Measure
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.slices.portfolio_types import Credited, OffTrack, PortfolioPartner, TopShare

MOST_PERIODS = 8  # that a figure can be known to be off track
_NBSP = "\N{NO-BREAK SPACE}"
STANCES = {
    "talk": N_("Needs a talk"),
    "invest": N_("Earns more investment"),
    "keep": N_("Keep going"),
    "unknown": "",
}
WHY = {
    "score": N_("health is low"),
    "off_track": N_("revenue off track"),
    "fell": N_("revenue fell"),
    "growing": N_("healthy, revenue not falling"),
}
MODELS = {
    "first_touch_revenue": N_("First touch"),
    "last_touch_revenue": N_("Last touch"),
    "linear_revenue": N_("Linear"),
    "time_decay_revenue": N_("Time decay"),
    "position_based_revenue": N_("Position based"),
}
KICKERS = {
    "portfolio": N_("Portfolio"),
    "manager": N_("Portfolio of an account manager"),
    "branch": N_("Portfolio of a branch"),
}


def money(amount: float | None, card: PortfolioPage, *, signed: bool = False) -> str:
    """Return an amount in the reporting currency, nothing where there is none."""
    return "" if amount is None else format_value(amount, "money", card.currency, signed=signed)


def share(part: float | None) -> str:
    """Return a share as a percentage, nothing where there is none."""
    return "" if part is None else format_value(part, "ratio", "")


def score(value: float | None) -> str:
    """Return a health score as a whole number."""
    return "" if value is None else format_count(value)


def change(
    now: float | None, then: float | None, card: PortfolioPage, unit: str = "money"
) -> Change | None:
    """Return how far a figure lies from an earlier one; None where either is missing."""
    return None if now is None or then is None else change_between(now, then, unit, card.currency)


def signed(now: float | None, then: float | None, card: PortfolioPage, unit: str = "money") -> str:
    """Return how far a figure lies from an earlier one as text with its sign, or nothing."""
    found = change(now, then, card, unit)
    return found.signed if found else ""


def in_per_cent(now: float | None, then: float | None, card: PortfolioPage) -> str:
    """Return how far a figure lies from an earlier one in per cent; nothing of too small a base."""
    found = signed(now, then, card)
    return found if "%" in found else ""


def title(card: PortfolioPage) -> str:
    """Return the page's title."""
    return _("Partner portfolio") if card.is_whole else card.name


def partners(count: int) -> str:
    """Return a number of partners in words."""
    return several("{count} partner", "{count} partners", count, count=format_count(count))


def everybody(card: PortfolioPage) -> str:
    """Return how many partners the page tells of, and how many of them have left."""
    left = sum(partner.has_left for partner in card.partners)
    count = format_count(len(card.partners))
    if not left:
        return count
    return several(
        "{partners}, {count} of whom has left",
        "{partners}, {count} of whom have left",
        left,
        partners=count,
        count=format_count(left),
    )


def business(partner: PortfolioPartner, card: PortfolioPage) -> str:
    """Return how much business a partner brought: its revenue, or in a week its orders."""
    measure = card.business
    value = partner.figures.business(measure.kpi).value if measure else None
    return "" if measure is None or value is None else wording.said(measure, value, card)


def moved(partner: PortfolioPartner, card: PortfolioPage) -> str:
    """Return how far that lies from a year ago, with its sign; nothing where it is not known."""
    measure = card.business
    if measure is None:
        return ""
    found = partner.figures.business(measure.kpi)
    return signed(found.value, found.year_ago, card, measure.unit)


def verdict(card: PortfolioPage) -> str:
    """Return how the partnerships did: business, its change, its target, who needs a talk."""
    if not card.partners:
        return _("There are no partners in this period yet.")
    return " ".join(text for text in (f"{_result_clause(card)}.", _stance_clause(card)) if text)


def _result_clause(card: PortfolioPage) -> str:
    """Return the clause on what the partners brought in, or on the first measure that is known."""
    measure = card.business or next(iter(card.known), None)
    if measure is None:
        return _("There are no figures of these partners in this period yet")
    if measure.value is None:
        why = wording.reason(measure)
        return _("What the partners brought in is not known: {why}", why=why)
    head = (
        _business_clause(measure, card)
        if measure is card.business
        else wording.came_to(measure, card)
    )
    if not measure.is_covered:  # by which nobody is judged
        return f"{head}, {in_part(measure.row)}"
    clauses = [head, wording.on_the_year(measure, card), _against_target_words(measure, card)]
    return ", ".join(text for text in clauses if text)


def _business_clause(measure: Measure, card: PortfolioPage) -> str:
    """Return how much business came from how many of the partners."""
    brought = [partner.figures.business(measure.kpi).value or 0.0 for partner in card.partners]
    count = sum(amount > 0 for amount in brought)
    figures = {"value": wording.value_of(measure, card), "when": period_words.when_it_was(card)}
    figures["who"] = _how_many(count, len(card.partners))
    if not count:
        return _("{who} brought in anything {when}", **figures)
    if measure.unit == "money":
        return several(
            "{who} brought in {value} {when}", "{who} brought in {value} {when}", count, **figures
        )
    return several(
        "{who} placed orders {when}, {value} in all",
        "{who} placed orders {when}, {value} in all",
        count,
        **figures,
    )


def _how_many(part: int, whole: int) -> str:
    """Return how many of the partners did something, as the subject of a sentence."""
    if part and part == whole:
        return partners(part)
    counts = {"part": format_count(part), "count": format_count(whole)}
    if not part:
        return several("No partner", "None of the {count} partners", whole, **counts)
    return _("{part} of {count} partners", **counts)


def _against_target_words(measure: Measure, card: PortfolioPage) -> str:
    """Return how far a value is from its target, in words; empty where it has none."""
    found = change(measure.value, measure.number("target"), card, measure.unit)
    if found is None:
        return ""
    if not found.direction:
        return _("right on target")
    if found.direction > 0:
        return _("{share} above target", share=found.text)
    return _("{share} below target", share=found.text)


def _stance_clause(card: PortfolioPage) -> str:
    """Return how many partners need a talk and how many earn more; nothing without their figures.

    What calls for either are revenue and health, which a week does not tell.
    """
    if len(card.with_stance("unknown")) == len(card.partners):
        return ""
    talk, invest = len(card.with_stance("talk")), len(card.with_stance("invest"))
    if not talk and not invest:
        return _("No partner needs a talk by the rules below.")
    needing = _("No partner needs a talk")
    if talk:
        needing = several(
            "{count} partner needs a talk",
            "{count} partners need a talk",
            talk,
            count=format_count(talk),
        )
    if not invest:
        return f"{needing}."
    more = several(
        "{count} earns more investment",
        "{count} earn more investment",
        invest,
        count=format_count(invest),
    )
    return f"{needing}, {more}."


def in_short(card: PortfolioPage) -> list[tuple[str, str]]:
    """Return the most urgent exception, the largest gain and the largest loss."""
    lines = []
    worst = card.content.exceptions.rows[:1]
    if worst:
        has_stake = worst[0].stake is not None
        label = _("Most at stake") if has_stake else _("Longest off track")
        lines.append((label, _exception_text(worst[0], card)))
    moved = card.content.movers
    for label, movers in ((_("Largest gain"), moved.gains), (_("Largest loss"), moved.losses)):
        for row in movers[:1]:
            text = _("{name}, {moved} of revenue on the year")
            lines.append(
                (label, text.format(name=row.name, moved=money(row.moved, card, signed=True)))
            )
    return lines


def value_and_target(row: OffTrack, card: PortfolioPage) -> tuple[str, str]:
    """Return the value of a measure that is off track and its target, so that they differ."""
    beside = (row.value, row.target)
    value, target = (format_value(f, row.unit, card.currency, beside=beside) for f in beside)
    return value, target


def _exception_text(row: OffTrack, card: PortfolioPage) -> str:
    """Return a measure that is off track in words: partner, value, target, stake."""
    value, target = value_and_target(row, card)
    text = _(
        "{partner}: {name} {value}, target {target}",
        partner=row.partner,
        name=_(row.name),
        value=value,
        target=target,
    )
    return text if row.stake is None else f"{text} ({money(row.stake, card)})"


def since(row: OffTrack, card: PortfolioPage) -> str:
    """Return since when a measure is off track, and for how many periods: `3+`, at least 3.

    Of the one before the first of them nothing may be known.
    """
    running = row.off_track_periods
    may_be_more = running >= MOST_PERIODS or not row.is_known_before
    text = several(
        "{period} ({count} period)",
        "{period} ({count} periods)",
        running,
        period=period_words.period_of(row.since, card),
        count=format_count(running) + ("+" if may_be_more else ""),
    )
    return text.replace(" ", _NBSP).replace(f"{_NBSP}(", " (")  # breaks before the bracket alone


def off_by(row: OffTrack, card: PortfolioPage) -> str:
    """Return how far a value is off its target, in its own unit; ratios in points."""
    return format_distance(row.gap, row.unit, card.currency)


def direct_title(card: PortfolioPage) -> str:
    """Return what the partners' share of revenue says."""
    held = card.measures.get("revenue_share")
    if held is None or held.value is None:
        return _("Revenue of partners and of direct business")
    text = _("Partners bring {share} of all revenue", share=wording.value_of(held, card))
    moved = wording.on_the_year(held, card)
    return f"{text}, {moved}" if moved else text


def movers_title(card: PortfolioPage) -> str:
    """Return who gained and who lost most."""
    found = card.content.movers
    gains, losses = found.gains[:1], found.losses[:1]
    texts = [
        _(
            "{name} gained most ({moved})",
            name=r.name,
            moved=money(r.moved, card, signed=True),
        )
        for r in gains
    ]
    texts += [
        _("{name} lost most ({moved})", name=r.name, moved=money(r.moved, card, signed=True))
        for r in losses
    ]
    return ", ".join(texts)


def concentration_title(top: Sequence[TopShare]) -> str:
    """Return how much the largest partners bring; `top`: their number and share."""
    shown = top[1] if len(top) > 1 else top[0]
    return several(
        "The largest partner brings {share} of the revenue",
        "The {count} largest partners bring {share} of the revenue",
        shown.partners,
        count=format_count(shown.partners),
        share=share(shown.now),
    )


def attribution_title(card: PortfolioPage) -> str:
    """Return where the models disagree most."""
    theirs = [row for row in card.content.attribution.rows if row.partner_id]
    if not theirs:
        return _("Direct business is credited alone")
    row = theirs[0]
    ends = [min(row.credit.values()), max(row.credit.values())]
    low, high = format_together(ends, "money", card.currency)
    if row.apart <= 0:
        return _("All models credit the same")
    return _(
        "The models disagree most about {name}: {low} to {high}",
        name=row.name,
        low=low,
        high=high,
    )


def credited(row: Credited) -> str:
    """Return who is credited: a partner, or direct business."""
    return str(row.name) if row.partner_id else _("Direct business")


def health_title(card: PortfolioPage) -> str:
    """Return what health against revenue says."""
    if not card.with_stance("talk"):
        return _("No partner needs a talk")
    found = card.content.bringing_in_talk
    if not found.partners:
        return _("No partner that needs a talk brings any revenue")
    return several(
        "{count} partner that needs a talk brings {revenue}",
        "{count} partners that need a talk bring {revenue} together",
        found.partners,
        count=format_count(found.partners),
        revenue=money(found.revenue, card),
    )


def rules(card: PortfolioPage) -> str:
    """Return when a partner needs a talk or earns more, in the figures that were applied."""
    limits = card.content.rules
    return _(
        "Needs a talk: health below {low}, or revenue off track for {periods} periods running, or, "
        "without a score, revenue down by {fall} or more on the year. Earns more investment: "
        "health of {high} or more, and revenue not below that of a year ago.",
        low=format_count(limits.talk_score),
        high=format_count(limits.invest_score),
        periods=format_count(limits.periods),
        fall=format_short(limits.fall, "ratio", ""),
    )


def off_track(partner: PortfolioPartner) -> str:
    """Return how many measures of a partner are off track, and for how long the longest is."""
    if not partner.figures.off_track:
        return ""
    count = several(
        "{count} measure",
        "{count} measures",
        partner.figures.off_track,
        count=partner.figures.off_track,
    )
    periods = several(
        "{count} period", "{count} periods", partner.figures.longest, count=partner.figures.longest
    )
    return _("{measures}, up to {periods}", measures=count, periods=periods)


def stance(partner: PortfolioPartner) -> str:
    """Return what a partner calls for, and why."""
    text, why = _(STANCES[partner.stance]), partner.why
    return f"{text}: {_(WHY[why])}" if why else text
