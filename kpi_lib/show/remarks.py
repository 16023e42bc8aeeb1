"""What stands beside the figures: what the data are, how a value is made, why there is none.

The sentences of the measures themselves are in wording.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from kpi_lib.periods import Period
from kpi_lib.show.language import _
from kpi_lib.show.numbers import format_count, format_day, format_value
from kpi_lib.show.slice import Measure, PageSlice, Slice
from kpi_lib.show.wording import NOT_AVAILABLE, period_name, reason, said, span

ACCOUNTABLE = {"us": "us", "partner": "you, the partner", "both": "both of us"}
EXAMPLE = (
    "The figures are those of a real wholesaler, from the example data that ship with this "
    "project: Online Retail II. The countries stand for its partners."
)
SYNTHETIC = "The data are synthetic: no real partner or customer is in them."
NO_VALUE = "no value"
MOST_RESTATED = 6  # that a page tells one by one
_NBSP = "\N{NO-BREAK SPACE}"


def data_notes(card: Slice) -> list[str]:
    """Return what the reader must know of the data: what they cover and what is left out."""
    left = card.day("left_on")
    notes = [*about_source(card), *about_time(card)]
    if left and left <= card.as_of:
        notes.append(f"{card.name} ended the partnership on {format_day(left)}.")
    return [*notes, *_about_first_periods(card), *about_faults(card)]


def contact(card: Slice) -> str | None:
    """Return whom to ask; an internal page is read by whom a partner would ask."""
    manager = card.partner.get("manager")
    if card.is_internal:
        return None
    if manager:
        return _("Questions? {name}, your account manager, has the answers.", name=manager)
    return _("Questions? Your account manager has the answers.")


def disputes(card: Slice) -> list[str]:
    """Return a sentence for each figure in dispute: what was reported, and what we count."""
    return [
        _dispute(measure, measure.dispute, measure.value, card)
        for measure in _leading(card)
        if measure.dispute and measure.value is not None
    ]


def restatements(card: Slice) -> list[str]:
    """Return a sentence for each figure that is not what was published; the leading ones of many.

    Those that lead the page come first, and of each the latest period.
    """
    place = {measure.kpi: number for number, measure in enumerate(_leading(card))}
    told = [row for row in card.restated if row["kpi"] in place]
    told.sort(key=lambda row: Period.parse(row["period"], card.period.year_end), reverse=True)
    told.sort(key=lambda row: place[row["kpi"]])
    lines = [_restatement(card.measures[row["kpi"]], row, card) for row in told[:MOST_RESTATED]]
    further = len(told) - len(lines)
    if further:
        words = "further figure differs" if further == 1 else "further figures differ"
        lines.append(f"{format_count(further)} {words} from what was published.")
    return lines


def unfinished(card: PageSlice) -> str:
    """Return the mark of a period that is not over."""
    return (
        f"{period_name(card.period)} is not over: figures count up to "
        f"{format_day(card.as_of)}, and every comparison is cut after as many days."
    )


def without_value(card: Slice) -> list[str]:
    """Return which measures have no figure at all and why, a line a reason.

    Of what the data do not hold, a partner is told the measures of its own profile by name and
    the rest as a number; the account manager, which data each of them would need.
    """
    bare = [measure for measure in card.measures.values() if measure.is_bare]
    lead = {measure.kpi for measure in card.profile}
    lines = _grouped([measure for measure in bare if not _lacks_data(measure)])
    lacking = [measure for measure in bare if _lacks_data(measure)]
    if card.is_internal:
        return lines + _grouped(lacking)
    named = [measure for measure in lacking if measure.kpi in lead]
    further = len(lacking) - len(named)
    told = [f"{measure.name} ({reason(measure)})" for measure in named]
    if further:
        words = "further measure that needs" if further == 1 else "further measures that need"
        told.append(f"{format_count(further)} {words} data that are not there")
    return lines + ([f"{NOT_AVAILABLE}: {', '.join(told)}."] if told else [])


def run_sentence(
    partners: int, reports: int, failed: int, stale: int = 0, pages_failed: int = 0
) -> str:
    """Return how a run of many reports went.

    `failed` and `stale` count partners, `pages_failed` the pages of the run itself.
    """
    head = f"{_counted(reports, 'report')} of {_counted(partners, 'partner')}"
    told = [
        f"{_counted(count, what)} {words}"
        for count, what, words in (
            (failed, "partner", "failed"),
            (stale, "partner", "not up to date"),
            (pages_failed, "page", "of the whole run failed"),
        )
        if count
    ]
    return f"{head}; {', '.join(told)}." if told else f"{head}: all done."


def disputed_sentence(figures: int, of_this_period: int) -> str:
    """Return how many figures of a run are in dispute, nothing where none is."""
    if not figures:
        return ""
    head = f"{format_count(figures)} {'figure' if figures == 1 else 'figures'} in dispute"
    earlier = figures - of_this_period
    return f"{head}, {format_count(earlier)} of earlier periods" if earlier else head


def restated_sentence(figures: int) -> str:
    """Return how many figures of a run are not what was published, nothing where none is."""
    if not figures:
        return ""
    words = "past figure differs" if figures == 1 else "past figures differ"
    return f"{format_count(figures)} {words} from what was published"


def _counted(count: int, what: str) -> str:
    return f"{format_count(count)} {what if count == 1 else what + 's'}"


def sentence(text: str) -> str:
    """Return a definition as a sentence."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith(".") else ".")


