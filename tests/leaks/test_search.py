"""The leak check: every planted leak stops its message, and nothing else does."""

from __future__ import annotations

import base64
import io
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from kpi_lib.address import Address
from kpi_lib.leaks.figure_search import Numbers
from kpi_lib.leaks.of_machine import secrets_of
from kpi_lib.leaks.search import Known, LeakCheck, Person
from tests import given
from tests.mail.made import company

OTHER = {"name": "Cedar", "id": "P4", "email": "contact.4@p4.invalid", "contact": "Nora Ash"}


@pytest.fixture(scope="module")
def mailing(made_once):
    made_once.recipients(
        [
            "P1,anna@p1.invalid,Anna Elm,en,html",
            "AB,ben@ab.invalid,Ben Oak,de,html",
            "ES,cleo@es.invalid,Cleo Fir,en,none",
            "P4,contact.4@p4.invalid,Nora Ash,en,html",
        ]
    )
    opened = made_once.mailing()
    yield opened
    made_once.recipients()


def message_to(mailing, partner_id) -> EmailMessage:
    content = mailing.composer.message(mailing.recipients.of(partner_id)[0])
    return message_from_bytes(content, policy=SMTP)


def leaks(mailing, message, partner_id="P1"):
    own = mailing.reports.slice_of(partner_id).content
    return [str(leak) for leak in mailing.check.leaks(message.as_bytes(), partner_id, own)]


def html_edited(message, old, new, count=1):
    body = message.get_body(("html",))
    html = body.get_content()
    assert old in html
    images = [p for p in message.walk() if p.get_content_maintype() == "image"]
    assert images
    body.set_content(html.replace(old, new, count), subtype="html")
    return message


def pdf_with(text: str) -> bytes:
    """Return a PDF that says a text, as a viewer shows it."""
    writer = PdfWriter()
    page = writer.add_blank_page(300, 200)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def attach(message, content, kind, name="more"):
    maintype, _, subtype = kind.partition("/")
    if isinstance(content, str):
        message.add_attachment(content, subtype=subtype, filename=name)
    else:
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message


def in_paragraph(text):
    return lambda m: html_edited(m, "</h1>", f"</h1><p>{text}</p>")


def in_header(name, value):
    def plant(message):
        message[name] = value
        return message

    return plant


def own_figure_of(mailing, partner_id):
    value = mailing.reports.slice_of(partner_id).measures["revenue"].value
    return value


ENTITIES = "".join(f"&#{ord(c)};" for c in "Cedar")
HEX_ENTITIES = "".join(f"&#x{ord(c):x};" for c in "Cedar")
IN_BASE64 = base64.b64encode(b"Cedar").decode()
LONGER_IN_BASE64 = base64.b64encode(b"as good as Cedar, P4").decode()
SVG = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'><text>Cedar</text></svg>").decode()

NAME_PLANTS = {
    "in the text": in_paragraph("better than Cedar this time"),
    "in capitals": in_paragraph("better than CEDAR this time"),
    "in the alternative text": lambda m: html_edited(m, 'alt="', 'alt="Cedar, '),
    "in a title": in_paragraph('<span title="Cedar">others</span>'),
    "in a class": in_paragraph('<span class="Cedar">others</span>'),
    "in a comment": in_paragraph("<!-- Cedar -->"),
    "in a style": in_paragraph("<style>/* Cedar */</style>"),
    "cut by elements": in_paragraph("<b>Ce</b><i>dar</i>"),
    "cut by a soft hyphen": in_paragraph("Ce&shy;dar"),
    "cut by an invisible space": in_paragraph("Ce\u200bdar"),
    "as entities": in_paragraph(ENTITIES),
    "as hexadecimal entities": in_paragraph(HEX_ENTITIES),
    "as entities in the plain text": lambda m: attach(m, ENTITIES, "text/plain", "a.txt"),
    "in full width letters": in_paragraph("\uff23\uff45\uff44\uff41\uff52"),
    "in base64": in_paragraph(IN_BASE64),
    "in a longer base64": in_paragraph(LONGER_IN_BASE64),
    "in an image's data": in_paragraph(f'<img alt="" src="data:image/svg+xml;base64,{SVG}">'),
    "in a link": in_paragraph('<a href="mailto:a@p1.invalid?subject=Ce%64ar">write</a>'),
    "in a file name": lambda m: attach(m, "nothing", "text/plain", "Cedar.txt"),
    "in a file name with marks": lambda m: attach(m, "nothing", "text/plain", "x_Cedar-2.txt"),
    "in a CSV": lambda m: attach(m, "partner,revenue\nCedar,1\n", "text/csv", "a.csv"),
    "in a CSV in base64": lambda m: attach(m, "partner\nCedar\n", "text/csv", "a.csv"),
    "in a PDF": lambda m: attach(m, pdf_with("better than Cedar"), "application/pdf", "a.pdf"),
    "in an attached page": lambda m: attach(m, "<p>Cedar</p>", "text/html", "a.html"),
    "in a header": in_header("X-Note", "Cedar"),
    "in an encoded header": in_header("X-Note", "Söhne of Cedar"),
    "in the subject": lambda m: (m.replace_header("Subject", "Cedar did well"), m)[1],
    "as a second recipient": in_header("Cc", "Someone <contact.4@p4.invalid>"),
}


