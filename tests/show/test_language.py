"""A page speaks one language throughout, and a notebook may hold pages of several."""

import html
import json
import re
from dataclasses import replace

import pytest

from kpi_lib.errors import RunError, SettingsError
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.pages.data_quality import DataQuality
from kpi_lib.pages.portfolio import Portfolio
from kpi_lib.pages.scorecard import Scorecard
from kpi_lib.settings import Settings, load_settings
from kpi_lib.show.common import language, messages
from kpi_lib.show.common import missing_reasons as reasons
from kpi_lib.show.common.language import (
    _,
    languages,
    listed,
    mid_sentence,
    several,
    speaking,
    spoken,
)
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.slices.file import as_text
from kpi_lib.slices.json_form import build
from kpi_lib.slices.portfolio_types import PortfolioSlice
from tests import given, given_portfolio, given_quality
from tests.given_insights import insights

PARTS = (
    *("heading", "verdict", "tiles", "note", "sides", "table", "reported", "ageing", "voices"),
    *("trends", "peers", "drivers", "actions", "follow_up", "went_well", "notes"),
    *("definitions", "made"),
)
QUALITY = (
    *("heading", "verdict", "owners", "tables", "late", "faults", "gaps", "silent"),
    *("unmeasured", "notes", "made"),
)
PORTFOLIO = (
    *("heading", "verdict", "tiles", "direct", "exceptions", "movers", "concentration", "sales"),
    *("finance", "attribution", "health", "breakdown", "actions", "disputes", "partners"),
    *("definitions", "notes", "made"),
)


def text_of(part) -> str:
    """Return what people and screen readers read, in one line."""
    markup = re.sub(r"<style.*?</style>", " ", str(part.html), flags=re.S)
    alts = " ".join(re.findall(r'alt="([^"]*)"', markup))
    plain = html.unescape(re.sub(r"<[^>]+>", " ", markup) + " " + alts)
    return " ".join(plain.split())


def as_declared(raw: dict) -> dict:
    """Return a slice whose measures are called and explained as the registry does."""
    known = catalogue()
    words = {kpi: known[kpi] for kpi in raw["definitions"] if kpi in known}
    declared = {kpi: {"name": k.name, "definition": k.definition} for kpi, k in words.items()}
    meanings = {kpi: meaning | declared.get(kpi, {}) for kpi, meaning in raw["definitions"].items()}
    return raw | {"definitions": meanings}


def in_german(raw: dict) -> dict:
    """Return a slice in German whose words, where they are the company's own, are names only."""
    known = {row["kpi"] for row in raw["kpis"]}
    words = insights(raw["edition"])
    for name in ("actions", "went_well", "drivers", "follow_up"):
        words[name] = [one for one in words[name] if one["kpi"] in known]
    for one in (*words["actions"], *words["follow_up"]):
        one["owner"] = {"role": "us", "words": {"de": "Unsere Logistik"}, "name": None}
        one["action"] = {"de": "Maßnahme zu „{name}“"}
        if "next_step" in one:
            one["next_step"] = {"de": "Bis {due}."}
    source = {"source": "Export", "is_example": False, "left_out": {"orders": 2}}
    more = {"insights": words, "data": raw["data"] | source}
    return as_declared(raw | more)


def everything(page, parts) -> str:
    return " ".join(text_of(getattr(page, part)()) for part in parts)


def pages_in(language: str):
    """Yield the text of many pages, all parts of each."""
    poor = given_quality.poor()
    for row in poor["unmeasured"]:
        row["why"] = "nothing to compare with in the period before"
    for line in poor["findings"]:
        line |= {"kind": "x", "examples": []}  # the check speaks the language of the data's owner
    for owed in poor["absences"]:
        owed["kpis"] = ["Joint revenue" for _kpi in owed["kpis"]]
    for edition in ("partner", "internal"):
        for raw in (given.rich, given.no_targets_no_peers, given.to_date, given.tiny, given.new):
            content = raw(edition) if raw is given.rich else raw() | {"edition": edition}
            card = Scorecard(given.card_of(in_german(content) | {"language": language}))
            yield everything(card, PARTS)
    own_words = as_text(given_portfolio.card().content).replace("Account manager", "Vertrieb")
    folio = PortfolioPage.of(
        replace(build(PortfolioSlice, json.loads(own_words)["content"]), language=language)
    )
    yield everything(Portfolio(folio), PORTFOLIO)
    data = DataQuality(given_quality.page(poor | {"language": language}))
    yield everything(data, QUALITY)


def english_patterns() -> dict[str, re.Pattern]:
    """Return a pattern for each message of two words or more that German says otherwise."""
    patterns = {}
    for message in messages.read("de"):
        pairs = zip(messages.forms(message.id), messages.forms(message.string), strict=True)
        for text, translated in pairs if message.id else ():
            words = re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", " ", text))
            if len(words) >= 2 and text != translated:
                parts = [re.escape(part) for part in re.split(r"\{\w+\}", " ".join(text.split()))]
                patterns[text] = re.compile(r"(?<!\w)" + ".{1,60}?".join(parts) + r"(?!\w)")
    return patterns


