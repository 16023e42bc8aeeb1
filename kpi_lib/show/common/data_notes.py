"""What stands beside the figures: what the data are, how a value is made, why there is none.

The sentences of the measures themselves are in wording.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpi_lib.periods import Period
from kpi_lib.show.common.coverage_words import ends_early, first_periods, reaches_its_end
from kpi_lib.show.common.language import N_, _, several
from kpi_lib.show.common.missing_reasons import is_lack
from kpi_lib.show.common.numbers import format_count, format_day, format_value
from kpi_lib.show.common.period_words import period_name, period_of, span
from kpi_lib.show.common.slice import KpiSlice, Measure, PageSlice, Slice
from kpi_lib.show.common.wording import reason, said, said_together
from kpi_lib.slices.page_types import Dispute
from kpi_lib.slices.scorecard_types import Restated

EXAMPLE = N_(
    "The figures are those of a real wholesaler, from the example data that ship with this "
    "project: Online Retail II. The countries stand for its partners."
)
SYNTHETIC = N_("The data are synthetic: no real partner or customer is in them.")
MOST_RESTATED = 6  # that a page lists one by one
_NBSP = "\N{NO-BREAK SPACE}"


def data_notes(card: Slice) -> list[str]:
    """Return what the reader must know of the data: what they cover and what is left out."""
    left = card.partner.left_on
    notes = [*about_source(card), *about_time(card)]
    if left and left <= card.as_of:
        notes.append(
            _(
                "The partnership with {partner} ended on {day}.",
                partner=card.name,
                day=format_day(left),
            )
        )
    return [*notes, *first_periods(_leading(card), card), *about_faults(card)]


def contact(card: Slice) -> str | None:
    """Return whom to ask; an internal page is read by whom a partner would ask."""
    manager = card.partner.manager
    if card.is_internal:
        return None
    if manager:
        return _("Questions? {name}, your account manager, has the answers.", name=manager)
    return _("Questions? Your account manager has the answers.")


def disputes(card: Slice) -> list[str]:
    """Return a sentence for each figure in dispute: what was reported, and what we count."""
    return [
        _dispute_sentence(measure, measure.dispute, measure.value, card)
        for measure in _leading(card)
        if measure.dispute and measure.value is not None
    ]


def restatements(card: Slice) -> list[str]:
    """Return a sentence for each figure that is not what was published; the leading ones of many.

    Those that lead the page come first, and of each the latest period.
    """
    place = {measure.kpi: number for number, measure in enumerate(_leading(card))}
    figures = [figure for figure in card.restated if figure.kpi in place]
    figures.sort(key=lambda f: Period.parse(f.period, card.period.year_end), reverse=True)
    figures.sort(key=lambda figure: place[figure.kpi])
    lines = [_restatement_sentence(card.measures[f.kpi], f, card) for f in figures[:MOST_RESTATED]]
    further = len(figures) - len(lines)
    if further:
        lines.append(
            several(
                "{count} further figure differs from what was published.",
                "{count} further figures differ from what was published.",
                further,
                count=format_count(further),
            )
        )
    return lines


def unfinished(card: PageSlice) -> str:
    """Return the mark of a period that is not over, or whose end the data do not reach; else ""."""
    if not card.to_date:
        return "" if reaches_its_end(card) else ends_early(card)
    words = {"period": period_name(card.period), "day": format_day(card.as_of)}
    year_ago = card.period.year_ago()
    if year_ago is None:
        return _(
            "{period} is not over: figures count up to {day}, "
            "and every comparison up to the corresponding day.",
            **words,
        )
    return _(
        "{period} is not over: figures count up to {day}, "
        "and every comparison up to the corresponding day, those of a year ago up to {then}.",
        then=format_day(year_ago.day_like(card.as_of, of=card.period)),
        **words,
    )


def without_value(card: KpiSlice) -> list[str]:
    """Return which measures have no figure at all and why, a line a reason.

    Of what the data do not hold, a partner is given the measures of its own profile by name
    and the rest as a number; the account manager, which data each of them would need.
    """
    bare = [measure for measure in card.measures.values() if measure.is_bare]
    lead = {measure.kpi for measure in card.profile}
    lines = _sentences_by_reason([measure for measure in bare if not _lacks_data(measure)])
    lacking = [measure for measure in bare if _lacks_data(measure)]
    if card.is_internal:
        return lines + _sentences_by_reason(lacking)
    named = [measure for measure in lacking if measure.kpi in lead]
    further = len(lacking) - len(named)
    texts = [f"{measure.name} ({reason(measure)})" for measure in named]
    if further:
        texts.append(
            several(
                "{count} further measure that needs data that are not there",
                "{count} further measures that need data that are not there",
                further,
                count=format_count(further),
            )
        )
    return lines + ([_("Not available: {measures}.", measures=", ".join(texts))] if texts else [])


def run_sentence(
    partners: int, reports: int, failed: int, stale: int = 0, pages_failed: int = 0
) -> str:
    """Return how a run of many reports went.

    `failed` and `stale` count partners, `pages_failed` the pages of the run itself.
    """
    counted = {"reports": _reports(reports), "partners": _partners(partners)}
    wrong = [
        several("{count} partner failed", "{count} partners failed", failed, count=_n(failed)),
        several(
            "{count} partner not up to date",
            "{count} partners not up to date",
            stale,
            count=_n(stale),
        ),
        several(
            "{count} page of the whole run failed",
            "{count} pages of the whole run failed",
            pages_failed,
            count=_n(pages_failed),
        ),
    ]
    counts = (failed, stale, pages_failed)
    faults = ", ".join(text for text, count in zip(wrong, counts, strict=True) if count)
    if not faults:
        return _("{reports} of {partners}: all done.", **counted)
    return _("{reports} of {partners}; {faults}.", faults=faults, **counted)


def _reports(count: int) -> str:
    return several("{count} report", "{count} reports", count, count=_n(count))


def _partners(count: int) -> str:
    return several("{count} partner", "{count} partners", count, count=_n(count))


def disputed_sentence(figures: int, of_this_period: int) -> str:
    """Return how many figures of a run are in dispute, nothing where none is."""
    if not figures:
        return ""
    head = several(
        "{count} figure in dispute", "{count} figures in dispute", figures, count=_n(figures)
    )
    earlier = figures - of_this_period
    if not earlier:
        return head
    return _("{figures}, {count} of earlier periods", figures=head, count=_n(earlier))


def restated_sentence(figures: int) -> str:
    """Return how many figures of a run are not what was published, nothing where none is."""
    if not figures:
        return ""
    return several(
        "{count} past figure differs from what was published",
        "{count} past figures differ from what was published",
        figures,
        count=_n(figures),
    )


def _n(count: int) -> str:
    return format_count(count)


def sentence(text: str) -> str:
    """Return a definition as a sentence."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith(".") else ".")


