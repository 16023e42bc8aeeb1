"""Days sales outstanding, the simple way and counted back (the exhaustion method)."""

import pytest

from kpi_lib.testing.tables_in_text import value_of


@pytest.mark.parametrize(
    ("period", "owed", "sold", "days"),
    [
        # Intuit QuickBooks Canada, "What is Days Sales Outstanding?", by Craig Anthony: January.
        pytest.param("2026-01", 300_000, 450_000, 20.67, id="Anthony"),
        # The Motley Fool, "Days sales outstanding" (fool.com/terms): April. It takes the average
        # of the receivables, we those of the last day; the figures are the same.
        pytest.param("2026-04", 18_000, 20_000, 27.0, id="Motley Fool"),
    ],
)
def test_receivables_over_sales_times_the_days_of_the_month(period, owed, sold, days):
    month = period[-2:]
    invoices = f"a {month}-05 12-31 - {owed} | a {month}-06 12-31 {month}-20 {sold - owed}"
    assert value_of("dso_days", period=period, invoices=invoices) == pytest.approx(days, abs=0.005)


# Oracle Hyperion Financial Management Administrator's Guide 11.2, custom function "DSO - Days Sales
# Outstanding", table 13-10: sales by month, of which the debtors use up all from September back to
# May (30 + 31 + 31 + 30 + 31 days) and of April 2,000 of 2,250, 26.7 days; in all 179.7.
SOLD = {"04": 2250, "05": 2000, "06": 2500, "07": 2250, "08": 1750, "09": 2500}


@pytest.mark.parametrize(
    ("of_april", "days"),
    [
        pytest.param(2000, 179.7, id="as the lines of the example say"),
        # The example prints debtors of 12,000, while its lines use up 13,000. With 12,000 there is
        # 1,000 left for April: worked by hand.
        pytest.param(1000, 153 + 30 * 1000 / 2250, id="as its debtors say"),
    ],
)
def test_receivables_are_exhausted_month_by_month(of_april, days):
    unpaid = {**SOLD, "04": of_april}
    invoices = [f"a {month}-15 12-31 - {amount}" for month, amount in unpaid.items()]
    invoices.append(f"a 04-15 12-31 05-31 {SOLD['04'] - of_april}")
    owed = value_of("receivables", invoices=" | ".join(invoices))
    assert owed == sum(unpaid.values())
    counted = value_of("dso_countback_days", invoices=" | ".join(invoices))
    assert counted == pytest.approx(days, abs=0.05)
