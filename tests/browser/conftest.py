"""Pages are made once for all tests of them, and looked at once."""

from __future__ import annotations

from functools import cache

import pytest

from tests.browser.chromium import chromium
from tests.browser.companies import COMPANIES, make
from tests.browser.looked import SHOTS, eyes, look


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory):
    companies = {company.name: company for company in COMPANIES}
    return cache(lambda name: make(companies[name], tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="session")
def browser():
    """The one browser of all tests: a second one of a process would find the first at work."""
    with chromium() as one:
        yield one


@pytest.fixture(scope="session")
def _looked_once(_made_once, browser):
    def looked(name):
        made = _made_once(name)
        pictures = {place: SHOTS / f"{name}-{called}" for place, called in made.kept.items()}
        return {place: look(page, file, pictures.get(place)) for place, file in made.pages.items()}

    with eyes(browser) as page:
        yield cache(looked)


@pytest.fixture(params=[company.name for company in COMPANIES])
def made(request, _made_once):
    """What a run of each company left."""
    return _made_once(request.param)


@pytest.fixture
def looked(made, _looked_once):
    """What a browser found on each of its pages, by its place in the folder."""
    return _looked_once(made.company.name)
