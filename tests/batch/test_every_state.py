"""The whole way at every cadence, with partners in every state: run, pages, PDF, outbox.

Two companies, six periods, eight states: a partner with all there is, one with hardly anything, one
that joined within the period, one that did nothing in it, one that left before it, one that left
within it, one that shares nothing, and one that joins later.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pypdf
import pytest
from bs4 import BeautifulSoup, Tag

from kpi_lib import paths
from kpi_lib.audience import AUDIENCES
from kpi_lib.batch.batch_run import BatchRequest, Outcome, run_batch
from kpi_lib.batch.run_pages import NOTEBOOKS
from kpi_lib.data.unread import SYNTHETIC
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.mail.outbox import Mailing, Outbox, write_outbox
from kpi_lib.periods import CADENCES, Period, at_least_as_long
from kpi_lib.settings import Settings, load_settings
from kpi_lib.show.common.language import speaking
from kpi_lib.show.common.numbers import format_day
from tests import given_states

EXAMPLE, MADE_UP = "example", "synthetic"
CASES = (
    *((EXAMPLE, period, None) for period in ("2011-W37", "2011-09", "2011-Q3", "2011-H1", "2010")),
    (EXAMPLE, "2011-Q3", date(2011, 9, 14)),
    *((MADE_UP, period, None) for period in ("2026-W38", "2026-09", "2026-Q3", "2026-H1", "2025")),
    (MADE_UP, "2026-Q3", date(2026, 9, 14)),
)
CURRENCIES = {EXAMPLE: "GBP", MADE_UP: "EUR"}
OF_THE_RUN = ("index", *(Path(name).stem for name in NOTEBOOKS))
NOBODY_PRINTS = {  # what a page may not hold, and what is no fault
    "no number": r"\b(?:nan|NaN|inf|Infinity|null|undefined)\b",
    "no value": r"\bNone\b(?! of )",
    "a placeholder": r"\{\w*\}",
    "a doubled full stop": r"\.\.(?!\.)",
    "a doubled space before a comma": r" ,|,,",
}
NAMES = {"scorecard": "partner", "internal": "internal"}
REPORTS = [audience.report for audience in AUDIENCES.values()]


@dataclass(frozen=True)
class Made:
    """What a run left of a company in every state, and its outbox."""

    turns: given_states.Turns
    as_of: date | None
    outcome: Outcome
    outbox: Outbox

    @property
    def cast(self) -> given_states.Cast:
        return self.turns.cast

    @property
    def period(self) -> Period:
        return self.turns.period

    @cached_property
    def pages(self) -> Mapping[str, BeautifulSoup]:
        """Every page by its place in the folder, without what is not read."""
        folder = self.outcome.folder
        files = (f for f in sorted(folder.rglob("*.html")) if "outbox" not in f.parts)
        return {f.relative_to(folder).with_suffix("").as_posix(): read(f) for f in files}

    def of(self, partner_id: str, page: str = "scorecard") -> BeautifulSoup:
        return self.pages[f"partners/{partner_id}/{page}"]


def read(file: Path) -> BeautifulSoup:
    soup = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    for style in soup.find_all("style"):
        style.decompose()
    return soup


def text_of(found: Tag) -> str:
    """Return what stands there, the words for pictures too."""
    alts = [picture["alt"] for picture in found.find_all("img")]
    plain = html.unescape(" ".join([found.get_text(" "), *alts]))
    return re.sub(r"\s+", " ", plain.replace("\N{NO-BREAK SPACE}", " ")).strip()


# --- how they are made ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    synthetic = tmp_path_factory.mktemp("states") / "company"
    return {EXAMPLE: given_states.example(), MADE_UP: given_states.synthetic(synthetic)}


@pytest.fixture(
    scope="module", params=CASES, ids=lambda case: " ".join(map(str, filter(None, case)))
)
def made(request, tables, tmp_path_factory) -> Made:
    """The run of one company and period, once for all tests of it."""
    name, period, as_of = request.param
    cast = given_states.EXAMPLE if name == EXAMPLE else given_states.SYNTHETIC
    turns = given_states.Turns(cast, Period.parse(period))
    settings = project(tmp_path_factory.mktemp("project"), tables[name], turns, CURRENCIES[name])
    asked = BatchRequest(
        period=period, as_of=as_of, partners=(*cast.readers, cast.silent), workers=2, pdf=True
    )
    outcome = run_batch(
        settings, asked, settings.folder.parent / "reports", lambda n: lambda r: None
    )
    mailing = Mailing.open(settings, outcome.folder, settings.folder)
    return Made(turns, as_of, outcome, write_outbox(mailing))


def project(folder: Path, tables, turns: given_states.Turns, currency: str) -> Settings:
    """Lay down a project of its own: data, the shipped playbook, and a recipient for each."""
    given_states.write_in_states(tables, turns, folder / "data")
    (folder / "data" / SYNTHETIC).write_text("made up\n") if currency == "EUR" else None
    params = folder / "params"
    params.mkdir()
    shipped = paths.package().parent / "params" / "playbook.yml"
    (params / "playbook.yml").write_bytes(shipped.read_bytes())
    (params / "project.yml").write_text(f"data: ../data\nreporting_currency: {currency}\n")
    rows = [
        f"{partner},contact@{partner.lower()}.invalid,Contact {number},en,pdf"
        for number, partner in enumerate((*turns.cast.readers, turns.cast.later))
    ]
    head = "partner_id,email,name,language,attach"
    (params / "recipients.csv").write_text("\n".join([head, *rows]) + "\n")
    return load_settings(params / "project.yml")


# --- every page -----------------------------------------------------------------------------------


pytestmark = pytest.mark.slow


def test_no_page_fails_and_every_page_is_there(made):
    assert [result.error for result in made.outcome.failed] == []
    groups = {f"managers/{given_states.MANAGER}", f"branches/{given_states.BRANCH}"}
    own = {f"partners/{who}/{page}" for who in made.cast.readers for page in REPORTS}
    own |= {f"partners/{made.cast.silent}/internal"}
    assert set(made.pages) == {*OF_THE_RUN, *groups, *own}


def test_every_page_ends_with_how_it_was_made_and_names_its_period(made):
    for place, page in made.pages.items():
        titles = [text_of(title) for title in page.find_all("h2")]
        assert place == "index" or titles[-1] == "How this was made", place
        assert period_in_words(made) in text_of(page.h1), place


def period_in_words(made: Made) -> str:
    number, year = made.period.number, made.period.year
    name = {
        "week": f"week {number} of {year}",
        "month": f"{made.period.start:%B} {year}",
        "quarter": f"Q{number} {year}",
        "half": f"H{number} {year}",
        "year": f"{year}",
    }[made.period.cadence]
    return f"{name} to {made.as_of.day} {made.as_of:%B}" if made.as_of else name


def test_no_section_is_empty(made):
    empty = {
        place: titles
        for place, page in made.pages.items()
        if (titles := [title for title, content in sections(page) if not content or not title])
    }
    assert empty == {}


def sections(page: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """Yield the title of each section with what stands in it, but for what is said of it."""
    for about in page.find_all("details", class_="about"):
        about.extract()
    for title in page.find_all("h2"):
        texts = []
        for found in title.find_all_next(["h2", "p", "dd", "li", "td", "th", "img", "summary"]):
            if found.name == "h2":
                break
            texts.append(found.get("alt", "") or found.get_text())
        yield text_of(title), "".join(texts).strip()


@pytest.mark.parametrize("what", NOBODY_PRINTS)
def test_no_page_holds_what_nobody_would_print(made, what):
    pattern = re.compile(f".{{0,40}}(?:{NOBODY_PRINTS[what]}).{{0,40}}")
    found = {place: pattern.findall(text_of(page)) for place, page in made.pages.items()}
    assert {place: hits for place, hits in found.items() if hits} == {}


def test_a_measure_of_a_longer_cadence_stands_nowhere_and_so_is_not_called_unknown(made):
    longer = {
        kpi.name for kpi in catalogue().values() if not at_least_as_long(made.period, kpi.cadence)
    }
    named = {place: longer & set(measures_on(page)) for place, page in made.pages.items()}
    assert {place: names for place, names in named.items() if names} == {}


def measures_on(page: BeautifulSoup) -> Iterator[str]:
    """Yield what tiles, rows, cells, definitions and remarks are about, by its name alone."""
    for found in page.select(".tile h3, dt, th[scope=row], td, p.note, ul.notes li"):
        subjects = text_of(found).removeprefix("Not available: ")
        for name in re.split(r", (?=[A-Z])|; ", subjects):
            yield re.sub(r" \(.*", "", name).rstrip(".")


OF_A_MONTH = ("is not known", "are not known", "a health score", "no revenue", "This is shown")


def test_nothing_is_said_of_what_only_a_longer_period_tells_and_no_period_is_called_too_short(made):
    whole = " ".join(text_of(page) for page in made.pages.values())
    long_enough = [cadence for cadence in CADENCES if at_least_as_long(made.period, cadence)]
    ends = ("at the least", "or longer")
    untrue = [f"shown for a {cadence} {end}" for cadence in long_enough for end in ends]
    untrue += [] if "month" in long_enough else OF_A_MONTH
    assert [words for words in untrue if words in whole] == []


# --- states ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


def said(page: BeautifulSoup) -> str:
    return text_of(page.find("p", class_="verdict"))


def head(page: BeautifulSoup) -> str:
    return text_of(page.find("header", class_="heading"))


def day(of: date) -> str:
    return format_day(of).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("page", NAMES)
def test_a_partner_that_left_before_the_period_reads_as_one(made, page):
    gone = made.of(made.cast.gone, page)
    left = day(made.turns.left[made.cast.gone])
    assert f"Partnership ended on {left}" in head(gone)
    assert said(gone).startswith("The partnership with ")
    assert f"ended on {left}, before" in said(gone)
    assert not gone.select(".mood, .in-short, .status-off_track, .status-at_risk, li.action")
    assert "Target" not in " ".join(text_of(tile) for tile in gone.select(".tile"))


@pytest.mark.parametrize("page", NAMES)
def test_a_partner_that_left_within_the_period_says_when(made, page):
    leaving = made.of(made.cast.leaving, page)
    left = day(made.turns.left[made.cast.leaving])
    assert f"Partnership ended on {left}" in head(leaving)
    assert f"left on {left}" in said(leaving)
    assert not leaving.select(".mood, li.action")
    assert not re.search("Needs attention|Went well", text_of(leaving))


@pytest.mark.parametrize("page", NAMES)
def test_a_partner_that_joined_within_the_period_says_since_when(made, page):
    new = made.of(made.cast.new, page)
    since = day(made.turns.joined[made.cast.new])
    assert f"Partnership since {since}" in head(new)
    assert f"joined on {since}" in said(new)
    assert not new.select(".mood")


@pytest.mark.parametrize("page", NAMES)
def test_a_partner_that_did_nothing_in_the_period_is_told_so_in_words(made, page):
    idle = made.of(made.cast.idle, page)
    assert "placed no orders in" in said(idle)
    assert not idle.select(".mood")
    assert "Partnership" not in head(idle)


def test_a_partner_that_joins_later_has_no_page_and_a_run_for_it_says_why(made):
    later = made.cast.later
    assert not [place for place in made.pages if f"/{later}/" in place]
    assert later not in text_of(made.pages["index"])
    record = json.loads((made.outcome.folder / "run.json").read_text(encoding="utf-8"))
    assert later in record["joining_later"]


def test_one_that_shares_nothing_is_given_nothing(made):
    folder = made.outcome.folder
    assert [f.name for f in sorted((folder / "partners" / made.cast.silent).iterdir())] == [
        "internal.html",
        "internal.ipynb",
    ]
    assert not (folder / "outbox" / made.cast.silent).exists()


# --- paper and post -------------------------------------------------------------------------------


def test_every_partner_gets_two_sheets_of_paper_at_most(made):
    for partner_id in made.cast.readers:
        file = made.outcome.folder / "partners" / partner_id / "scorecard.pdf"
        sheets = pypdf.PdfReader(io.BytesIO(file.read_bytes())).pages
        assert 1 <= len(sheets) <= 2, partner_id


def test_the_outbox_has_a_message_for_each_that_is_told_and_for_nobody_else(made):
    assert [(held.partner_id, held.why) for held in made.outbox.held] == []
    assert sorted(w.partner_id for w in made.outbox.written) == sorted(made.cast.readers)
    subjects = {w.subject.replace("\N{NO-BREAK SPACE}", " ") for w in made.outbox.written}
    assert all(period_in_words(made) in subject for subject in subjects)
