"""Credit: what partners owe, how long they take to pay, and whether it stays within their limit."""

from __future__ import annotations

from kpi_lib.engine.equality import SMALLEST
from kpi_lib.engine.fields import Field, as_of, field
from kpi_lib.engine.formula import Formula, Length, rows, rows_so_far
from kpi_lib.engine.kpi import SHARE, Ends
from kpi_lib.engine.terms.above import Above
from kpi_lib.engine.terms.count_back import CountBack
from kpi_lib.engine.terms.each_partner import EachPartner
from kpi_lib.engine.terms.latest import Latest
from kpi_lib.kpis.registry import kpi

issued = rows("invoices", when="issued_on").sum("amount")
limit = Latest(rows_so_far("credit_limits"), "credit_limit", day="valid_from")

# What is open of an invoice: its amount less its part payments, and nothing once it is paid.
invoices = rows_so_far("invoices").sum_so_far("payments", "invoice_id", "amount")
left_to_pay = field("amount") - field("payments_amount").or_else(0)
unpaid = invoices.with_column("open_amount", left_to_pay).where(
    field("paid_on").is_known().negated()
)
owed = unpaid.sum("open_amount")
# A credit note, or what was paid too much, is no debt that could be overdue.
owing = unpaid.where(field("open_amount") >= SMALLEST)


def _overdue(least: int, most: int | None = None) -> Formula:
    """Return the open amounts above 0 of invoices so many days after they were due."""
    days = as_of - field("due_on")
    late: Field = days >= least if most is None else (days >= least) & (days <= most)
    due = owing.where(late)
    return Formula(due.sum("open_amount"), row_count=due.count())


@kpi("Receivables", unit="money", cadence="month", better="neither", accountable="partner")
def receivables() -> Formula:
    """What is open of the invoices that are not paid on the last day that counts.

    A stock on one day. Neither more nor less is better: it grows with the business. Part payments
    are taken off where there is a table payments.

    >>> value_of("receivables", invoices="a 07-01 07-31 - 100 | a 07-01 07-31 08-01 50")
    100.0
    >>> value_of("receivables", invoices="a 07-01 07-31 - 100", payments="0 08-01 30")
    70.0
    """
    return Formula(owed, row_count=unpaid.count())


@kpi(
    "Days sales outstanding (DSO)",
    unit="days",
    cadence="month",
    better="lower",
    accountable="partner",
)
def dso_days() -> Formula:
    """Receivables over the amount issued in the period, times the days of the period so far.

    Where credit notes and what was paid too much come to more than what is owed, it is 0.

    The simple way: it rises when the period's invoices fall, though everybody pays as before.
    `dso_countback_days` does not. Compare only periods of one length.

    >>> value_of("dso_days", invoices="a 07-01 07-31 - 50 | a 07-01 07-31 08-01 50")
    46.0
    """
    return Formula(owed.at_least(0) * Length("days"), per=issued, zero_below=owed)


@kpi("DSO, count-back", unit="days", cadence="month", better="lower", accountable="partner")
def dso_countback_days() -> Formula:
    """Days, back from the last one that counts, over which was issued what is owed now.

    Each calendar month's issued amount is taken off the receivables and its days are added, the
    last month pro rata; months with nothing issued add their days. Receivables of 0 or less are 0
    days; there is no value where 24 months do not use them up.

    It follows payment, not the season of sales, unlike `dso_days`. Long-standing debts push it far
    back, and credit notes can.

    >>> value_of("dso_countback_days", invoices="a 09-01 10-31 - 100 | a 08-01 08-31 - 40")
    61.0
    """
    return Formula(
        CountBack(owed, issued),
        otherwise="24 months of invoices do not use the receivables up",
    )


@kpi("Overdue balance", unit="money", cadence="week", better="lower", accountable="partner")
def overdue_balance() -> Formula:
    """What is open of the invoices that were due before the last day that counts.

    A credit note, or an invoice of which too much was paid, is in `receivables` and is overdue
    nowhere, here and in the other KPIs of what is overdue.

    >>> value_of("overdue_balance", invoices="a 07-01 09-29 - 100 | a 07-01 09-30 - 7")
    100.0
    """
    return _overdue(1)


