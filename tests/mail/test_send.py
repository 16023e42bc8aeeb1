"""Sending, against a real server on loopback."""

from __future__ import annotations

import datetime
import threading

import pytest

from kpi_lib.errors import CallError, MailError
from kpi_lib.mail.finished_reports import sha256_of
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.password import VARIABLE
from kpi_lib.mail.send import Clock, only_sender
from kpi_lib.mail.workflow import Revision, approve, send, settle
from tests.mail.made import PASSWORD
from tests.mail.server import HOST, Plan, authorities, running


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv(VARIABLE, PASSWORD)


class Quick:
    """A clock that does not wait, and says how long it would have."""

    def __init__(self):
        self.moment, self.waits = 0.0, []

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.moment += seconds

    @property
    def clock(self):
        return Clock(lambda: self.moment, self.sleep, lambda: 0.5)


def sent(project, at, /, *, revision="", clock=None, **mail):
    """Send what is approved; return what came of it."""
    mailing = project.mailing(**at.settings() | mail)
    return send(
        mailing,
        Revision(revision),
        begin=lambda count: lambda entry: None,
        clock=clock or Quick().clock,
    )


def ready(project, server, **mail):
    outbox = project.outbox(**server.settings() | mail)
    assert outbox.held == ()
    return approve(project.folder)


def states(project):
    with Ledger.open(project.folder.parent) as ledger:
        return {entry.partner_id: entry.state for entry in ledger.latest("2011-Q3")}


def held(sending):
    return {one.partner_id: one.why for one in sending.held}