def test_what_stands_beside_the_parts_of_a_message_stops_it(mailing):
    message = message_to(mailing, "P1")
    message.preamble = "better than Cedar"
    assert leaks(mailing, message)


def test_a_text_in_letters_that_nobody_knows_stops_the_message(mailing):
    message = message_to(mailing, "P1")
    message.get_body(("html",)).set_param("charset", "x-unknown")
    assert any("no text in x-unknown" in line for line in leaks(mailing, message))


@pytest.mark.parametrize("plant", NAME_PLANTS.values(), ids=NAME_PLANTS)
def test_another_partners_name_stops_the_message(mailing, plant):
    message = message_to(mailing, "P1")
    assert leaks(mailing, message) == []
    found = leaks(mailing, plant(message))
    assert any("P4" in line for line in found), found


@pytest.mark.parametrize("what", OTHER)
def test_whatever_names_another_partner_stops_the_message(mailing, what):
    message = in_paragraph(f"see {OTHER[what]}.")(message_to(mailing, "P1"))
    assert any("of P4" in line for line in leaks(mailing, message))


@pytest.mark.parametrize(
    "written",
    ["{:,.0f}", "{:.0f}", "{:,.2f}", "{}", "£{:,.0f}", "{:.0f} EUR", "EUR{:.0f}"],
)
def test_a_figure_of_another_partner_stops_the_message(mailing, written):
    value = own_figure_of(mailing, "P4")
    english = written.format(value)
    for text in (english, english.translate(str.maketrans(",.", ".,"))):
        message = in_paragraph(text)(message_to(mailing, "P1"))
        assert any("not this partner's" in line for line in leaks(mailing, message)), text


def test_a_figure_of_another_partner_is_found_in_alt_texts_csv_and_pdf(mailing):
    figure = f"{own_figure_of(mailing, 'P4'):,.0f}"
    plants = (
        lambda m: html_edited(m, 'alt="', f'alt="{figure} '),
        lambda m: attach(m, f"a\n{figure.replace(',', '')}\n", "text/csv", "a.csv"),
        lambda m: attach(m, pdf_with(figure), "application/pdf", "a.pdf"),
        lambda m: attach(m, f"<svg><text>{figure}</text></svg>", "text/html", "a.html"),
    )
    for plant in plants:
        found = leaks(mailing, plant(message_to(mailing, "P1")))
        assert any("not this partner's" in line for line in found)


def test_what_is_internal_stops_the_message(mailing):
    for text in ("Gross margin", "gross_margin", "GROSS MARGIN 12%"):
        message = in_paragraph(text)(message_to(mailing, "P1"))
        assert any("internal KPI" in line for line in leaks(mailing, message)), text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("/" + "home/anna/reports", "a path"),
        ("see C:\\data\\x", "a path"),
        ("file:/etc/x", "a path"),
        ("edition = internal", "a parameter"),
        ("params/project.yml", "a parameter"),
        ("half_life_days: 30", "a parameter"),
        ("postgresql://anna:secret@db.example/x", "a secret"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a secret"),
    ],
)
def test_paths_parameters_and_secrets_stop_the_message(mailing, text, what):
    found = leaks(mailing, in_paragraph(text)(message_to(mailing, "P1")))
    assert any(what in line for line in found), found


def test_a_password_of_the_environment_stops_the_message_and_is_not_printed(made_once, monkeypatch):
    monkeypatch.setenv("KPI_MAIL_PASSWORD", "hunter2hunter2")
    mailing = made_once.mailing()
    found = leaks(mailing, in_paragraph("hunter2hunter2")(message_to(mailing, "P1")))
    assert [line.endswith(": a secret") for line in found] == [True]
    assert secrets_of((), {"API_TOKEN": "abc", "DB_PASSWORD": "long enough", "HOME": "x" * 9}) == (
        "long enough",
    )


def test_the_database_s_password_stops_the_message_wherever_it_is_kept(
    project, tmp_path, monkeypatch
):
    kept = tmp_path / "password"
    kept.write_text("zaunkoenig42\n")
    kept.chmod(0o600)
    monkeypatch.setenv("KPI_DATA_PASSWORD_FILE", str(kept))
    mailing = project.mailing()
    found = leaks(mailing, in_paragraph("zaunkoenig42")(message_to(mailing, "P1")))
    assert [line.endswith(": a secret") for line in found] == [True]
    url = Address("mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3D%7Bspatz%2142%7D")
    assert "spatz!42" in url.passwords()
    assert Address("postgresql://ann:gei%40heim@db/sales").passwords() == {"gei%40heim", "gei@heim"}


