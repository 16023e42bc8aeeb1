"""An analyst's first minutes: `make lab`, another partner, run all, and an edit that counts."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kpi_lib import paths
from tests.browser.looked import eyes

pytestmark = pytest.mark.browser

CHECKOUT = paths.package().parent
COPIED = ("kpi_lib", "notebooks", "params", "Makefile", "pyproject.toml", "requirements.lock")
# Every term of a list with what is said of it, and whether the two stand apart.
TERMS = """() => [...document.querySelectorAll(".scorecard dl > div")].map((line) => {
    const [term, fact] = [line.querySelector("dt"), line.querySelector("dd")];
    const [one, other] = [term, fact].map((element) => {
        const text = document.createRange();
        text.selectNodeContents(element); // its letters, which may stand beyond its box
        return text.getBoundingClientRect();
    });
    const apart = one.bottom <= other.top + 4 || one.right <= other.left;
    return [term.textContent, fact.textContent, apart];
})"""
STARTS = 120  # seconds that JupyterLab has to answer, and a notebook to run


@pytest.fixture
def project(tmp_path):
    """A copy of the project, to edit and to save notebooks in."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in COPIED:
        source = CHECKOUT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)
    (folder / ".venv").symlink_to(CHECKOUT / ".venv")
    return folder


@pytest.fixture
def lab(project):
    """The address of JupyterLab as `make lab` starts it, with the copy's `kpi_lib`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex()
    options = f"--no-browser --allow-root --port {port} --IdentityProvider.token={token}"
    log_file = project / "lab.log"
    with log_file.open("w") as log:
        server = subprocess.Popen(
            ["make", "lab", f"LAB={options} --ServerApp.port_retries=0"],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(project), "HOME": str(project / "home")},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/api?token={token}", server, log_file)
        yield lambda name: f"{address}/lab/tree/{name}?token={token}&reset"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen, log_file: Path) -> None:
    end = time.monotonic() + STARTS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not answer: {log_file.read_text()[-2000:]}")


def run_all(page: Page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def test_an_analyst_reads_another_partner_and_edits_the_code_without_a_restart(
    project, lab, browser
):
    with eyes(browser) as page:
        page.set_default_timeout(STARTS * 1000)
        page.goto(lab("partner_scorecard.ipynb"))
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=STARTS * 1000)
        page.get_by_text('partner_id = "Germany"').click()
        page.keyboard.press("Home")
        page.keyboard.press("Shift+End")
        page.keyboard.insert_text('partner_id = "EIRE"')
        run_all(page)
        output = page.locator(".jp-OutputArea-output")
        expect(output.locator("h1").first).to_contain_text("EIRE", timeout=STARTS * 1000)
        expect(output.locator(".kicker").first).to_have_text("Partner scorecard")
        expect(output.locator(".tile-value").first).to_contain_text("£", timeout=STARTS * 1000)
        assert output.locator(".tile").count() >= 6
        assert output.get_by_text("Error").count() == 0
        assert [text for text in output.all_inner_texts() if "Warning" in text] == []
        terms = page.evaluate(TERMS)
        assert ["Type", "Distribution", True] in terms
        assert [term for term in terms if not term[-1]] == []

        wording = project / "kpi_lib" / "show" / "common" / "edition_words.py"
        text = wording.read_text()
        assert text.count('N_("Partner scorecard")') == 1
        wording.write_text(text.replace('N_("Partner scorecard")', '"Edited just now"'))
        run_all(page)
        kicker = output.locator(".kicker").first
        expect(kicker).to_have_text("Edited just now", timeout=STARTS * 1000)