@kpi(
    "Overdue share of receivables",
    unit="ratio",
    cadence="month",
    better="lower",
    accountable="partner",
    within=SHARE,
)
def overdue_rate() -> Formula:
    """Overdue balance over all that is owed, due or not; credit notes are taken off neither.

    It falls when much was invoiced lately, too: read it beside `overdue_balance`.

    >>> value_of("overdue_rate", invoices="a 07-01 09-29 - 25 | a 07-01 09-30 - 75")
    0.25
    """
    return Formula(_overdue(1).value, per=owing.sum("open_amount"), row_count=owing.count())


@kpi("Overdue 1 to 30 days", unit="money", cadence="month", better="lower", accountable="partner")
def overdue_1_30() -> Formula:
    """What is open of the invoices that were due 1 to 30 days before the last day that counts.

    >>> value_of("overdue_1_30", invoices="a 07-01 08-31 - 5 | a 07-01 08-30 - 7")
    5.0
    """
    return _overdue(1, 30)


@kpi("Overdue 31 to 60 days", unit="money", cadence="month", better="lower", accountable="partner")
def overdue_31_60() -> Formula:
    """What is open of the invoices that were due 31 to 60 days before the last day that counts.

    >>> value_of("overdue_31_60", invoices="a 07-01 08-31 - 5 | a 07-01 08-30 - 7")
    7.0
    """
    return _overdue(31, 60)


@kpi("Overdue 61 to 90 days", unit="money", cadence="month", better="lower", accountable="partner")
def overdue_61_90() -> Formula:
    """What is open of the invoices that were due 61 to 90 days before the last day that counts.

    >>> value_of("overdue_61_90", invoices="a 06-01 07-31 - 5 | a 06-01 07-01 - 7")
    5.0
    """
    return _overdue(61, 90)


@kpi(
    "Overdue more than 90 days",
    unit="money",
    cadence="month",
    better="lower",
    accountable="partner",
)
def overdue_over_90() -> Formula:
    """What is open of the invoices that were due more than 90 days before the last day that counts.

    >>> value_of("overdue_over_90", invoices="a 06-01 07-02 - 5 | a 06-01 07-01 - 7")
    7.0
    """
    return _overdue(91)


@kpi(
    "Days beyond terms",
    unit="days",
    cadence="month",
    better="lower",
    accountable="partner",
    targets_within=Ends(),
)
def days_beyond_terms() -> Formula:
    """Days from due to paid of invoices paid in the period, weighed by amount; early is negative.

    Credit notes, with an amount of 0 or less, are left out.

    Of what was paid: an invoice that is never paid is never in it. `overdue_rate` has those.

    >>> value_of("days_beyond_terms", invoices="a 07-01 07-31 08-10 30 | a 07-01 07-31 07-21 10")
    5.0
    """
    paid = rows("invoices", when="paid_on").where(field("amount") > 0)
    late = field("amount") * (field("paid_on") - field("due_on"))
    return Formula(paid.sum(late), per=paid.sum("amount"))


@kpi("Invoices paid on time", unit="ratio", cadence="month", accountable="partner")
def on_time_payment_rate() -> Formula:
    """Of the invoices due in the period, those paid on or before the day they were due.

    One invoice, one vote, however large. Not paid yet is not in time.

    >>> value_of("on_time_payment_rate", invoices="a 07-01 07-31 07-31 5 | a 07-01 07-31 - 5")
    0.5
    """
    due = rows("invoices", when="due_on")
    in_time = due.where(field("paid_on") <= field("due_on"))
    return Formula(in_time.count(), per=due.count(), share=True)


@kpi(
    "Credit use",
    unit="ratio",
    cadence="week",
    better="lower",
    audience="internal",
    accountable="partner",
    targets_within=Ends(most=2.0),
)
def credit_utilisation() -> Formula:
    """Receivables of the partners with a credit limit over the sum of these limits.

    The latest limit that holds on the last day that counts. Partners without one are left out of
    both, so of a roll-up it says nothing about them.

    >>> value_of("credit_utilisation", invoices="a 07-01 07-31 - 50", credit_limits="a 01-01 200")
    0.25
    """
    return Formula(EachPartner(owed, given=limit), per=EachPartner(limit, given=limit))


@kpi(
    "Partners over their credit limit",
    unit="number",
    cadence="week",
    better="lower",
    audience="internal",
    accountable="partner",
)
def over_limit() -> Formula:
    """Partners with a credit limit whose receivables are above it.

    Of one partner 0 or 1.

    >>> value_of("over_limit", invoices="a 07-01 07-31 - 50", credit_limits="a 01-01 49")
    1.0
    """
    over = EachPartner(Above(owed, limit), given=limit)
    return Formula(over, row_count=over)