def made_of(measure: Measure, card: Slice) -> list[str]:
    """Return the figures behind a value: formula, number of cases, interval, who answers for it."""
    told = [_formula(measure, card)]
    n, low, high = (measure.number(column) for column in ("n", "low", "high"))
    if n is not None and measure.value is not None:
        told.append(f"n{_NBSP}={_NBSP}{format_count(n)}.")
    if low is not None and high is not None:
        told.append(f"95% interval: {said(measure, low, card)} to {said(measure, high, card)}.")
    claim = measure.number("benchmark")
    source = measure.definition.get("benchmark_source")
    if claim is not None and source:
        told.append(f"A published claim: {said(measure, claim, card)} ({source}).")
    if measure.definition.get("accountable") in ("us", "partner"):
        told.append(f"Moved by {ACCOUNTABLE[measure.definition['accountable']]}.")
    return [text for text in told if text]


def was_and_is(published: float | None, now: float | None, say: Callable[[float], str]) -> str:
    """Return what a figure was and is: was £100, is £90. `say` writes a figure with its unit."""
    if published is None or now is None:
        was = f"had {NO_VALUE}" if published is None else f"was {say(published)}"
        return f"{was}, {f'has {NO_VALUE}' if now is None else f'is {say(now)}'}"
    return f"was {say(published)}, is {say(now)}{_unseen(published, now, say)}"


def _leading(card: Slice) -> list[Measure]:
    """Return the measures, those that lead the page first."""
    return list(dict.fromkeys((*card.profile, *card.measures.values())))


def _dispute(measure: Measure, told: Mapping[str, Any], value: float, card: Slice) -> str:
    since = f"since {period_name(Period.parse(told['since'], card.period.year_end))}"
    who = card.name if card.is_internal else "You"
    by = ", ".join(part for part in (told["owner"], since) if part)
    reported, ours = (said(measure, figure, card) for figure in (told["reported"], value))
    unseen = _unseen(told["reported"], value, lambda figure: said(measure, figure, card))
    return (
        f"In dispute: {measure.name}. {who} reported {reported} ({by}); we count {ours}{unseen}. "
        f"A difference of {format_value(told['tolerance'], 'ratio', card.currency)} is allowed."
    )


def _restatement(measure: Measure, told: Mapping[str, Any], card: Slice) -> str:
    when = format_day(date.fromisoformat(told["published_at"][:10]))
    name = f"{measure.name} in {period_name(Period.parse(told['period'], card.period.year_end))}"
    was, now = told["published"], told["now"]
    then, today = (NO_VALUE if v is None else said(measure, v, card) for v in (was, now))
    unseen = ""
    if was is not None and now is not None:
        unseen = _unseen(was, now, lambda figure: said(measure, figure, card))
    return f"{name}: published on {when} with {then}, now {today}{unseen}."


def _unseen(one: float, other: float, say: Callable[[float], str]) -> str:
    """Return in words a difference that rounding hides, nothing where the texts tell them apart."""
    if say(one) != say(other):
        return ""
    difference = say(abs(one - other)).removeprefix("+")
    if not any(digit in difference for digit in "123456789"):
        return " (they differ in digits that are not shown)"
    return f" (a difference of {difference})"


def _formula(measure: Measure, card: Slice) -> str:
    """Return numerator over denominator where the value is one divided by the other."""
    if measure.value is None:
        return f"{NOT_AVAILABLE}: {reason(measure)}."
    above, below = measure.number("numerator"), measure.number("denominator")
    if above is None or below is None:
        return ""
    unit = "money" if measure.unit == "money" else "number"
    numerator = format_value(above, unit, card.currency)
    denominator = format_value(below, "number", card.currency)
    return f"{numerator} / {denominator} in {period_name(card.period)}."


def _grouped(measures: Sequence[Measure]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for measure in measures:
        reasons.setdefault(reason(measure), []).append(measure.name)
    return [f"{NOT_AVAILABLE}: {', '.join(names)} ({why})." for why, names in reasons.items()]


def _lacks_data(measure: Measure) -> bool:
    return reason(measure).startswith("no data on ")


def about_source(card: PageSlice) -> list[str]:
    """Return where the data come from."""
    if card.data.get("is_example"):
        return [EXAMPLE]
    notes = [SYNTHETIC] if card.data.get("is_synthetic") else []
    source = card.data.get("source")
    return [*notes, f"Source: {source}."] if source else notes


def about_time(card: PageSlice) -> list[str]:
    """Return which days the data cover."""
    first, last = card.day("first_day"), card.day("last_day")
    notes = [unfinished(card)] if card.to_date else []
    if first and last:
        notes.append(f"The data cover {span(first, last)}.")
    if last and last < card.as_of:
        notes.append(
            f"The data end before the period does: nothing after {format_day(last)} is counted."
        )
    return notes


def about_faults(card: PageSlice) -> list[str]:
    """Return how many rows of which tables were left out."""
    return [
        f"{format_count(rows)} {'row' if rows == 1 else 'rows'} of {table} "
        f"{'was' if rows == 1 else 'were'} left out because of faults."
        for table, rows in sorted(card.data.get("left_out", {}).items())
        if rows
    ]


def _about_first_periods(card: Slice) -> list[str]:
    """Say which period of the courses the data cover only in part."""
    first = card.day("first_day")
    for measure in card.measures.values():
        for point in measure.history:
            period = Period.parse(point["period"], card.period.year_end)
            if first and period.start < first <= period.end:
                return [
                    f"{period_name(period)} is covered in part only: "
                    f"the data begin on {format_day(first)}."
                ]
    return []
