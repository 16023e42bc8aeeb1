"""The charts of a portfolio page draw what their frame holds."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest

from kpi_lib.show.common import theme
from kpi_lib.show.portfolio import portfolio_charts as charts


def test_revenue_is_stacked_partners_below():
    frame = pd.DataFrame(
        {
            **{"period": ["Q1", "Q2"], "partners": [10.0, 20.0], "direct": [5.0, float("nan")]},
            "is_whole": [False, True],
        }
    )
    axes = charts.revenue_of(frame, ("Partners", "Direct"), "EUR")
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [True, False, True, False]
    heights = [(bar.get_y(), bar.get_height()) for bar in axes.patches]
    assert heights == [(0, 10), (0, 20), (10, 5), (20, 0)]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Partners", "Direct"]


def test_gains_go_right_and_losses_left_the_first_on_top():
    frame = pd.DataFrame({"name": ["A", "B"], "moved": [9.0, -4.0], "said": ["+9", "-4"]})
    axes = charts.moves(frame, "EUR")
    assert [bar.get_width() for bar in axes.patches] == [9, -4]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A", "B"]
    assert axes.yaxis_inverted()
    assert [text.get_text() for text in axes.texts] == ["+9", "-4"]


def test_shares_begin_at_nothing_and_end_with_the_whole():
    frame = pd.DataFrame({"partners": [1, 2, 3], "share": [0.5, 0.8, 1.0]})
    axes = charts.cumulated(frame, [(1, "50%")], "Partners")
    line = axes.lines[0]
    assert list(line.get_xdata()) == [0, 1, 2, 3]
    assert list(line.get_ydata()) == [0, 0.5, 0.8, 1.0]
    assert [text.get_text() for text in axes.texts] == ["50%"]


def test_each_model_is_a_mark_of_its_own_on_the_line_of_its_partner():
    frame = pd.DataFrame({"name": ["A", "B"], "first": [1.0, 5.0], "last": [4.0, 2.0]})
    axes = charts.credits_of(frame, [("first", "First"), ("last", "Last")], "EUR")
    drawn = {line.get_label(): (list(line.get_xdata()), line.get_marker()) for line in axes.lines}
    assert drawn == {"First": ([1.0, 5.0], "o"), "Last": ([4.0, 2.0], "s")}
    spans = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments()]
    assert spans == [[1.0, 4.0], [2.0, 5.0]]


def points(count: int, stance: str = "talk") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [f"Partner number {n}" for n in range(count)],
            "revenue": [100.0 + 3 * n for n in range(count)],
            "health": [60.0 + n % 4 for n in range(count)],
            "stance": [stance] * count,
        }
    )


def drawn(frame: pd.DataFrame):
    return charts.health_and_revenue(frame, (65, 85), ("Revenue", "Health"), "EUR")


def test_every_partner_is_a_point_and_what_it_calls_for_a_shape():
    frame = pd.concat([points(2), points(3, "invest")])
    axes = drawn(frame)
    seen = {(len(line.get_xdata()), line.get_marker()) for line in axes.lines[:3]}
    assert {(2, "s"), (3, "o")} <= seen
    assert axes.lines[2].get_color() == theme.AT_RISK


@pytest.mark.parametrize("count", [1, 12, 300])
def test_labels_cover_neither_each_other_nor_the_frame(count):
    axes = drawn(points(count))
    labels = [text for text in axes.texts if text.get_text()]
    boxes = [label.get_window_extent() for label in labels]
    assert labels
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    frame = axes.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_those_that_need_a_talk_are_named_before_others():
    quiet, loud = points(1, "keep"), points(12)
    loud["revenue"] += 500
    names = {text.get_text() for text in drawn(pd.concat([quiet.assign(name="Quiet"), loud])).texts}
    assert "Quiet" not in names
    assert names


def test_a_name_with_signs_of_a_formula_is_written_as_it_is():
    frame = pd.DataFrame({"name": ["$x$ & $y$"], "moved": [1.0], "said": ["+1"]})
    (label,) = charts.moves(frame, "EUR").get_yticklabels()
    assert label.get_text() == r"\$x\$ & \$y\$", "both signs escaped, so none opens a formula"