def test_a_part_that_cannot_be_read_stops_the_message(mailing):
    for content, kind in (
        (b"PK\x03\x04", "application/zip"),
        (b"%PDF-1.4 broken", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n tEXt Cedar", "image/png"),
        (b"GIF89a", "image/gif"),
    ):
        found = leaks(mailing, attach(message_to(mailing, "P1"), content, kind, "a.bin"))
        assert len(found) >= 1, kind


def test_every_message_of_the_company_may_go_out(mailing):
    for partner_id in ("P1", "AB", "ES", "P4"):
        assert leaks(mailing, message_to(mailing, partner_id), partner_id) == []


# --- what is no leak ------------------------------------------------------------------------------


def check_of(partners, own_words=()):
    return LeakCheck(
        Known(
            partners=partners,
            people=(Person("P1", "Anna Elm", "anna@spain.invalid"),),
            internal={"gross_margin": "Gross margin"},
            figures=Numbers([41257.13, 58391.77, 64321.75]),
            own_words=own_words,
        )
    )


def leaks_in(text, partners, raw=None, own_words=()):
    message = EmailMessage(policy=SMTP)
    message.set_content(text)
    raw = raw or {"partner": {"partner_id": "P1", "name": "Alder"}, "kpis": []}
    found = check_of(partners, own_words).leaks(message.as_bytes(), "P1", given.content(raw))
    return [str(leak) for leak in found]


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        pytest.param("Ab 3. August, ab sofort", {"P2": "AB"}, id="a German word is no AB"),
        pytest.param("Your target is near", {"P2": "Target"}, id="a word of every page"),
        pytest.param("12 customers, 7 orders", {"12": "Twelve Oaks", "7": "Seven"}, id="numbers"),
        pytest.param("this partner: 7 orders", {"7": "7"}, id="a count after the word"),
        pytest.param("a season comes back", {"a": "Birch", "A": "Cedar"}, id="one letter"),
        pytest.param("Spaniels of Spainville", {"P2": "Spain"}, id="within another word"),
        pytest.param("Alder Spain Ltd", {"P2": "Spain"}, id="within the own name"),
        pytest.param("write to anna@spain.invalid", {"P2": "Spain"}, id="in the own address"),
    ],
)
def test_an_ordinary_word_is_nobodys_name(text, partners):
    raw = {"partner": {"partner_id": "P1", "name": "Alder Spain Ltd"}, "kpis": []}
    assert leaks_in(text, partners, raw) == []


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("AB was better", {"P2": "AB"}),
        ("Alder Spain Ltd and Spain", {"P2": "Spain"}),
        ("partner_id 12 was better", {"12": "Twelve Oaks"}),
        ("see partners/7/scorecard", {"7": "Seven"}),
        ("\u6771\u4eac\u5546\u4e8b\u306f\u826f\u3044", {"P2": "\u6771\u4eac\u5546\u4e8b"}),
        ("M\u00fcller", {"P2": "Mu\u0308ller"}),
    ],
)
def test_the_same_word_as_a_name_is_one(text, partners):
    raw = {"partner": {"partner_id": "P1", "name": "Alder Spain Ltd"}, "kpis": []}
    assert leaks_in(text, partners, raw) != []


def test_the_own_region_may_be_called_as_another_partner():
    raw = {"partner": {"partner_id": "P1", "name": "Alder", "region": "Spain"}, "kpis": []}
    assert leaks_in("Region: Spain", {"P2": "Spain"}, raw) == []
    assert leaks_in("Region: Spain", {"P2": "Spain"}) != []
    assert leaks_in("Spain Trading writes", {"P2": "Spain"}, own_words=("Spain Trading",)) == []


def test_a_figure_that_is_the_partners_own_too_is_no_leak():
    row = {"kpi": "revenue", "value": 41257.13, "target": 60000.0}
    raw = {"partner": {"partner_id": "P1", "name": "Alder"}, "kpis": [row], "history": {}}
    for text in ("41,257", "41.257,13", "18,743 below", "60,000", "2011-09-30"):
        assert leaks_in(text, {"P2": "Birch"}, raw) == [], text
    assert leaks_in("58,392", {"P2": "Birch"}, raw) != []
    assert leaks_in("58,400", {"P2": "Birch"}, raw) == [], "too round to tell whose it is"
    assert leaks_in("commit 5839177abcdef", {"P2": "Birch"}, raw) == [], "a piece of a code"


@pytest.mark.parametrize("language", ["en", pytest.param("de", marks=pytest.mark.slow)])
def test_a_company_of_hostile_names_raises_no_false_alarm(tmp_path, language):
    names = {"Spain": "Spain", "AB": "AB", "A": "A", "7": "Seven", "Target": "Target",
             "P_1": "<b>Revenue</b> & Co.", "Q3": "Q3", "GB": "Germany", "de": "Ab"}  # fmt: skip
    project = company(tmp_path, names)
    project.recipients(language=language)
    outbox = project.outbox()
    assert [held.why for held in outbox.held] == []
    assert len(outbox.written) == len(names)
