"""What the tests of a ledger that is lost share."""

from __future__ import annotations

import pytest

from kpi_lib.errors import MailError
from kpi_lib.mail.events import ledger_file
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.workflow import approve, settle
from tests.mail.test_send import sent

ME = Operator("Anna Kay")
WHY = "the disk was restored from Monday"


def file_of(project):
    return ledger_file(project.folder.parent)


def refused(project, server) -> set[str]:
    """Hold that nothing can be done; return what was found."""
    reports, before = project.folder.parent, len(server.received)
    found = set()
    for do in (
        lambda: project.outbox(**server.settings()),
        lambda: approve(project.folder),
        lambda: sent(project, server),
        lambda: settle(reports, "0a1b2c", was_sent=True),
    ):
        with pytest.raises(MailError) as error:
            do()
        assert all("kpi ledger" in problem.todo for problem in error.value.problems)
        found |= {problem.found for problem in error.value.problems}
    assert len(server.received) == before, "nobody got anything"
    return found


def all_again(project, server) -> None:
    """Do all that an operator does of a period."""
    project.outbox(**server.settings())
    approve(project.folder)
    sent(project, server)
