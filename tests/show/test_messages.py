"""Every catalogue holds every message, translated, with the same figures in it, and no others."""

import re
import string

import pytest

from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.show.common import messages
from kpi_lib.show.common.language import ENGLISH, languages
from kpi_lib.show.common.messages import forms, read, updated

OTHERS = [language for language in languages() if language != ENGLISH]


def figures(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def message_id(message):
    return message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.fixture(scope="module", params=OTHERS)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def entries(language):
    return [message for message in read(language) if message.id]


def test_every_message_is_translated_and_sure(entries):
    empty = [m.id for m in entries if not all(forms(m.string)) or not m.string]
    assert empty == [], "translate them in kpi_lib/show/languages"
    assert [m.id for m in entries if m.fuzzy] == []


def test_a_catalogue_has_every_message_and_none_that_is_gone(language, entries):
    there = {message_id(m) for m in entries}
    wanted = set(messages.messages())
    todo = "make messages enters them in kpi_lib/show/languages; translate them there"
    assert wanted - there == set(), todo
    assert there - wanted == set(), "make messages"


def test_a_translation_holds_the_figures_of_its_message(entries):
    wrong = {
        text: translated
        for message in entries
        for text, translated in zip(forms(message.id), forms(message.string), strict=True)
        if figures(text) != figures(translated)
    }
    assert wrong == {}


def test_bringing_a_catalogue_up_to_date_changes_nothing_that_is_up_to_date(
    language, entries, monkeypatch
):
    monkeypatch.setattr(messages, "messages", lambda: [message_id(m) for m in entries])
    assert updated(language) == messages._file(language).read_text(encoding="utf-8")


def test_new_messages_come_last_and_those_that_are_gone_leave(monkeypatch):
    wanted = [message_id(m) for m in read("de") if m.id and m.id != "On track"]
    monkeypatch.setattr(messages, "messages", lambda: ["Something new", *wanted])
    text = updated("de")
    assert text.endswith('msgid "Something new"\nmsgstr ""\n')
    assert 'msgid "On track"' not in text
    assert 'msgid "At risk"\nmsgstr "Ziel gefährdet"' in text


def test_what_is_gathered_is_what_pages_say():
    found = messages.messages()
    assert len(found) == len(set(found))
    for message in (
        "On track",  # a constant of the code
        "{actual} beside the target of {target}",  # a sentence of the code
        "Who clears it up",  # a template
        "What we owe each other",  # a heading of a notebook
        "no KPI has a target and a value",  # why a KPI has no value
        "Strategic alliance",  # a type of partner
        "deliveries",  # a table
        "weight tonnes",  # a column
        ("{count} report", "{count} reports"),
    ):
        assert message in found
    assert {kpi.name for kpi in catalogue().values()} <= set(found)
    assert not [m for m in found if isinstance(m, str) and re.fullmatch(r"[a-z]+_[a-z_]+", m)]
