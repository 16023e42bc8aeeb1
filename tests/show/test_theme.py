"""The sheets of a page and of its parts in a notebook."""

from __future__ import annotations

import re

from kpi_lib.show.common.theme import notebook_css, page_css


def selectors(sheet: str) -> list[str]:
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return [one.strip() for rule in re.findall(r"([^{}@]+)\{", bare) for one in rule.split(",")]


def test_every_rule_of_a_notebook_counts_for_more_than_jupyters_and_touches_only_our_parts():
    ours = [one for one in selectors(notebook_css()) if not one.startswith(("media", "print"))]
    weak = [one for one in ours if ".scorecard.scorecard.scorecard.scorecard" not in one]
    assert [one for one in weak if not one.startswith(("media", "screen"))] == []


def test_a_page_has_the_same_rules_but_for_those_that_take_jupyters_back():
    plain = notebook_css().replace(".scorecard.scorecard.scorecard.scorecard", ".scorecard")
    assert plain.endswith(page_css())
    assert "all: revert" not in page_css()