def found_in(language: str) -> dict[str, str]:
    pages, patterns = list(pages_in(language)), english_patterns()
    return {
        text: match[0]
        for page in pages
        for text, pattern in patterns.items()
        if (match := pattern.search(page))
    }


def test_no_english_message_remains_on_a_german_page():
    assert found_in("de") == {}


def test_the_same_pages_in_english_hold_english_messages_of_all_rooms():
    found = found_in("en")
    assert len(found) > 150
    for message in ("Joint revenue", "Our service to you", "the check found {faults}"):
        assert message in found


def test_a_german_page_reads_as_german():
    card = Scorecard(given.card_of(in_german(given.rich()) | {"language": "de"}))
    verdict = text_of(card.verdict())
    assert "Gemeinsamer Umsatz in Q3 2011: 64.322 £ (23,0 % über dem Vorjahr)" in verdict
    assert (
        "2 von 7 am Ziel gemessenen Kennzahlen sind auf Kurs; bei 1 sind es zu wenige Fälle."
        in verdict
    )
    assert "1. Juli bis 30. September 2011" in text_of(card.heading())
    assert "Maßnahme zu „Liefertreue (OTIF)“" in text_of(card.actions())
    assert "3,8 Prozentpunkte unter dem Zielwert (95,0 %)" in text_of(card.actions())


def test_a_part_tells_the_exporter_its_language():
    raw = given.rich()
    assert Scorecard(given.card_of(raw)).heading().about["lang"] == "en"
    assert Scorecard(given.card_of(raw | {"language": "de"})).heading().about["lang"] == "de"
    content = given_quality.whole() | {"language": "de"}
    assert (
        DataQuality(given_quality.page(content)).heading().about["title"]
        == "Datenqualität, 2011-Q3"
    )


def test_a_measure_shows_itself_in_the_language_of_its_page():
    card = Scorecard(given.card_of(given.rich() | {"language": "de"}))
    assert "Gemeinsamer Umsatz" in card["revenue"]._repr_html_()


def test_two_pages_in_one_notebook_keep_their_languages():
    german = Scorecard(given.card_of(given.rich() | {"language": "de"}))
    english = Scorecard(given.card_of(given.rich()))
    assert "Auf Kurs" in german.tiles().html
    assert "On track" in english.tiles().html
    assert spoken() == "en"


def test_the_language_before_is_spoken_again_even_after_an_error():
    with pytest.raises(ZeroDivisionError), speaking("de"):
        assert _("On track") == "Auf Kurs"
        raise ZeroDivisionError
    assert _("On track") == "On track"


def test_a_language_without_a_catalogue_is_refused_with_those_there_are():
    with pytest.raises(RunError, match=r"language 'xx': it has no catalogue\n.*Use en, de\."):
        language.speak("xx")


def test_settings_with_a_language_without_a_catalogue_are_refused_at_their_line(tmp_path):
    file = tmp_path / "project.yml"
    file.write_text("year_end: DEC\nlanguages: [en, xx]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"line 2.*'xx'\n.*Use en, .*de.*; docs/language\.md"):
        language.require_languages(load_settings(file))
    language.require_languages(Settings(languages=("de", "en")))


def test_english_is_there_without_a_file():
    assert languages()[0] == "en"
    assert "de" in languages()
    assert several("{count} row", "{count} rows", 2, count="2") == "2 rows"


def test_things_are_listed_as_people_say_them():
    assert [listed(things) for things in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    with speaking("de"):
        assert listed(["a", "b", "c"]) == "a, b und c"


def test_german_nouns_keep_their_capitals_within_a_sentence():
    assert mid_sentence("Account manager") == "account manager"
    with speaking("de"):
        assert mid_sentence("Partnerbetreuung") == "Partnerbetreuung"


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("there is no table deliveries", "es fehlen Daten: Lieferungen"),
        (
            "there is no column orders.cost, orders.market_id; there is no table costs",
            "es fehlen Daten: Bestellungen (Kosten und Markt) und Kosten",
        ),
        (
            "nothing to compare with in the same period a year ago",
            "derselbe Zeitraum des Vorjahres bietet keinen Vergleichswert",
        ),
        ("the rows of deals are all a partner's", "alle Zeilen gehören zu Partnern (Geschäfte)"),
        (
            "nothing of quality compliance was observed",
            "zu „Einhaltung der Qualitätsvorgaben“ liegen keine Beobachtungen vor",
        ),
        (
            "the model churn has not been fitted: it comes with `kpi run`",
            "das Modell churn wurde noch nicht angepasst",
        ),
        ("no KPI has a target and a value", "keine Kennzahl hat Zielwert und Wert"),
        ("something that nobody foresaw", "something that nobody foresaw"),
    ],
)
def test_a_reason_is_shown_in_german(missing, words):
    with speaking("de"):
        assert reasons.in_words(missing) == words


def test_a_cadence_within_a_reason_is_shown_in_german():
    with speaking("de"):
        assert reasons.translated("it is of a month, and this run is of a quarter") == (
            "Zeitraum der Meldung: Monat; Zeitraum dieses Laufs: Quartal"
        )
