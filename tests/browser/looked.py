"""What a browser finds on a page: each page is opened once, and everything is asked of it there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.chromium import HERE, node_module, script

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 390, 960, 1280)
PHONE, DESK = 390, 1280  # CSS pixels
SHOTS = HERE / "shots"  # pictures of pages, for people to look at; not in git
ADD_A_SCRIPT = """() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'it ran'";
    document.head.append(script);
    return document.title === "it ran";
}"""
HEAD = """() => [document.documentElement.lang, document.title.trim() !== "",
    document.querySelectorAll("h1").length, document.querySelectorAll("main").length]"""
PICTURES = "() => [...document.images].map(i => [i.className, i.alt, i.naturalWidth])"
POLICY = "() => document.querySelector('meta[http-equiv=Content-Security-Policy]')?.content ?? ''"


@dataclass
class Looked:
    """What was found on one page; `layout` and `barriers` by the width of the window."""

    asked: list[str] = field(default_factory=list)  # addresses, but the page's own
    said: list[str] = field(default_factory=list)  # on the console
    running: list[str] = field(default_factory=list)
    head: list = field(default_factory=list)  # language, has a title, headings, main parts
    policy: str = ""
    script_ran: bool = False
    text: str = ""
    pictures: list[tuple[str, str, int]] = field(default_factory=list)  # class, alt, width
    layout: dict[int | str, dict] = field(default_factory=dict)
    barriers: dict[int, list[str]] = field(default_factory=dict)
    rules_met: int = 0


@contextmanager
def eyes(browser: Browser) -> Iterator[Page]:
    """Lend one window for many pages; opening a window costs more than looking at a page."""
    context = browser.new_context(viewport={"width": DESK, "height": 900})
    try:
        yield context.new_page()
    finally:
        context.close()


def is_partners(place: str) -> bool:
    """Whether partners are given the page, who read it on a phone."""
    return place.endswith("/scorecard.html")


def look(page: Page, file: Path, picture: Path | None = None) -> Looked:
    """Open a page and ask everything of it; keep a picture of it at a phone's and a desk's width.

    `picture`: the beginning of the pictures' names.
    """
    found = Looked()
    address = file.as_uri()
    listeners = {
        "request": lambda request: found.asked.append(request.url),
        "console": lambda message: found.said.append(f"{message.type}: {message.text}"),
        "pageerror": lambda error: found.said.append(str(error)),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    page.set_viewport_size({"width": DESK, "height": 900})
    page.goto(address)
    _read(page, found)
    _measure(page, found)
    if picture:
        _keep(page, picture)
    found.asked = [url for url in found.asked if url != address]
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    # Last, and unheard: the refusal is written to the console.
    found.script_ran = page.evaluate(ADD_A_SCRIPT)
    return found


def _read(page: Page, found: Looked) -> None:
    found.running = page.evaluate(script("running.js"))
    found.head = page.evaluate(HEAD)
    found.policy = page.evaluate(POLICY)
    found.pictures = [tuple(picture) for picture in page.evaluate(PICTURES)]
    found.text = page.evaluate("() => document.body.textContent")


def _measure(page: Page, found: Looked) -> None:
    """Look at every width, at twice the size, and for barriers on a phone and at a desk."""
    # The protocol's evaluate is not the page's own script, so its policy need not be lifted.
    page.evaluate(node_module("axe-core", "axe.min.js").read_text(encoding="utf-8"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found.layout[width] = page.evaluate(script("looking.js"))
        if width == DESK or (width == PHONE and is_partners(page.url)):
            _barriers(page, found, width)
    # A window of 1,280 dots at 200 % has 640 CSS pixels; the text alone may grow too.
    page.set_viewport_size({"width": DESK // 2, "height": 900})
    found.layout["200 %"] = page.evaluate(script("looking.js"))
    page.set_viewport_size({"width": DESK, "height": 900})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    larger = page.evaluate(script("looking.js"))  # a wide table may scroll then, as it is zoomed
    found.layout["text at 200 %"] = {
        fault: texts for fault, texts in larger.items() if fault in ("cut", "overlap")
    }


def _keep(page: Page, picture: Path) -> None:
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=f"{picture}-{width}.png", full_page=True)


def _barriers(page: Page, found: Looked, width: int) -> None:
    axe_results = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    found.rules_met += len(axe_results["passes"])
    found.barriers[width] = [
        f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in axe_results["violations"]
    ]
