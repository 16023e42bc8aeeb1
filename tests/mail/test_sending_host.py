"""A host that only sends: no JupyterLab, no debugger, no browser, no models, and mail goes out."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.mail.made import PERIOD

PROJECT = Path(__file__).parents[2]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# What is installed with them, and has no place on such a host either.
BEHIND = ("debugpy", "nokap")
WITHOUT = """
import sys
from importlib.machinery import ModuleSpec

class Without:
    names = frozenset({names!r})
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.partition(".")[0] in self.names else None
    def create_module(self, spec):
        raise ModuleNotFoundError(f"No module named {{spec.name!r}}", name=spec.name)
    def exec_module(self, module):
        raise NotImplementedError

sys.meta_path.insert(0, Without())
from kpi_lib.cli import main
main()
"""


def left_out() -> set[str]:
    """Return the modules of the extra `notebook` that neither the core nor `mail` has."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    there = [*project["dependencies"], *extras["mail"], *extras["leaks"], "nbclient"]  # nbconvert's
    only = {name(r) for r in extras["notebook"]} - {name(r) for r in there}
    only |= set(BEHIND)
    modules = packages_distributions().items()
    return {m for m, dists in modules if {name(d) for d in dists} & only}


def name(requirement: str) -> str:
    found = NAME.match(requirement)
    assert found
    return found[0].lower().replace("_", "-")


def kpi_without(project, *call: str) -> subprocess.CompletedProcess[str]:
    code = WITHOUT.format(names=sorted(left_out()))
    command = [sys.executable, "-c", code, *call]
    return subprocess.run(
        command, cwd=project.root, capture_output=True, text=True, check=False
    )  # fmt: skip


def test_what_makes_reports_is_left_out():
    assert {"jupyterlab", "ipykernel", "papermill", "great_tables", "sklearn"} <= left_out()
    assert {"nbconvert", "polars"}.isdisjoint(left_out())


@pytest.mark.slow
def test_messages_in_each_language_are_written_approved_sent_and_accounted_for(project, server):
    project.settings(**server.settings())
    project.recipients(language="de")
    for command, said in (
        (("outbox",), "4 e-mails written, 0 held back"),
        (("approve",), "4 e-mails approved"),
        (("send",), "4 sent, 0 refused"),
        (("status", "--why", "P1"), "sent"),
    ):
        done = kpi_without(project, *command, "--period", PERIOD)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout
    assert sorted(server.count().values()) == [1, 1, 1, 1]


def test_a_part_that_is_not_installed_is_named_with_what_to_install(project):
    project.settings()
    done = kpi_without(project, "run", "--period", "2024-Q2")
    assert done.returncode == 2
    assert "is not installed" in done.stderr and "partner-scorecards[notebook]" in done.stderr
    assert "Traceback" not in done.stderr
