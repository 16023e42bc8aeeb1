"""The account manager's notes: found by partner and period, no slip passed over."""

from __future__ import annotations

import pytest

from kpi_lib.errors import SettingsError
from kpi_lib.insights.manager_notes import LONGEST, read_notes
from kpi_lib.settings import load_settings


@pytest.fixture
def settings(tmp_path):
    file = tmp_path / "params" / "project.yml"
    file.parent.mkdir()
    file.write_text("reporting_currency: EUR\n")
    return load_settings(file)


def write(settings, partner: str, text: str | bytes, period="2026-Q3") -> None:
    file = settings.folder / "notes" / partner / f"{period}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_a_note_belongs_to_its_partner_and_period(settings):
    write(settings, "A", "Well done, Zoë.\n")
    write(settings, "B", "  \n")
    write(settings, "A", "Earlier.", period="2026-Q2")
    assert read_notes(settings.folder, "2026-Q3", {"A", "B"}) == {"A": "Well done, Zoë."}
    assert read_notes(settings.folder, "2026-Q1", {"A", "B"}) == {}


def test_all_slips_are_reported_at_once_and_where(settings):
    write(settings, "Nobody", "Hello")
    write(settings, "A", "x" * (LONGEST + 1))
    write(settings, "B", b"\xff\xfe")
    with pytest.raises(SettingsError) as error:
        read_notes(settings.folder, "2026-Q3", {"A", "B"})
    problems = {problem.where: problem.found for problem in error.value.problems}
    assert problems == {
        "params/notes/A/2026-Q3.md": "it has 2,001 characters, 2,000 at most are allowed",
        "params/notes/B/2026-Q3.md": "it is not UTF-8 text",
        "params/notes/Nobody/2026-Q3.md": "there is no partner Nobody in 2026-Q3",
    }
