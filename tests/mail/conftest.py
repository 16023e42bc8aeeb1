"""A small company with reports, made once; each test gets a copy of its own."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from kpi_lib.mail.password import VARIABLE
from tests.mail.made import PASSWORD, company
from tests.mail.server import running

NAMES = {"P1": "Alder & Söhne", "AB": "AB", "ES": "Spain", "P4": "Cedar"}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    return company(tmp_path_factory.mktemp("mail") / "project", NAMES)


@pytest.fixture
def project(made_once, tmp_path):
    shutil.copytree(made_once.root, tmp_path / "project")
    return replace(made_once, root=tmp_path / "project")


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv(VARIABLE, PASSWORD)


@pytest.fixture
def server(tmp_path, password):
    with running(tmp_path) as one:
        yield one


@pytest.fixture
def mailed(project, server):
    """The company after all four partners got their e-mail."""
    from tests.mail.test_send import ready, sent

    ready(project, server)
    assert sent(project, server).is_complete
    return project