def made_of(measure: Measure, card: KpiSlice) -> list[str]:
    """Return the figures behind a value: formula, number of cases, interval, who answers for it."""
    texts = [_formula(measure, card)]
    n, low, high = (measure.number(column) for column in ("n", "low", "high"))
    if n is not None and measure.value is not None:
        texts.append(f"n{_NBSP}={_NBSP}{format_count(n)}.")
    if low is not None and high is not None:
        lower, upper = said_together(measure, [low, high], card)
        texts.append(_("95% interval: {low} to {high}.", low=lower, high=upper))
    claim = measure.number("benchmark")
    source = measure.definition.benchmark_source
    if claim is not None and source:
        figure = said(measure, claim, card)
        texts.append(_("A published claim: {value} ({source}).", value=figure, source=_(source)))
    return [text for text in (*texts, _moved_by(measure, card)) if text]


def _moved_by(measure: Measure, card: KpiSlice) -> str:
    """Return who moves a measure, said to whoever reads the page; nothing of what both move."""
    side = measure.definition.accountable
    if side == "us":
        return _("Moved by us.")
    if side != "partner":
        return ""
    if not card.is_internal:
        return _("Moved by you, the partner.")
    return _("Moved by the partner.") if card.is_of_one_partner else _("Moved by the partners.")


def was_and_is(published: float | None, now: float | None, say: Callable[[float], str]) -> str:
    """Return what a figure was and is: was £100, is £90. `say` writes a figure with its unit."""
    if published is None and now is None:
        return _("had no value, has no value")
    if published is None:
        return _("had no value, is {now}", now=say(now or 0.0))
    if now is None:
        return _("was {then}, has no value", then=say(published))
    both = _("was {then}, is {now}", then=say(published), now=say(now))
    return f"{both}{_hidden_difference(published, now, say)}"


def _leading(card: Slice) -> list[Measure]:
    """Return the measures, those that lead the page first."""
    return list(dict.fromkeys((*card.profile, *card.measures.values())))


