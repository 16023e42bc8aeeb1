"""Pages are made once for all tests of them; and so is the browser."""

from __future__ import annotations

from functools import cache

import pytest

from tests.browser.chromium import chromium
from tests.browser.companies import COMPANIES, make


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory):
    @cache
    def made(company):
        return make(company, tmp_path_factory.mktemp(company.name))

    return made


@pytest.fixture(params=COMPANIES, ids=lambda company: company.name)
def made(request, _made_once):
    """What a run of each company left."""
    return _made_once(request.param)


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests; each page has a window of its own."""
    with chromium() as started:
        yield started
