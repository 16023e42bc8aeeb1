"""Every page of a run in a real browser: quiet, closed, readable by everybody, at every width."""

from __future__ import annotations

import html
import json
import re
import shutil
import struct
import subprocess
import tempfile

import pytest

from tests.browser.chromium import HERE, node_module
from tests.browser.looked import DESK, PHONE, SHOTS, WIDTHS
from tests.hostile_texts import TEXTS

pytestmark = pytest.mark.browser

PAINT = 1  # an image that says nothing and asks for nothing: a dot


def faults(looked, fault) -> dict:
    """Return what is wrong, by page; an empty answer is a clean page."""
    found = {name: fault(one) for name, one in looked.items()}
    return {name: faults for name, faults in found.items() if faults}


def test_a_page_asks_for_nothing_runs_nothing_and_says_nothing_to_the_console(looked):
    assert faults(looked, lambda page: page.asked + page.said + page.running) == {}


def test_the_policy_of_a_page_is_in_force(looked):
    assert faults(looked, lambda page: page.script_ran) == {}
    assert faults(looked, lambda page: "default-src 'none'" not in page.policy) == {}


def test_axe_finds_no_barrier_on_a_phone_or_at_a_desk(looked):
    assert faults(looked, lambda page: [b for found in page.barriers.values() for b in found]) == {}
    assert all(page.rules_met for page in looked.values())
    assert any(PHONE in page.barriers for page in looked.values())


@pytest.mark.parametrize("width", [*WIDTHS, "200 %", "text at 200 %"])
def test_nothing_scrolls_sideways_or_is_cut_or_overlaps(looked, width):
    assert faults(looked, lambda page: page.layout[width]) == {}


def test_every_picture_says_what_it_shows(looked):
    def fault(page):
        return [
            (kind, alt)
            for kind, alt, width in page.pictures
            if width <= PAINT or not (kind == "logo" or says_something(alt))
        ]

    assert faults(looked, fault) == {}
    assert any(page.pictures for name, page in looked.items() if name.endswith("scorecard.html"))


def says_something(alt: str) -> bool:
    """Whether a text stands for a picture: several words, a figure, and not a file's name."""
    is_file = re.search(r"\.(png|svg|jpe?g|gif)\b", alt, re.IGNORECASE)
    return len(alt.split()) >= 5 and bool(re.search(r"\d", alt)) and not is_file


def test_every_page_has_a_language_a_title_and_one_heading(looked):
    def fault(page):
        language, *rest = page.head
        return [] if re.fullmatch(r"[a-z]{2}", language) and rest == [True, 1, 1] else page.head

    assert faults(looked, fault) == {}


def test_html_validate_has_nothing_to_say(made):
    assert html_faults(*made.pages.values()) == []


def html_faults(*files) -> list[str]:
    """Return what html-validate says of the files."""
    tool = node_module("html-validate", "bin", "html-validate.mjs")
    node = shutil.which("node") or pytest.fail("Node is not installed: `apt-get install npm`.")
    config = str(HERE / "htmlvalidate.config.mjs")
    command = [node, str(tool), "--config", config, "--formatter", "json", *map(str, files)]
    with tempfile.TemporaryFile() as output:  # Node cuts a pipe's text short when it ends
        subprocess.run(command, stdout=output, check=False)
        output.seek(0)
        results = json.loads(output.read())
    return [
        f"{result['filePath']}:{message['line']} {message['ruleId']}: {message['message']}"
        for result in results
        for message in result["messages"]
    ]


@pytest.mark.parametrize("made", ["hostile"], indirect=True)
def test_a_hostile_name_reads_as_it_was_typed(made, looked):
    names = {name: page for name, page in looked.items() if name.endswith("/scorecard.html")}
    assert len(names) == len(made.company.partners)
    for name, page in names.items():
        number = int(name.split("/")[1].removeprefix("P"))
        assert in_one_line(TEXTS[number - 1]) in in_one_line(page.text), name
    portfolio = in_one_line(looked["portfolio.html"].text)
    assert [text for text in TEXTS if in_one_line(text) not in portfolio] == []


@pytest.mark.parametrize("made", ["example", "synthetic"], indirect=True)
def test_pictures_are_kept_for_people_to_look_at(made, looked):
    for place, called in made.kept.items():
        for width in (PHONE, DESK):
            picture = (SHOTS / f"{made.company.name}-{called}-{width}.png").read_bytes()
            shown, tall = struct.unpack(">II", picture[16:24])  # of a PNG's header
            assert (shown, tall > 900) == (width, True), place
        if place.endswith("/scorecard.html"):
            paper = made.pages[place].with_suffix(".pdf")
            shutil.copy(paper, SHOTS / f"{made.company.name}-{called}.pdf")


def test_a_scorecard_on_paper_is_two_tagged_sheets_with_the_pages_figures(made):
    for name, file in made.scorecards.items():
        paper = file.with_suffix(".pdf")
        described = said_by("pdfinfo", paper)
        facts = {
            key: fact.strip() for key, fact in re.findall(r"^(\w+):(.*)$", described, re.MULTILINE)
        }
        assert (name, facts["Tagged"]) == (name, "yes")
        assert facts["Pages"] in ("1", "2"), name
        values = re.findall(r'<p class="tile-value">([^<]+)</p>', file.read_text())
        printed = in_one_line(said_by("pdftotext", paper, "-"))
        assert [v for v in values if in_one_line(html.unescape(v)) not in printed] == [], name


def said_by(*command) -> str:
    """Return what a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def in_one_line(text: str) -> str:
    """Return the text with any white space as one blank."""
    return re.sub(r"\s+", " ", text)
