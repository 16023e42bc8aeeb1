"""What mail clients make of a message, by the lint of caniemail.com (offline, with Node)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

LINT = Path(__file__).parent / "caniemail" / "lint.mjs"
VERSION = "1.0.5"  # 2 needs a newer Node than most systems have

# What some clients lack, and why the message is as good without it.
WITHOUT = {
    "@media": "dark colours and narrower margins of phones; without them it is light and wider",
    "<style> element": "holds those two only; every other style stands in its element",
    "display:none": "the preview line is then one line of 1 px in the background's colour",
    "white-space": "a long figure may break",
    "word-break": "a word longer than a phone is wide runs over",
    "height property": "none is set; the lint takes line-height for one",
    "role attribute": "tells screen readers that a table is layout; elsewhere it reads as a table",
    "<body> element": "becomes a div; the background stands on the table within it too",
}
# Supported in part: what is left out is nothing that we use.
IN_PART = {
    "margin": "only 0 is used", "display": "only none and block are used",
    "text-align": "only left and right are used", "background": "only a colour is used",
    "font-size": "only px is used", "font-weight": "only normal and bold are used",
    "padding": "on table cells only, where all have it, and below paragraphs",
    "line-height": "only px is used", "border": "on cells and tables only",
    "max-width": "the width attribute says the same", "width attribute": "of tables, cells, images",
    "width property": "the attribute says the same", "height attribute": "of one empty cell",
    "lang attribute": "for screen readers",
    "align attribute": "the style says the same", "letter-spacing": "not needed",
}  # fmt: skip


def test_the_message_passes_the_lint(project, tmp_path_factory):
    found = linted(html_of(project), installed(tmp_path_factory))
    assert set(found["errors"]) - set(WITHOUT) == set()
    assert set(found["warnings"]) - set(WITHOUT) - set(IN_PART) == set()


def test_the_lint_would_find_what_clients_lack(tmp_path_factory):
    found = linted('<div style="display:grid;gap:4px">x</div>', installed(tmp_path_factory))
    assert "display:grid" in found["errors"]


def html_of(project) -> str:
    from email import message_from_bytes
    from email.policy import default

    mailing = project.mailing()
    content = mailing.composer.message(mailing.recipients.of("P1")[0])
    return message_from_bytes(content, policy=default).get_body(("html",)).get_content()


def installed(tmp_path_factory) -> Path:
    """Return a folder with the lint: that of CANIEMAIL, or one where npm installs it."""
    if os.environ.get("CANIEMAIL"):
        return Path(os.environ["CANIEMAIL"])
    if shutil.which("npm") is None:
        pytest.fail("npm is not installed: `apt-get install npm`.")
    folder = tmp_path_factory.getbasetemp() / "caniemail"
    if not folder.is_dir():
        folder.mkdir()
        words = ["npm", "install", "--silent", "--prefix", str(folder), f"caniemail@{VERSION}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            pytest.fail(f"npm could not install caniemail: {done.stderr[:200]}")
        (folder / "package.json").touch()
    return folder


def linted(html: str, folder: Path) -> dict:
    done = subprocess.run(
        ["node", str(LINT), str(folder)], input=html, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


pytestmark = pytest.mark.slow
