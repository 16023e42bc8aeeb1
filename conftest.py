"""What every test may use."""

from __future__ import annotations

import ipaddress
import sys

import pytest

collect_ignore_glob = ["kpi_lib/starter/files/*"]  # tests of a company's project, for that one


@pytest.fixture(autouse=True)
def words_of_doctests(request: pytest.FixtureRequest) -> None:
    """Give the doctests of KPIs their `value_of`, which stands on a floor above theirs."""
    if isinstance(request.node, pytest.DoctestItem):
        from kpi_lib.testing.tables_in_text import value_of

        request.node.dtest.globs["value_of"] = value_of


def _stay_at_home(event: str, arguments: tuple) -> None:
    """Let no test speak to another machine, whatever it is configured to do."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
            raise PermissionError(f"a test asked for a connection to {host}")


sys.addaudithook(_stay_at_home)
