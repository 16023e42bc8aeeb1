"""Why a figure is missing, in words that need no knowledge of tables, and in the page's language.

The reasons come with the figures, in English, as `kpi explain` gives them too.
"""

from __future__ import annotations

import re
from functools import cache

from kpi_lib.show.common.language import N_, _, listed

NOTHING = N_("nothing to measure it from in this period")
REASONS = (  # of engine/, measure/reconciliation.py, models/; a KPI's own are its own
    N_("nothing to measure it by in this period"),
    N_("nothing to compare with in the period before"),
    N_("nothing to compare with in the same period a year ago"),
    N_("the year before {period} has no such week"),
    N_("the rows of {table} are all a partner's"),
    N_("nothing of {name} was observed"),
    N_("the model {model} has not been fitted"),
    N_("the model {model} says nothing of it"),
    N_("its function gives none"),
    N_("no customer has ordered yet"),
    N_("only {count} customers have ordered, and {least} are needed"),
    N_("all orders are of one day"),
    N_("only {count} customers ordered again, and {least} are needed"),
    N_("no earlier day has enough customers to learn from"),
    N_("sales do not reach back a year"),
    N_("no earlier day has a year of sales before it to test on"),
    N_("too few partners have two years of sales to learn from"),
    N_("no partner has sold yet"),
    N_("it has left, or has not sold in a whole period yet"),
    N_("it is shown for no single partner"),
    N_("it is shown for a {cadence} at the least, and this run is of a {other}"),
    N_("it is of a {cadence}, and this run is of a {other}"),
    N_("it is of all of {period}, and this run stops at {day}"),
    N_("the partner had not joined then"),
    N_("the data do not cover all of {period}, they begin on {day}"),
    N_("the period is not covered by the data"),
    N_("the period before is not covered by the data"),
    N_("the same period a year ago is not covered by the data"),
    N_("there is no value of it"),
    N_("there is no KPI {kpi}"),
    N_("{period} is not a period"),
)
CADENCES = {
    "week": N_("week"),
    "month": N_("month"),
    "quarter": N_("quarter"),
    "half": N_("half"),
    "year": N_("year"),
}
_FIGURE = re.compile(r"\\\{(\w+)\\\}")


def in_words(missing: str) -> str:
    """Return why there is no value, as the KPI table says it, for whoever reads a page."""
    whys = [why for why in missing.split("; ") if why] or [NOTHING]
    lacking = [_lacking(why) for why in whys]
    if all(lacking):
        return _("no data on {things}", things=listed([thing for thing in lacking if thing]))
    if whys[0].startswith("nothing to divide by"):
        return _(NOTHING)
    # What follows a colon names a command: that is for the terminal.
    return "; ".join(_one(why) for why in whys)


def plain_name(name: str) -> str:
    """Return a table or column as people say it: keys without their _id, days as dates.

    >>> plain_name("customer_id"), plain_name("paid_on"), plain_name("ends_on")
    ('customer', 'paid date', 'end date')
    """
    if name.endswith("_on"):
        return f"{name.removesuffix('_on').removesuffix('s')} date".replace("_", " ")
    return name.removesuffix("_id").replace("_", " ")


def is_lack(missing: str) -> bool:
    """Say whether nothing but tables or columns are missing, which the data's owner can add."""
    whys = [why for why in missing.split("; ") if why]
    return bool(whys) and all(_lacking(why) for why in whys)


def _one(why: str) -> str:
    thing = _lacking(why)
    return _("no data on {things}", things=thing) if thing else translated(why.partition(": ")[0])


def translated(why: str) -> str:
    """Return a reason in the language that is spoken; one that is not known stays as it is."""
    for reason in REASONS:
        found = _pattern(reason).fullmatch(why)
        if found and found.groupdict():
            figures = found.groupdict()
            return _(
                reason, **{name: _translated_value(name, text) for name, text in figures.items()}
            )
    return _(why)


def _translated_value(name: str, figure: str) -> str:
    """Return what fills a placeholder of a reason, in the page's language.

    `name`: the placeholder, such as table or cadence. What is known by no other word stays.
    """
    if name in ("cadence", "other") and figure in CADENCES:
        return _(CADENCES[figure])
    if name == "table":
        return _(plain_name(figure))
    return _(figure.capitalize()) if name == "name" and _is_known(figure) else figure


def _is_known(name: str) -> bool:
    return _(name.capitalize()) != name.capitalize()


@cache
def _pattern(reason: str) -> re.Pattern[str]:
    return re.compile(_FIGURE.sub(r"(?P<\1>.+?)", re.escape(reason)))


def _lacking(why: str) -> str | None:
    """Return the missing table or columns in words, None where something else is said."""
    table = re.fullmatch(r"there is no table (\w+)", why)
    if table:
        return _(plain_name(table[1]))
    if not re.fullmatch(r"there is no column [\w.]+(, [\w.]+)*", why):
        return None
    columns = re.findall(r"(\w+)\.(\w+)", why)
    names = [_(plain_name(name)) for _table, name in columns]
    table_of = _(plain_name(columns[0][0]))
    return _("the {columns} of {table}", columns=listed(names), table=table_of)
