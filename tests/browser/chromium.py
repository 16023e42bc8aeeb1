"""The system's Chromium: started for one test, ended with it, without a word to the outside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A link to nowhere instead of a name server: whatever is asked for stays on this machine.
CLOSED = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"


def executable() -> str:
    """Return the path of the browser; where there is none, the tests fail and say what to do."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"None of {', '.join(NAMES)} is installed: `apt-get install chromium`.")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend a browser of its own, ended when the test is."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=[*QUIET, CLOSED], timeout=120_000
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, file: Path, width: int = 1280, scale: float = 1) -> Iterator[Page]:
    """Lend a page that shows a file in a window of so many CSS pixels, `scale` dots each."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, device_scale_factor=scale
    )
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        yield page
    finally:
        context.close()


@cache
def script(name: str) -> str:
    """Return one of our own scripts, which tests run in a page."""
    return (HERE / name).read_text(encoding="utf-8")


def node_module(*parts: str) -> Path:
    """Return a file of a Node package; where it is missing, the test fails and says what to do."""
    file = HERE.joinpath("node_modules", *parts)
    if not file.is_file():
        pytest.fail(f"{'/'.join(parts)} is not installed: `make .venv/browser.stamp` (needs npm).")
    return file
