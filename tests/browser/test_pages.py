"""Every page of a run in a real browser: quiet, closed, readable by everybody, at every width."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess

import pytest

from tests.browser.chromium import HERE, node_module, opened, script

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 390, 960, 1280)
PAINT = 1  # an image that says nothing and asks for nothing: a dot


def faults_of(pages, look) -> dict:
    """Return what `look` found wrong, by page; an empty answer is a clean page."""
    found = {name: look(path) for name, path in pages.items()}
    return {name: faults for name, faults in found.items() if faults}


def test_a_page_asks_for_nothing_runs_nothing_and_says_nothing_to_the_console(made, browser):
    def look(file):
        asked, said = [], []
        context = browser.new_context()
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_load_state("networkidle")
        running = page.evaluate(script("running.js"))
        context.close()
        return [url for url in asked if url != file.as_uri()] + said + running

    assert faults_of(made.pages, look) == {}


def test_the_policy_of_a_page_is_in_force(made, browser):
    attempt = """() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'it ran'";
        document.head.append(script);
        return [document.title, document.querySelector("meta[http-equiv]").content];
    }"""

    def look(file):
        with opened(browser, file) as page:
            title, policy = page.evaluate(attempt)
        return [] if title != "it ran" and "default-src 'none'" in policy else [title, policy]

    assert faults_of(made.pages, look) == {}


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_barrier(made, browser, width):
    # The protocol's evaluate is not the page's own script, so its policy need not be lifted.
    axe = node_module("axe-core", "axe.min.js").read_text(encoding="utf-8")

    def look(file):
        with opened(browser, file, width) as page:
            page.evaluate(axe)
            found = page.evaluate(
                "rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES
            )
        assert found["passes"], "axe looked at something"
        return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]]

    assert faults_of(made.pages, look) == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways_or_is_cut_or_overlaps(made, browser, width):
    def look(file):
        with opened(browser, file, width) as page:
            return page.evaluate(script("looking.js"))

    assert faults_of(made.pages, look) == {}


def test_a_page_stays_readable_at_twice_its_size(made, browser):
    # A window of 1,280 dots at 200 % has 640 CSS pixels of two dots each; text alone may grow too.
    def look(file):
        with opened(browser, file, 640, scale=2) as page:
            zoomed = page.evaluate(script("looking.js"))
            page.set_viewport_size({"width": 1280, "height": 900})
            page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
            larger = page.evaluate(script("looking.js"))
        return [zoomed, larger] if zoomed or larger else []

    assert faults_of(made.pages, look) == {}


def test_every_picture_says_what_it_shows(made, browser):
    def look(file):
        with opened(browser, file) as page:
            pictures = page.evaluate(
                "() => [...document.images].map(i => [i.className, i.alt, i.naturalWidth])"
            )
        return [
            (kind, alt)
            for kind, alt, width in pictures
            if width <= PAINT or not (kind == "logo" or says_something(alt))
        ]

    assert faults_of(made.pages, look) == {}
    assert any("<img" in file.read_text() for file in made.scorecards.values())


def says_something(alt: str) -> bool:
    """Whether a text stands for a picture: several words, a figure, and not a file's name."""
    is_file = re.search(r"\.(png|svg|jpe?g|gif)\b", alt, re.IGNORECASE)
    return len(alt.split()) >= 5 and bool(re.search(r"\d", alt)) and not is_file


def test_every_page_has_a_language_a_title_and_one_heading(made, browser):
    ask = """() => [document.documentElement.lang, document.title.trim() !== "",
        document.querySelectorAll("h1").length, document.querySelectorAll("main").length]"""

    def look(file):
        with opened(browser, file) as page:
            language, *rest = page.evaluate(ask)
        return [] if re.fullmatch(r"[a-z]{2}", language) and rest == [True, 1, 1] else rest

    assert faults_of(made.pages, look) == {}


def test_html_validate_has_nothing_to_say(made):
    assert html_faults(*made.pages.values()) == []


def html_faults(*files) -> list[str]:
    """Return what html-validate says of the files."""
    tool = node_module("html-validate", "bin", "html-validate.mjs")
    node = shutil.which("node") or pytest.fail("Node is not installed: `apt-get install npm`.")
    config = str(HERE / "htmlvalidate.config.mjs")
    command = [node, str(tool), "--config", config, "--formatter", "json", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("["), done.stderr
    return [
        f"{told['filePath']}:{message['line']} {message['ruleId']}: {message['message']}"
        for told in json.loads(done.stdout)
        for message in told["messages"]
    ]


def test_a_scorecard_on_paper_is_two_tagged_sheets_with_the_pages_figures(made):
    for name, file in made.scorecards.items():
        paper = file.with_suffix(".pdf")
        told = said_by("pdfinfo", paper)
        facts = {key: fact.strip() for key, fact in re.findall(r"^(\w+):(.*)$", told, re.MULTILINE)}
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