def _dispute_sentence(measure: Measure, dispute: Dispute, value: float, card: Slice) -> str:
    """Return the sentence on a figure in dispute: the partner's, ours, and what is allowed."""
    since = _("since {period}", period=period_of(dispute.since, card))
    reported, ours = (said(measure, figure, card) for figure in (dispute.reported, value))
    figures = {
        "name": measure.name,
        "partner": card.name,
        "reported": reported,
        "by": ", ".join(part for part in (dispute.owner, since) if part),
        "ours": ours
        + _hidden_difference(dispute.reported, value, lambda number: said(measure, number, card)),
        "tolerance": format_value(dispute.tolerance, "ratio", card.currency),
    }
    if card.is_internal:
        return _(
            "In dispute: {name}. {partner} reported {reported} ({by}); we count {ours}. "
            "A difference of {tolerance} is allowed.",
            **figures,
        )
    return _(
        "In dispute: {name}. You reported {reported} ({by}); we count {ours}. "
        "A difference of {tolerance} is allowed.",
        **figures,
    )


def _restatement_sentence(measure: Measure, figure: Restated, card: Slice) -> str:
    """Return the sentence on a figure that was published with another value."""
    was, now = figure.published, figure.now
    then, today = (_("no value") if v is None else said(measure, v, card) for v in (was, now))
    unseen = ""
    if was is not None and now is not None:
        unseen = _hidden_difference(was, now, lambda value: said(measure, value, card))
    return _(
        "{name} in {period}: published on {day} with {then}, now {now}.",
        name=measure.name,
        period=period_of(figure.period, card),
        day=format_day(figure.published_at),
        then=then,
        now=f"{today}{unseen}",
    )


def _hidden_difference(one: float, other: float, say: Callable[[float], str]) -> str:
    """Return in words a difference that rounding hides, nothing where the texts tell them apart."""
    if say(one) != say(other):
        return ""
    difference = say(abs(one - other)).removeprefix("+")
    if not any(digit in difference for digit in "123456789"):
        return " " + _("(they differ in digits that are not shown)")
    return " " + _("(a difference of {difference})", difference=difference)


def _formula(measure: Measure, card: KpiSlice) -> str:
    """Return numerator over denominator where the value is one divided by the other."""
    if measure.value is None:
        return _("Not available: {why}.", why=reason(measure))
    above, below = measure.number("numerator"), measure.number("denominator")
    if above is None or below is None:
        return ""
    unit = "money" if measure.unit == "money" else "number"
    return _(
        "{numerator} / {denominator} in {period}.",
        numerator=format_value(above, unit, card.currency),
        denominator=format_value(below, "number", card.currency),
        period=period_name(card.period),
    )


def _sentences_by_reason(measures: Sequence[Measure]) -> list[str]:
    """Return a sentence for each reason, with the measures that are not available for it."""
    reasons: dict[str, list[str]] = {}
    for measure in measures:
        reasons.setdefault(reason(measure), []).append(measure.name)
    return [
        _("Not available: {measures} ({why}).", measures=", ".join(names), why=why)
        for why, names in reasons.items()
    ]


def _lacks_data(measure: Measure) -> bool:
    return is_lack(measure.row.missing or "")


def about_run(card: PageSlice) -> list[str]:
    """Return what holds of the data of every page of a run."""
    return [*about_source(card), *about_time(card), *about_faults(card)]


def about_source(card: PageSlice) -> list[str]:
    """Return where the data come from."""
    if card.data.is_example:
        return [_(EXAMPLE)]
    notes = [_(SYNTHETIC)] if card.data.is_synthetic else []
    source = card.data.source
    return [*notes, _("Source: {source}.", source=source)] if source else notes


def about_time(card: PageSlice) -> list[str]:
    """Return which days the data cover."""
    first, last = card.data.first_day, card.data.last_day
    notes = [unfinished(card)] if card.to_date else []
    if first and last:
        notes.append(_("The data cover {days}.", days=span(first, last)))
    if last and last < card.as_of:
        day = format_day(last)
        notes.append(
            _("The data end before the period does: nothing after {day} is counted.", day=day)
        )
    return notes


def about_faults(card: PageSlice) -> list[str]:
    """Return how many rows of which tables were left out."""
    return [
        several(
            "{count} row of {table} was left out because of faults.",
            "{count} rows of {table} were left out because of faults.",
            rows,
            count=format_count(rows),
            table=table,
        )
        for table, rows in sorted(card.data.left_out.items())
        if rows
    ]
