"""The command, called as people call it, in a small project in which nothing is wrong."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from kpi_lib import cli
from tests.data.broken import write_good

DONE = 0


@dataclass(frozen=True)
class Said:
    """What a command ended with and printed."""

    status: int
    out: str
    err: str


@pytest.fixture
def kpi(monkeypatch, capsys):
    """Calls the command in this process, so that coverage sees it."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["kpi", *map(str, words)])
        status = DONE
        try:
            cli.main()
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        printed = capsys.readouterr()
        return Said(status, printed.out, printed.err)

    return call


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project in which nothing is wrong, and the folder the command is called from."""
    write_good(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
