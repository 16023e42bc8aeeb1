"""The language of a partner's page is that of its first recipient; inside, the company's."""

import pytest

from kpi_lib.errors import SettingsError
from kpi_lib.measure.reader_languages import languages_of
from kpi_lib.measure.slices import build_slices
from kpi_lib.settings import load_settings
from kpi_lib.testing.tables_in_text import dataset_of, results_of

ROWS = {"partners": "north 2020-01-01 | south 2021-01-01", "orders": "north c1 07-01 111.11"}
RECIPIENTS = (
    "partner_id,email,name,language,attach\n"
    "north,a@north.invalid,A,de,html\n"
    "north,b@north.invalid,B,en,html\n"
    "south,c@south.invalid,C,fr,html\n"
)


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "project.yml").write_text("languages: [en, de]\n", encoding="utf-8")
    (tmp_path / "recipients.csv").write_text(RECIPIENTS, encoding="utf-8")
    return load_settings(tmp_path / "project.yml")


def test_the_first_recipient_decides_and_only_among_the_languages_of_the_settings(settings):
    assert languages_of(settings.folder, settings.languages) == {"north": "de"}


def test_without_recipients_no_partner_has_a_language_of_its_own(settings, tmp_path):
    (tmp_path / "recipients.csv").unlink()
    assert languages_of(settings.folder, settings.languages) == {}


def test_the_partners_page_is_in_its_language_and_the_internal_one_in_the_companys(settings):
    made = build_slices(results_of(**ROWS), dataset_of(**ROWS), settings)
    assert {(s.partner.partner_id, s.edition): s.language for s in made} == {
        ("north", "partner"): "de",
        ("north", "internal"): "en",
        ("south", "partner"): "en",
        ("south", "internal"): "en",
    }


def test_recipients_without_a_language_are_a_fault_of_the_file(settings, tmp_path):
    (tmp_path / "recipients.csv").write_text("partner_id,email\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"recipients\.csv: it has no column language"):
        languages_of(settings.folder, settings.languages)


def test_recipients_in_another_encoding_are_a_fault_of_the_file(settings, tmp_path):
    (tmp_path / "recipients.csv").write_bytes("partner_id,language\nSöhne,de\n".encode("latin-1"))
    with pytest.raises(SettingsError, match="no CSV file in UTF-8"):
        languages_of(settings.folder, settings.languages)
