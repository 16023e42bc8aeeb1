"""What every test may use."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def words_of_doctests(request: pytest.FixtureRequest) -> None:
    """Give the doctests of KPIs their `value_of`, which stands on a floor above theirs."""
    if isinstance(request.node, pytest.DoctestItem):
        from kpi_lib.measure.worked import value_of

        request.node.dtest.globs["value_of"] = value_of
