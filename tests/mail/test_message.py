"""A message: what its headers say, what mail clients can show, the same bytes each time."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.policy import SMTP, compat32, default
from email.utils import parseaddr
from html import unescape

import pytest

from kpi_lib.errors import MailError, RunError, SettingsError
from kpi_lib.mail.message import Attachment, Envelope, file_name, message_of, subject_of
from kpi_lib.publish.digest_exporter import Digest
from tests.mail.made import company

SENDER = Address("Example Trading", addr_spec="scorecards@sender.invalid")
PICTURE = b"\x89PNG\r\n\x1a\n"


def message_to(project, partner_id, **mail):
    mailing = project.mailing(**mail)
    content = mailing.composer.message(mailing.recipients.of(partner_id)[0])
    return message_from_bytes(content, policy=default)


def html_of(message):
    return message.get_body(("html",)).get_content()


def text_of(message):
    return message.get_body(("plain",)).get_content()


def test_the_headers_say_whom_it_is_from_and_to_and_how_to_get_no_more(project):
    project.recipients(["P1,anna@p1.invalid,\u00c4nne M\u00fcller,en,html"])
    mail = {
        "sender": "scorecards@sender.invalid",
        "sender_name": "Example & S\u00f6hne",
        "reply_to": "partners@sender.invalid",
        "unsubscribe": "stop@sender.invalid",
    }
    message = message_to(project, "P1", **mail)
    assert message["From"].addresses[0].display_name == "Example & S\u00f6hne"
    assert message["To"].addresses == (
        Address("\u00c4nne M\u00fcller", addr_spec="anna@p1.invalid"),
    )
    assert message["Reply-To"].addresses[0].addr_spec == "partners@sender.invalid"
    assert message["List-Unsubscribe"] == "<mailto:stop@sender.invalid?subject=unsubscribe>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Scorecard Q3 2011: Alder & S\u00f6hne"
    assert message["Message-ID"].endswith("@sender.invalid>")
    assert message["Date"] is None, "the sender writes it"


def raw_headers_of(project, **mail) -> bytes:
    mailing = project.mailing(**mail)
    content = mailing.composer.message(mailing.recipients.of("P1")[0])
    return content.partition(b"\r\n\r\n")[0]


def test_one_click_asks_for_no_more_where_the_settings_name_a_page(project):
    project.recipients(["P1,anna+q@p1.invalid,Anna,en,html"])
    url = f"https://sender.invalid/stop?key={'0123456789abcdef' * 12}&who={{email}}"
    head = raw_headers_of(project, unsubscribe="stop@sender.invalid", unsubscribe_url=url)
    written = url.replace("{email}", "anna%2Bq%40p1.invalid").encode()
    first, second = b"<" + written + b">,", b" <mailto:stop@sender.invalid?subject=unsubscribe>"
    assert b"\r\nList-Unsubscribe: " + first + b"\r\n" + second + b"\r\n" in head
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in head
    assert max(map(len, head.split(b"\r\n"))) <= 998


def test_without_a_page_there_is_no_one_click_and_a_long_address_stays_as_it_is(project):
    local = "stop-" + "x" * 59
    address = f"{local}@{'a' * 40}.sender.invalid"
    head = raw_headers_of(project, unsubscribe=address)
    assert b"List-Unsubscribe: <mailto:" + address.encode() + b"?subject" in head
    assert b"List-Unsubscribe-Post" not in head


@pytest.mark.parametrize(
    "url", ["http://sender.invalid/stop", "https://x y", "https://x>,<mailto:a@b", "javascript:x"]
)
def test_a_page_to_unsubscribe_that_is_not_https_is_refused(project, url):
    with pytest.raises(SettingsError, match="unsubscribe_url"):
        project.settings(unsubscribe_url=url)


def test_answers_reach_the_account_manager(made_once, tmp_path):
    def managed(raw):
        raw["partner"]["manager"] = "Mona Manager"
        return raw

    project = company(tmp_path, {"P1": "Alder"}, managed)
    message = message_to(project, "P1", managers={"Mona Manager": "mona@sender.invalid"})
    assert str(message["Reply-To"]) == "Mona Manager <mona@sender.invalid>"
    assert "Answers reach Mona Manager." in text_of(message)
    with pytest.raises(MailError, match=r"mail\.managers\.Mona Manager"):
        project.mailing(managers={"Mona Manager": "mona"})


def test_the_same_inputs_give_the_same_bytes(project):
    once, again = project.outbox().written, project.outbox().written
    assert [w.sha256 for w in once] == [w.sha256 for w in again]
    assert [w.mark for w in once] == [w.mark for w in again]
    other = project.outbox(sender_name="Another").written
    assert not {w.mark for w in once} & {w.mark for w in other}


def test_the_parts_are_text_html_with_its_images_and_the_scorecard(project):
    message = message_to(project, "P1")
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related",
                     "text/html", "image/png", "text/html"]  # fmt: skip
    page = (project.folder / "partners" / "P1" / "scorecard.html").read_text()
    attached = next(message.iter_attachments())
    assert attached.get_content().replace("\r\n", "\n") == page
    assert attached.get_filename() == "Alder & S\u00f6hne scorecard 2011-Q3.html"


def test_images_and_content_ids_match_one_to_one(project):
    message = message_to(project, "P1")
    shown = re.findall(r'<img[^>]*src="cid:([^"]+)"', html_of(message))
    carried = [str(p["Content-ID"])[1:-1] for p in message.walk() if p["Content-ID"]]
    assert shown == carried and len(shown) == 1
    assert len(re.findall(r"<img\b", html_of(message))) == 1
    assert re.findall(r'alt="([^"]+)"', html_of(message))[0].startswith("Chart of Joint revenue")
    with pytest.raises(RunError, match="shows the images"):
        message_of(envelope(), Digest('<img src="cid:a">', "text", {"b": PICTURE}))


DENIED = ("<script", "<svg", "<form", "<iframe", "<link", "<video", "<base", "@import",
          "@font-face", "data:", "http:", "https:", "url(", "javascript:", "position:", "float:",
          "flex", "grid",
          " onload", " onclick", "<input", "<object", "<embed", "var(--")  # fmt: skip


def test_the_html_holds_nothing_that_clients_drop_or_block(project):
    html = html_of(message_to(project, "P1"))
    assert [word for word in DENIED if word in html.lower()] == []
    assert len(html.encode()) <= 80_000 and html.isascii()
    assert 'width="600"' in html and "prefers-color-scheme: dark" in html
    body = html[html.index("<body") :]
    assert not re.search(r"<(?:p|td|h1|h2|span)\b(?![^>]*style=)(?![^>]*class=\"left)", body)


def test_html_and_text_say_the_same_figures(project):
    message = message_to(project, "AB")
    plain = unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", html_of(message), flags=re.S))
    figure = re.compile(r"\d[\d,.]*\d|\d")
    body = plain[plain.index("At a glance") : plain.index("Figures as of")]
    text = text_of(message)
    for found in figure.findall(body):
        assert found in text
    assert text.index("At a glance") < text.index("What to do next") < text.index("You get this")


def test_lines_stay_within_what_servers_carry(project):
    for written in project.outbox().written:
        content = (project.folder / "outbox" / written.file).read_bytes()
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert b"\n" not in content.replace(b"\r\n", b"")


def test_each_recipient_is_written_to_in_its_language_and_gets_what_it_prefers(project):
    project.recipients(["P1,a@p1.invalid,A,de,none", "P1,b@p1.invalid,B,en,pdf"])
    outbox = project.outbox()
    assert [(w.language, w.attached) for w in outbox.written] == [("de", ())]
    assert "wants the scorecard as PDF" in outbox.held[0].why
    message = message_from_bytes((project.folder / "outbox/P1/1.eml").read_bytes(), policy=default)
    assert '<html lang="de">' in html_of(message)
    assert message["Subject"] == "Scorecard Q3 2011: Alder & S\u00f6hne"
    assert "Auf einen Blick" in html_of(message)
    assert "At a glance" not in html_of(message)


def test_a_pdf_that_the_run_did_not_make_is_not_attached(project):
    project.recipients(["P1,b@p1.invalid,B,en,pdf"])
    (project.folder / "partners" / "P1" / "scorecard.pdf").write_bytes(b"%PDF-1.7 somebody's")
    assert "the run made no scorecard.pdf" in project.outbox().held[0].why


def envelope(subject="Scorecard", name="Anna"):
    to = Address(name, addr_spec="anna@p1.invalid")
    return Envelope(SENDER, to, SENDER, "stop@sender.invalid", subject_of(subject))


@pytest.mark.parametrize(
    "subject",
    ["A\r\nBcc: all@other.example", "A\nBcc: x", "A\u202eB\u2066C", "A\x00B", "x" * 10_000,
     "\u682a\u5f0f\u4f1a\u793e" * 300, "=?utf-8?q?x?="],
)  # fmt: skip
def test_no_subject_can_add_a_header_or_turn_text_around(subject):
    content = message_of(envelope(subject), Digest("<p>x</p>", "x"))
    message = message_from_bytes(content, policy=default)
    assert message["Bcc"] is None
    assert message.keys().count("Subject") == 1
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", message["Subject"])
    assert len(message["Subject"]) <= 150


@pytest.mark.parametrize("name", ['Anna "The Best" Elm', "Elm, Anna", "a@b", "\u00c4" * 190, "(x)"])
def test_a_name_arrives_as_it_is_written(name):
    content = message_of(envelope(name=name), Digest("<p>x</p>", "x"))
    # As RFC 2047 reads it: Python's own reading of an address leaves spaces between the words.
    written = message_from_bytes(content, policy=compat32)["To"].replace("\r\n", "")
    shown, address = parseaddr(written)
    assert str(make_header(decode_header(shown))) == name
    assert address == "anna@p1.invalid"
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_no_header_takes_a_line_break():
    with pytest.raises(ValueError, match=r"(?i)newline|linefeed|CR"):
        message_of(envelope(name="A\r\nBcc: x"), Digest("<p>x</p>", "x"))


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("../../etc/passwd", "etc passwd x.html"),
        ("A\u202egnp.exe", "Agnp.exe x.html"),
        ("S\u00f6hne / Co. \"KG\"", "S\u00f6hne Co. KG x.html"),
        ("x" * 10_000, "x" * 60 + " x.html"),
        ("\u682a\u5f0f\u4f1a\u793e", "\u682a\u5f0f\u4f1a\u793e x.html"),
    ],
)  # fmt: skip
def test_file_names_are_readable_and_harmless(name, readable):
    name_of_file = file_name(name, "x", ending="html")
    assert name_of_file == readable
    attached = (Attachment(name_of_file, "text/html", b"<p>x</p>"),)
    content = message_of(envelope(), Digest("<p>x</p>", "x"), attached)
    found = next(message_from_bytes(content, policy=SMTP).iter_attachments())
    assert found.get_filename() == name_of_file


def test_a_hostile_partner_name_is_text_and_an_invisible_one_is_held_back(tmp_path):
    names = {"P1": '<script>alert(1)</script> & "S\u00f6hne"', "P2": "A\u202eB", "P3": "x" * 10_000}
    project = company(tmp_path, names)
    outbox = project.outbox()
    assert [(h.partner_id, "U+202E" in h.why) for h in outbox.held] == [("P2", True)]
    html = html_of(message_to(project, "P1"))
    assert "<script" not in html and "&lt;script&gt;" in html
    assert len(html_of(message_to(project, "P3")).encode()) <= 80_000
    longest = next(w for w in outbox.written if w.partner_id == "P3")
    assert len(longest.subject) <= 150 and len(longest.attached[0]) < 100
