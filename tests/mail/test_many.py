"""200 partners: each message arrives once, with the figures of the KPI table in all its parts."""

from __future__ import annotations

import os
import re
from html import unescape
from html.parser import HTMLParser

import polars as pl
import pytest

from kpi_lib.mail.password import VARIABLE
from kpi_lib.mail.workflow import Revision, approve, send
from kpi_lib.settings import load_settings
from tests.mail.made import PASSWORD, company, computed
from tests.mail.server import running
from tests.mail.test_send import Quick

PARTNERS = 200
IN_ALARM = int(os.environ.get("ALARM_PARTNERS", "40"))  # 1,000 in `make torture`
MESSAGES = 100  # of them, held against the names and figures of all
pytestmark = pytest.mark.slow


class Cells(HTMLParser):
    """The texts of a page, cell by cell."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in ("b", "em", "span", "strong"):
            self.texts.append("")

    def handle_data(self, data):
        if self.texts:
            self.texts[-1] += data


def number(text: str) -> float:
    """Return the number that a reader takes from a figure."""
    plain = re.sub(r"[^\d.%\N{MINUS SIGN}-]", "", text.replace("\N{MINUS SIGN}", "-"))
    return float(plain.rstrip("%")) / (100 if "%" in text else 1)


def rows_of_text(text: str) -> dict[str, str]:
    """Return the measures of a plain text with their figures."""
    part = text.partition("At a glance")[2].partition("What to do next")[0]
    found = re.findall(r"^- ([^:\n]+): (\S+)", part, re.MULTILINE)
    return {name.partition(" (lower")[0]: value for name, value in found}


def rows_of_html(html: str) -> dict[str, str]:
    """Return the measures of the e-mail's table with their figures."""
    html = unescape(html)
    names = re.findall(r'class="measure[^>]*>([^<]+)<', html)
    values = re.findall(r'class="value[^>]*>([^<]+)<', html)
    assert len(names) == len(values)
    return dict(zip((n.partition(" (lower")[0] for n in names), values, strict=True))


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    names = {f"N{i:03}": f"Partner number {i}" for i in range(PARTNERS)}
    return company(tmp_path_factory.mktemp("large"), names)


def test_200_partners_each_get_their_own_figures_once(large, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with running(tmp_path) as server:
        assert large.outbox(**server.settings()).held == ()
        approve(large.folder)
        sending = send(
            large.mailing(**server.settings()),
            Revision(),
            begin=lambda n: lambda e: None,
            clock=Quick().clock,
        )
    assert sending.is_complete and len(sending.entries) == PARTNERS
    assert list(server.count().values()) == [1] * PARTNERS
    table = pl.read_parquet(large.folder / "kpis.parquet")
    checked = sum(figures_are_right(large, one, table) for one in server.received)
    assert checked >= 6 * PARTNERS


def figures_are_right(large, one, table) -> int:
    """Hold the figures of a message that arrived against the table; return how many were held."""
    partner_id = one.to.partition("@")[2].partition(".")[0].upper()
    of_partner = table.filter(pl.col("entity") == partner_id)
    values = dict(of_partner.select("kpi", "value").iter_rows())
    meanings = large.slices[partner_id]["definitions"]
    known = {meanings[kpi]["name"]: (kpi, value) for kpi, value in values.items()}
    message = one.message
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    page = Cells(next(message.iter_attachments()).get_content()).texts
    in_html, in_text = rows_of_html(html), rows_of_text(text)
    assert large.partners[partner_id] in message["Subject"]
    assert set(in_html) <= set(in_text) and len(in_html) == 6
    for name, shown in in_html.items():
        _, value = known[name]
        assert in_text[name] == shown
        assert shown in [cell.strip() for cell in page], f"{name} of the attached page"
        decimals = len(shown.rstrip("%").partition(".")[2]) + (2 if "%" in shown else 0)
        assert number(shown) == pytest.approx(value, abs=0.5 * 10**-decimals + 1e-9)
    return len(in_html)


def test_real_figures_of_an_invented_company_raise_no_false_alarm(tmp_path):
    from kpi_lib.examples.synthetic import write_company
    from kpi_lib.mail.outbox import Mailing, write_outbox

    data = write_company(tmp_path / "data", partners=IN_ALARM, orders=200 * IN_ALARM, seed=3)
    partners = pl.read_parquet(data / "partners.parquet")
    names = partners["name"].to_list()
    odd = ("Spain", "AB", "Target", "Revenue", "On track", "Q3", "A", "7", "Germany", "September")
    names[: len(odd)] = odd
    partners.with_columns(pl.Series("name", names)).write_parquet(data / "partners.parquet")
    every = max(1, IN_ALARM // MESSAGES)
    folder = computed(tmp_path / "project", data, "2026-Q3", every)
    settings = load_settings(tmp_path / "project" / "params" / "project.yml")
    mailing = Mailing.open(settings, folder, tmp_path / "workspace")
    outbox = write_outbox(mailing)
    assert [held for held in outbox.held if "leak" in held.why] == []
    assert len(outbox.written) > 0.75 * IN_ALARM / every