def test_each_partner_gets_its_own_message_once(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        sending = sent(project, server)
        assert sending.is_complete and len(sending.entries) == 4
        assert set(server.count().values()) == {1} and len(server.received) == 4
        for one in server.received:
            partner_id = one.to.partition("@")[2].partition(".")[0].upper()
            assert project.partners[partner_id] in one.message["Subject"]
            assert one.message["Date"] and one.message["Message-ID"]
            lines = one.content.split(b"\r\n")
            assert max(map(len, lines)) <= 998
        again = sent(project, server)
        assert (again.entries, again.sent_before, again.is_complete) == ([], 4, True)
        assert len(server.received) == 4
    assert set(states(project).values()) == {"sent"}


def test_what_arrives_is_what_was_approved_below_its_date(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        sent(project, server)
        one = next(r for r in server.received if r.to.endswith("@p1.invalid"))
    approved = (project.folder / "outbox" / "P1" / "1.eml").read_bytes()
    date, _, rest = one.content.partition(b"\r\n")
    assert date.startswith(b"Date: ")
    assert rest.rstrip() == approved.rstrip()


def test_only_what_is_approved_is_sent(project, tmp_path):
    with running(tmp_path) as server:
        project.outbox(**server.settings())
        approve(project.folder, ["P1", "ES"])
        sending = sent(project, server)
        assert {e.partner_id for e in sending.entries} == {"P1", "ES"}
        assert held(sending) == {"AB": "not approved", "P4": "not approved"}
        assert len(server.received) == 2


def test_a_message_made_anew_needs_approval_anew(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        project.outbox(**server.settings())
        assert set(states(project).values()) == {"approved"}, "the same bytes stay approved"
        project.outbox(**server.settings() | {"sender_name": "Another"})
        assert set(states(project).values()) == {"prepared"}
        sending = sent(project, server, sender_name="Another")
        assert set(held(sending).values()) == {"not approved"} and server.received == []


def test_a_message_that_somebody_edits_is_neither_approved_nor_sent(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        file = project.folder / "outbox" / "P1" / "1.eml"
        file.write_bytes(file.read_bytes().replace(b"P1", b"P2"))
        sending = sent(project, server)
        assert "not as it was written" in held(sending)["P1"]
        assert len(server.received) == 3
        with pytest.raises(CallError, match="not as `kpi outbox` wrote it"):
            approve(project.folder, ["P1"])


def test_a_second_message_of_a_period_needs_a_revision_with_a_reason(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        sent(project, server)
        assert [e.state for e in approve(project.folder).sent_before] == ["sent"] * 4
        assert sent(project, server).entries == []
        approve(project.folder, ["P1"])
        assert "--revision" in held(sent(project, server))["P1"]
        sending = sent(project, server, revision="the first one was lost")
        assert [e.partner_id for e in sending.entries] == ["P1"]
        assert sorted(server.count().values()) == [1, 1, 1, 2]
        outbox = {"sender_name": "With a name now"}
        project.outbox(**server.settings() | outbox)
        approve(project.folder)
        assert len(held(sent(project, server, **outbox))) == 4
        assert len(server.received) == 5


def test_nothing_is_sent_for_a_report_that_has_changed_since(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        page = project.folder / "partners" / "P1" / "scorecard.html"
        page.write_text(page.read_text()[:-100])
        project.record(lambda sending: sending["reports"][2].update(state="failed"))
        sending = sent(project, server)
        assert "partial" in held(sending)["P1"] and "failed" in held(sending)["AB"]
        assert len(server.received) == 2


def test_nothing_is_sent_of_reports_that_are_older_than_their_data(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        orders = project.root / "data" / "orders.csv"
        orders.write_text(orders.read_text() + "4,,P2,2024-05-03,31\n")
        why = "its report is older than its data: orders changed"
        assert set(held(sent(project, server)).values()) == {why}
        assert server.received == []


def test_nothing_is_sent_that_was_written_before_its_report_was_made_anew(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        page = project.folder / "partners" / "P1" / "scorecard.html"
        page.write_text(page.read_text() + "<!-- made anew -->")
        name, made = "partners/P1/scorecard.html", sha256_of(page)
        project.record(lambda record: record["reports"][0]["files"].update({name: made}))
        assert "its report was made anew" in held(sent(project, server))["P1"]
        assert len(server.received) == 3
        ready(project, server)
        assert sent(project, server).is_complete and len(server.received) == 4


def test_a_recipient_that_is_gone_or_opted_out_gets_nothing(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        (project.root / "params" / "opted_out.csv").write_text("email\nContact.1@P1.invalid\n")
        sending = sent(project, server)
        assert held(sending) == {"P1": "it is no recipient any more"}
        assert len(server.received) == 3


# --- faults of the server -------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "after_end"])
def test_what_is_put_off_is_tried_again_and_arrives_once(project, tmp_path, stage):
    with running(tmp_path, Plan(stage, 2, "451 try later")) as server:
        ready(project, server)
        quick = Quick()
        sending = sent(project, server, clock=quick.clock)
        assert sending.is_complete
        assert list(server.count().values()) == [1] * 4
        assert any(wait > 1 for wait in quick.waits)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "after_end"])
def test_what_is_refused_is_not_tried_again_and_stops_nobody_else(project, tmp_path, stage):
    with running(tmp_path, Plan(stage, 2, "550 no such user")) as server:
        ready(project, server)
        sending = sent(project, server)
        assert sorted(e.state for e in sending.entries) == ["refused", "sent", "sent", "sent"]
        assert len(server.received) == 3
        assert any("550 no such user" in why for why in held(sent(project, server)).values())
        approve(project.folder)
        assert sent(project, server).is_complete, "once it is approved again"
        assert list(server.count().values()) == [1] * 4


def test_a_server_that_puts_off_without_end_is_left_alone(project, tmp_path):
    with running(tmp_path, Plan("rcpt", act="451 later", always=True)) as server:
        ready(project, server)
        quick = Quick()
        sending = sent(project, server, clock=quick.clock, tries=3)
        assert [e.state for e in sending.entries] == ["approved"] * 4
        assert {e.note for e in sending.entries} == {"put off: 451 later"}
        assert sum(wait > 1 for wait in quick.waits) == 2, "two waits, then the last try"
        assert server.received == [] and not sending.is_complete


def test_a_line_that_breaks_after_the_end_leaves_a_message_unknown(project, tmp_path):
    with running(tmp_path, Plan("kept_then_gone", 2)) as server:
        ready(project, server)
        sending = sent(project, server)
        unknown = next(e for e in sending.entries if e.state == "unknown")
        assert len(server.received) == 4, "the server had it"
        again = sent(project, server)
        assert f"kpi settle {unknown.name}" in held(again)[unknown.partner_id]
        assert len(server.received) == 4, "it is not sent again by itself"
        settle(project.folder.parent, unknown.name, was_sent=True)
        assert sent(project, server).sent_before == 4
        with pytest.raises(CallError, match="nothing to settle"):
            settle(project.folder.parent, unknown.name, was_sent=False)
        with pytest.raises(CallError, match="no such message"):
            settle(project.folder.parent, "nothing", was_sent=False)


def test_what_a_person_found_not_to_have_arrived_is_sent(project, tmp_path):
    with running(tmp_path, Plan("after_end", 1)) as server:
        ready(project, server)
        sending = sent(project, server)
        unknown = next(e for e in sending.entries if e.state == "unknown")
        settle(project.folder.parent, unknown.name, was_sent=False)
        assert [e.state for e in sent(project, server).entries] == ["sent"]
        assert list(server.count().values()) == [1] * 4


def test_the_rate_is_kept(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        quick = Quick()
        sent(project, server, clock=quick.clock, per_minute=6)
        assert [round(wait) for wait in quick.waits] == [10, 10, 10]


def test_of_two_senders_one_waits(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        mailing, waited, sendings = project.mailing(**server.settings()), threading.Event(), []

        def second():
            one = send(mailing, Revision(), begin=lambda n: lambda e: None, waits=waited.set)
            sendings.append(one)

        other = threading.Thread(target=second)
        with only_sender(project.folder.parent):
            other.start()
            assert waited.wait(20) and server.received == []
        other.join(30)
        assert sendings[0].is_complete and list(server.count().values()) == [1] * 4


# --- what is refused before anything is sent ------------------------------------------------------


def refusal(project, server, /, **more):
    with pytest.raises(MailError) as error:
        sent(project, server, server=server.settings(**more)["server"])
    assert server.received == []
    assert set(states(project).values()) == {"approved"}, "nothing was lost either"
    return str(error.value)


def test_an_untrusted_certificate_is_refused(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
        other = tmp_path / "other"
        other.mkdir()
        _, elsewhere = authorities(other)
        assert "certificate cannot be trusted" in refusal(project, server, ca_file=elsewhere)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["expired", "another host"])
def test_an_expired_certificate_and_one_of_another_host_are_refused(project, tmp_path, tls, fault):
    authority = authorities(tmp_path)
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    bad = (
        authority[0].issue_cert(HOST, not_after=past)
        if fault == "expired"
        else authority[0].issue_cert("mail.elsewhere.example")
    )
    with running(tmp_path, certificate=bad, authority=authority, tls=tls, auth=False) as server:
        ready(project, server)
        message = refusal(project, server, security=tls, username=None)
        assert "certificate cannot be trusted" in message
        assert ("expired" if fault == "expired" else "match") in message


def test_implicit_tls_works_too(project, tmp_path):
    with running(tmp_path, tls="implicit", auth=False) as server:
        ready(project, server)
        settings = server.settings(security="implicit", username=None)
        assert sent(project, server, server=settings["server"]).is_complete


def test_a_server_without_starttls_is_refused(project, tmp_path):
    with running(tmp_path, tls="none", auth=False) as server:
        ready(project, server)
        message = refusal(project, server)
        assert "it lacks what is needed: STARTTLS" in message


def test_a_wrong_password_is_refused_and_not_printed(project, tmp_path, monkeypatch):
    with running(tmp_path) as server:
        ready(project, server)
        monkeypatch.setenv(VARIABLE, "another password")
        message = refusal(project, server)
        assert "does not accept scorecards" in message and "another password" not in message


def test_without_a_password_nothing_is_tried(project, tmp_path, monkeypatch):
    with running(tmp_path) as server:
        ready(project, server)
        monkeypatch.delenv(VARIABLE)
        assert f"Set {VARIABLE}" in refusal(project, server)


def test_plain_is_for_loopback_only_and_only_if_asked_for(project, tmp_path):
    with running(tmp_path, tls="none", auth=False) as server:
        ready(project, server)
        settings = server.settings(security="plain", username=None)
        assert sent(project, server, server=settings["server"]).is_complete
    for host in ("mail.example.com", "192.0.2.1", "localhost.example"):
        with pytest.raises(MailError, match="is another machine"):
            sent(project, server, server=settings["server"] | {"host": host})


def test_a_server_that_is_not_there_is_reported_after_some_tries(project, tmp_path):
    with running(tmp_path) as server:
        ready(project, server)
    quick = Quick()
    with pytest.raises(MailError, match="no connection after 3 tries"):
        sent(project, server, clock=quick.clock, tries=3)
    assert len(quick.waits) == 2
    assert set(states(project).values()) == {"approved"}


def test_without_a_server_or_a_sender_nothing_can_be_sent(project):
    project.outbox()
    approve(project.folder)
    for mail in ({}, {"server": {"host": HOST}}):
        with pytest.raises(MailError, match="is not set, so nothing can be sent"):
            send(project.mailing(**mail), Revision(), begin=lambda n: lambda e: None)
