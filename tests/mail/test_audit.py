"""Who was sent what, approved by whom: the account that `kpi mail audit` gives."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict

from kpi_lib.mail.audit import accounts, as_csv, as_json
from kpi_lib.mail.finished_reports import sha256_of
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.workflow import approve, settle
from tests.mail.made import PERIOD
from tests.mail.server import Plan, running
from tests.mail.test_send import sent

ANNA, BEN = Operator("Anna Kay"), Operator("Ben Lee")


def account_by_partner(project, period=None):
    with Ledger.open(project.folder.parent) as ledger:
        return {one.partner_id: one for one in accounts(ledger, period)}


def test_each_message_is_accounted_for_with_its_bytes_and_its_approval(project, server):
    project.outbox(**server.settings())
    approve(project.folder, ["P1"], ANNA)
    approve(project.folder, [], BEN)
    sent(project, server)
    by_partner = account_by_partner(project)
    assert by_partner["P1"].approved_by.startswith("Anna Kay (")
    assert by_partner["ES"].approved_by.startswith("Ben Lee (")
    for received in server.received:
        one = next(one for one in by_partner.values() if one.email == received.to)
        assert one.message_id == str(received.message["Message-ID"])
        assert (one.state, one.answer) == ("sent", "250 kept")
        file = project.folder / "outbox" / one.partner_id / "1.eml"
        assert one.sha256 == sha256_of(file)
        assert one.prepared_at <= one.approved_at <= one.sent_at
        assert one.approved_on == one.sent_from == Operator().host
    assert (
        account_by_partner(project, "2011-Q2") == {}
        and len(account_by_partner(project, PERIOD)) == 4
    )


def test_a_try_that_is_put_off_takes_nobodys_approval_away(project, tmp_path, password):
    with running(tmp_path, Plan("rcpt", 1, "451 later")) as server:
        project.outbox(**server.settings())
        approve(project.folder, operator=ANNA)
        sent(project, server)
    assert {one.approved_by[:8] for one in account_by_partner(project).values()} == {"Anna Kay"}


def test_who_settled_a_message_stands_beside_who_approved_it(project, tmp_path, password):
    with running(tmp_path, Plan("kept_then_gone", 1)) as server:
        project.outbox(**server.settings())
        approve(project.folder, operator=ANNA)
        sending = sent(project, server)
        unknown = next(entry for entry in sending.entries if entry.state == "unknown")
        settle(project.folder.parent, unknown.name, was_sent=True, operator=BEN)
    one = account_by_partner(project)[unknown.partner_id]
    assert one.approved_by.startswith("Anna Kay") and one.settled_by.startswith("Ben Lee")
    assert one.state == "sent" and one.answer == "settled: it was sent"


def test_a_file_for_a_spreadsheet_starts_no_formula(project, server):
    project.outbox(**server.settings())
    approve(project.folder, operator=Operator("=cmd|' /C calc'!A0"))
    with Ledger.open(project.folder.parent) as ledger:
        accounts_of_all = accounts(ledger)
    rows = list(csv.DictReader(io.StringIO(as_csv(accounts_of_all))))
    assert {row["approved_by"][:2] for row in rows} == {"'="}
    assert json.loads(as_json(accounts_of_all)) == [asdict(one) for one in accounts_of_all]
