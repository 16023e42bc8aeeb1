"""How periods and days are said: Q3 2011, in September 2011, 1 July to 14 September 2011."""

from __future__ import annotations

from datetime import date

from kpi_lib.periods import Period
from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_day, format_day_of_year, format_month
from kpi_lib.show.common.slice import PageSlice

PERIODS = {
    "week": N_("week\N{NO-BREAK SPACE}{number} of\N{NO-BREAK SPACE}{year}"),
    "quarter": N_("Q{number}\N{NO-BREAK SPACE}{year}"),
    "half": N_("H{number}\N{NO-BREAK SPACE}{year}"),
}
WITHIN = {
    "week": N_("in {week}"),
    "month": N_("in {month}"),
    "quarter": N_("in {quarter}"),
    "half": N_("in {half}"),
    "year": N_("in {year}"),
}


def period_name(period: Period, *, short: bool = False) -> str:
    """Return a period as people say it: Q3 2011, September 2011, week 37 of 2011.

    `short`: for a chart, as Sep 2011, W37 2011.
    """
    if short and period.cadence == "week":
        return _("W{number}\N{NO-BREAK SPACE}{year}", number=period.number, year=period.year)
    if period.cadence == "month":
        return format_month(period.start, short=short)
    if period.cadence not in PERIODS:
        return str(period.year)
    return _(PERIODS[period.cadence], number=period.number, year=period.year)


def period_title(card: PageSlice) -> str:
    """Return the period of a page, and up to which day it is shown: Q3 2011 to 14 September."""
    name = period_name(card.period)
    if not card.to_date:
        return name
    return _("{period} to {day}", period=name, day=format_day_of_year(card.as_of))


def within(period: Period) -> str:
    """Return when something was: in Q3 2011."""
    return _(WITHIN[period.cadence], **{period.cadence: period_name(period)})


def period_of(text: str, card: PageSlice) -> str:
    """Return a period of the data, such as 2026-Q3, as people say it."""
    return period_name(Period.parse(text, card.period.year_end))


def when_it_was(card: PageSlice) -> str:
    """Return when the period was, and up to which day it is shown."""
    when = within(card.period)
    if not card.to_date:
        return when
    return _("{when} (up to {day})", when=when, day=format_day(card.as_of))


def span(first: date, last: date) -> str:
    """Return two days as a span; a year that they share is said once."""
    start = format_day_of_year(first) if first.year == last.year else format_day(first)
    return _("{first} to {last}", first=start, last=format_day(last))
