"""A small company with reports, made once; each test gets a copy of its own."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from tests.mail.made import company

NAMES = {"P1": "Alder & Söhne", "AB": "AB", "ES": "Spain", "P4": "Cedar"}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    return company(tmp_path_factory.mktemp("mail") / "project", NAMES)


@pytest.fixture
def project(made_once, tmp_path):
    shutil.copytree(made_once.root, tmp_path / "project")
    return replace(made_once, root=tmp_path / "project")
