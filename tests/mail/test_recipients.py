"""recipients.csv: every fault is named before anything is written."""

from __future__ import annotations

import pytest

from kpi_lib.errors import MailError
from kpi_lib.mail.addresses import address_of, fault_of_name
from kpi_lib.mail.recipients import Partners, read_recipients

PARTNERS = Partners(frozenset({"P1", "AB", "ES", "P4", "Quiet"}), frozenset({"Quiet"}))


def read(project, *rows, **mail):
    project.recipients(list(rows))
    return read_recipients(project.settings(**mail), PARTNERS)


def faults(project, *rows, **mail):
    with pytest.raises(MailError) as error:
        read(project, *rows, **mail)
    return [f"{p.where}: {p.found}" for p in error.value.problems]


def test_every_fault_of_the_file_is_named_at_once(project):
    found = faults(
        project,
        "P9,anna@p1.invalid,Anna,en,html",
        "Quiet,quiet@p1.invalid,Quiet,en,html",
        "P1,anna,Anna,en,html",
        "P1,anna@elsewhere.example,Anna,en,html",
        "P1,a@p1.invalid,An\u202ena,en,html",
        "P1,b@p1.invalid,Anna,fr,html",
        "P1,c@p1.invalid,Anna,en,fax",
    )
    expected = [
        ("line 2", "the run has no partner 'P9'"),
        ("line 3", "nothing is shared with Quiet (sharing: none)"),
        ("line 4", "'anna' is no address"),
        ("line 5", "elsewhere.example is no domain that P1 is written to at"),
        ("line 6", "it holds the invisible character U+202E"),
        ("line 7", "language is 'fr'"),
        ("line 8", "attach is 'fax'"),
    ]
    assert len(found) == len(expected)
    for fault, (line, what) in zip(found, expected, strict=True):
        assert line in fault and what in fault


def test_domains_are_allowed_for_all_or_for_one_partner(project):
    domains = {"all": ["agency.example"], "P1": ["B\u00fccher.example"]}
    listed = read(
        project,
        "P1,anna@agency.example,Anna,en,html",
        "AB,ben@Agency.Example,Ben,en,html",
        "P1,cleo@xn--bcher-kva.example,Cleo,en,none",
        "P1,dora@b\u00fccher.example,Dora,en,none",
        domains=domains,
    ).listed
    assert [r.number for r in listed] == [1, 1, 2, 3]
    assert listed[3].email == "dora@xn--bcher-kva.example"
    assert (
        "no domain that AB"
        in faults(project, "AB,cleo@b\u00fccher.example,Cleo,en,html", domains=domains)[0]
    )
    assert "no domain" in faults(project, "AB,x@sub.agency.example,X,en,none", domains=domains)[0]


def test_the_key_of_all_is_that_of_a_partner_where_one_is_called_so(project):
    partners = Partners(PARTNERS.known | {"all"})
    project.recipients(["P1,anna@agency.example,Anna,en,html"])
    settings = project.settings(domains={"all": ["agency.example"]})
    with pytest.raises(MailError, match="no domain that P1 is written to at"):
        read_recipients(settings, partners)
    settings = project.settings(domains={"*": ["agency.example"]})
    assert len(read_recipients(settings, partners).listed) == 1


def test_nobody_is_in_two_partners_unless_that_is_said(project):
    rows = ["P1,group@p1.invalid,Group,en,html", "AB,Group@P1.invalid,Group,en,html"]
    assert "is a recipient of P1 too" in faults(project, *rows)[0]
    assert len(read(project, *rows, shared=["GROUP@p1.invalid"]).listed) == 2
    assert "stands twice" in faults(project, rows[0], rows[0], shared=["group@p1.invalid"])[0]


def test_partners_without_a_recipient_are_listed_and_silent_ones_are_not(project):
    assert read(project, "P1,a@p1.invalid,A,en,html").without == ("AB", "ES", "P4")


def test_who_opted_out_is_left_out_and_reported(project):
    (project.root / "params" / "opted_out.csv").write_text("email\nANNA@p1.invalid\n")
    found = read(project, "P1,anna@p1.invalid,A,en,html", "AB,b@ab.invalid,B,en,html")
    assert [r.partner_id for r in found.listed] == ["AB"]
    assert found.opted_out == ("anna@p1.invalid",)
    (project.root / "params" / "opted_out.csv").write_text("email\nanna\n")
    assert "opted_out.csv line 2" in faults(project, "P1,anna@p1.invalid,A,en,html")[0]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"partner,email\n", "its columns are partner, email"),
        (b"partner_id,email,name,language,attach\nP1,a@p1.invalid\n", "it has not 5 values"),
        ("partner_id,email,name,language,attach\nP1,a@p1.invalid,S\u00f6hne".encode("latin-1"),
         "no CSV file in UTF-8"),
        (None, "there is no such file"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_named(project, content, fault):
    file = project.root / "params" / "recipients.csv"
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(MailError, match=fault):
        read_recipients(project.settings(), PARTNERS)


@pytest.mark.parametrize(
    "address",
    [
        '"anna smith"@p1.invalid',
        '"anna@other.example"@p1.invalid',
        "anna@p1.invalid\r\nBcc: all@other.example",
        "anna@p1.invalid\nBcc: all@other.example",
        "anna@p1.invalid, ben@other.example",
        "Anna <anna@p1.invalid>",
        "anna\u202e@p1.invalid",
        "\u00e4nna@p1.invalid",
        "anna@p1",
        "anna@[127.0.0.1]",
        "anna@p1.invalid (comment)",
        "a" * 10_000 + "@p1.invalid",
        "anna@" + "p" * 300 + ".invalid",
        "@p1.invalid",
        "",
    ],
)
def test_an_address_in_doubt_is_refused(address):
    with pytest.raises(ValueError, match=r"\w"):
        address_of(address)


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("anna.smith+news@p1.invalid", "anna.smith+news@p1.invalid"),
        ("Anna@P1.Invalid", "Anna@p1.invalid"),
        ("o'neil@p1.invalid", "o'neil@p1.invalid"),
        ("anna@b\u00fccher.example", "anna@xn--bcher-kva.example"),
        ("anna@\u6771\u4eac.example", "anna@xn--1lqs71d.example"),
    ],
)
def test_an_address_without_doubt_is_taken(address, right):
    assert address_of(address) == right


def test_names_that_hide_something_or_never_end_are_refused():
    assert fault_of_name("Dr. \u00c4nne O'Neil-M\u00fcller, \u682a\u5f0f\u4f1a\u793e") is None
    for name in ("A\nB", "A\r\nBcc: x", "A\u202eB", "A\u200bB", "A\x00B", "x" * 10_000):
        assert fault_of_name(name) is not None


def test_who_is_named_for_a_partner_that_joins_later_gets_nothing_yet_and_is_no_fault(project):
    project.recipients(["P1,anna@p1.invalid,Anna,en,html", "New,nora@new.invalid,Nora,en,html"])
    later = Partners(frozenset({"P1", "AB"}), later=frozenset({"New"}))
    recipients = read_recipients(project.settings(), later)
    assert [recipient.partner_id for recipient in recipients.listed] == ["P1"]
    assert recipients.without == ("AB",)
    assert recipients.opted_out == ()


def test_a_line_for_a_partner_that_joins_later_has_to_be_right_all_the_same(project):
    project.recipients(["New,nora,Nora,en,html"])
    with pytest.raises(MailError, match="'nora' is no address"):
        read_recipients(project.settings(), Partners(frozenset(), later=frozenset({"New"})))
