"""On time in full at three levels: by order, by line, by unit.

Davies, Lal, Perez and Potdar, "Defining 'on-time, in-full' in the consumer sector", McKinsey &
Company, June 2019, ask whether "in full" is meant of whole orders, of line items or of single cases
and give no example in figures. The orders here are ours, worked by hand from the three levels.
"""

import pytest

from kpi_lib.testing.tables_in_text import row_of

# Four orders of 110 units in six lines, each line a delivery of its own: promised on, delivered on,
# units ordered, units delivered.
LINES = " | ".join(
    [
        "a 07-10 07-10 10 10 order_id=1",
        "a 07-10 07-09 20 20 order_id=1",
        "a 07-11 07-11 10 10 order_id=2",
        "a 07-11 07-11 10 8 order_id=2",  # two units short
        "a 07-12 07-13 50 50 order_id=3",  # a day late
        "a 07-13 - 10 - order_id=4",  # never came
    ]
)


@pytest.mark.parametrize(
    ("level", "kept", "of"),
    [
        pytest.param("order_otif_rate", 1, 4, id="one order of four came whole and in time"),
        pytest.param("otif_rate", 3, 6, id="three lines of six"),
        pytest.param("unit_fill_rate", 10 + 20 + 10 + 8, 110, id="48 units of 110"),
        pytest.param("on_time_rate", 4, 6, id="four lines in time"),
        pytest.param("in_full_rate", 4, 6, id="four lines in full, one of them late"),
    ],
)
def test_the_same_deliveries_at_every_level(level, kept, of):
    row = row_of(level, deliveries=LINES)
    assert (row["numerator"], row["denominator"]) == (kept, of)
    assert row["value"] == pytest.approx(kept / of)
