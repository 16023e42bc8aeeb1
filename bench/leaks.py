"""How strong the leak check is, and how often it is wrong: both in one run, so neither is traded.

    python bench/leaks.py                      300 planted leaks, all messages of 1,000 partners
    python bench/leaks.py --partners 40        the same, smaller; status 1 below the limits

A company is made and computed, every message that would go out is searched (what is found there is
a false alarm), and leaks of some 35 kinds are planted, each for several pairs of partners.
"""

from __future__ import annotations

import argparse
import base64
import io
import random
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from kpi_lib.examples.synthetic import write_company
from kpi_lib.leaks.tokens import words_of
from kpi_lib.mail.outbox import Mailing
from kpi_lib.settings import load_settings
from tests.mail.made import computed

ODD = ("Spain", "AB", "Target", "Revenue", "On track", "Q3", "A", "7", "Germany", "September")
PERIOD = "2026-Q3"
FEWEST = 0.95  # of the leaks that must be stopped
CYRILLIC = str.maketrans(  # letters that look alike
    "aceopxyAEOCP", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0410\u0415\u041e\u0421\u0420"
)
ALL, PAGE, TYPED = "all", "page", "typed"


@dataclass(frozen=True)
class Other:
    """Another partner, as a leak would tell of it."""

    id: str
    name: str
    email: str
    revenue: float


Way = Callable[[Other], str]


def spaced(text: str, mark: str) -> str:
    """Return a text with a mark between its thousands."""
    return f"{text:,}".replace(",", mark)


def rare_part(name: str) -> str:
    """Return the longest word of a name."""
    return max(words_of(name), key=len)


KINDS: dict[str, tuple[Way, str]] = {
    "name": (lambda o: f"better than {o.name} this time", ALL),
    "name in capitals": (lambda o: f"better than {o.name.upper()}", ALL),
    "name in small letters": (lambda o: f"better than {o.name.lower()}", ALL),
    "name without accents": (lambda o: unaccented(o.name), ALL),
    "name with a Cyrillic letter": (lambda o: o.name.translate(CYRILLIC), ALL),
    "name cut by soft hyphens": (lambda o: "\u00ad".join(o.name), ALL),
    "name with zero width spaces": (lambda o: "\u200b".join(o.name), ALL),
    "name in full width": (lambda o: "".join(wide(c) for c in o.name), ALL),
    "name with underscores": (lambda o: o.name.replace(" ", "_"), ALL),
    "name run together": (lambda o: "".join(w.capitalize() for w in words_of(o.name)), ALL),
    "name letter by letter": (lambda o: " ".join(rare_part(o.name)), ALL),
    "part of the name": (lambda o: f"as good as {rare_part(o.name)}", ALL),
    "name without its legal form": (lambda o: " ".join(words_of(o.name)[:-1]), ALL),
    "genitive of a part": (lambda o: f"{rare_part(o.name)}s revenue", ALL),
    "name in base64": (lambda o: base64.b64encode(f"see {o.name}".encode()).decode(), PAGE),
    "name as entities": (lambda o: "".join(f"&#{ord(c)};" for c in o.name), PAGE),
    "name cut by elements": (lambda o: "<b>".join(o.name).replace("<b>", "<b></b>"), PAGE),
    "name in a comment": (lambda o: f"<!-- {o.name} -->", PAGE),
    "name in a title": (lambda o: f'<span title="{o.name}">other</span>', PAGE),
    "name in an SVG": (lambda o: picture("svg+xml", f"<text>{o.name}</text>".encode()), PAGE),
    "name in a PNG's text": (lambda o: picture("png", png(b"tEXt", f"A\0{o.name}".encode())), PAGE),
    "name in a PNG's packed text": (
        lambda o: picture("png", png(b"zTXt", b"A\0\0" + zlib.compress(o.name.encode()))), PAGE),
    "name in a PNG's own chunk": (lambda o: picture("png", png(b"prVt", o.name.encode())), PAGE),
    "name after a PNG's end": (lambda o: picture("png", png() + o.name.encode()), PAGE),
    "id": (lambda o: f"see {o.id}", ALL),
    "address": (lambda o: f"write to {o.email}", ALL),
    "revenue to the cent": (lambda o: f"revenue was {o.revenue:,.2f}", ALL),
    "revenue, rounded": (lambda o: f"revenue was {o.revenue:,.0f}", ALL),
    "revenue, German": (lambda o: spaced(round(o.revenue), "."), ALL),
    "revenue with figure spaces": (lambda o: spaced(round(o.revenue), "\u2007"), ALL),
    "revenue with narrow spaces": (lambda o: spaced(round(o.revenue), "\u202f"), ALL),
    "revenue with apostrophes": (lambda o: spaced(round(o.revenue), "'"), ALL),
    "revenue in other digits": (lambda o: arabic(f"{o.revenue:.0f}"), ALL),
    "revenue cut by elements": (lambda o: "<b></b>".join(f"{o.revenue:.0f}"), PAGE),
    "revenue as 51.2k": (lambda o: f"{o.revenue / 1e3:.1f}k", ALL),
    "revenue as 51k": (lambda o: f"{o.revenue / 1e3:.0f}k", ALL),
    "revenue as 51,0 Tsd.": (lambda o: f"{o.revenue / 1e3:.1f} Tsd.".replace(".", ",", 1), ALL),
    "about 51,000": (lambda o: f"about {round(o.revenue, -3):,.0f}", ALL),
}  # fmt: skip


def unaccented(name: str) -> str:
    """Return a name without its accents."""
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def wide(letter: str) -> str:
    """Return a letter in its full width."""
    return chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalnum() else letter


def arabic(digits: str) -> str:
    """Return digits as Arabic writes them."""
    return "".join(chr(0x660 + int(d)) for d in digits)


def png(kind: bytes = b"", data: bytes = b"") -> bytes:
    """Return an image of one point, with one more chunk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        chunk_head = len(data).to_bytes(4, "big") + kind + data
        return chunk_head + zlib.crc32(kind + data).to_bytes(4, "big")

    head = chunk(b"IHDR", (1).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0)))
    more = chunk(kind, data) if kind else b""
    body = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + more + body + chunk(b"IEND", b"")


def picture(kind: str, content: bytes) -> str:
    """Return an image within a page."""
    return f'<img alt="" src="data:image/{kind};base64,{base64.b64encode(content).decode()}">'


def made(root: Path, partners: int) -> Mailing:
    """Return the mailing of a company of that size, whose reports are made in this process."""
    data = write_company(root / "data", partners=partners, orders=100 * partners, seed=11)
    rows = pl.read_parquet(data / "partners.parquet")
    names = [*ODD, *rows["name"].to_list()[len(ODD) :]]
    rows.with_columns(pl.Series("name", names)).write_parquet(data / "partners.parquet")
    folder = computed(root / "project", data, PERIOD)
    settings = load_settings(root / "project" / "params" / "project.yml")
    return Mailing.open(settings, folder, root / "workspace")


def others_of(mailing: Mailing) -> list[Other]:
    """Return the partners of whom a leak can tell: those with a name of their own and revenue."""
    table = pl.read_parquet(mailing.reports.folder / "kpis.parquet")
    rows = table.filter(pl.col("scope") == "partner", pl.col("kpi") == "revenue")
    revenue = dict(rows.select("entity", "value").iter_rows())
    addresses = {r.partner_id: r.email for r in mailing.recipients.listed}
    names = mailing.check.known.partners
    return [
        Other(id_, names[id_], addresses[id_], revenue[id_])
        for id_ in sorted(addresses)
        if names[id_] not in ODD and (revenue.get(id_) or 0) >= 10_000
    ]


def planted(mailing: Mailing, pairs: list[tuple[str, Other]]) -> Iterator[tuple[str, str, bool]]:
    """Yield the kind of each planted leak, where it was planted, and whether it was stopped."""
    for kind, (way, where) in KINDS.items():
        for partner_id, other in pairs:
            slice_, text = mailing.reports.slice_of(partner_id).content, way(other)
            if where in (ALL, PAGE):
                message = with_paragraph(mailing, partner_id, text)
                yield kind, PAGE, bool(mailing.check.of(slice_, partner_id).message(message))
            if where in (ALL, TYPED):
                assert slice_.insights is not None
                insights = replace(slice_.insights, note=f"A note: {text}.")
                noted = replace(slice_, insights=insights)
                yield kind, TYPED, bool(mailing.check.of(noted, partner_id).typed())


def with_paragraph(mailing: Mailing, partner_id: str, text: str) -> bytes:
    """Return a partner's message with one more paragraph."""
    (recipient,) = mailing.recipients.of(partner_id)
    message = message_from_bytes(mailing.composer.message(recipient), policy=SMTP)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html",))
    assert body is not None
    html = body.get_content()
    body.set_content(html.replace("</h1>", f"</h1><p>{text}</p>", 1), subtype="html")
    out = io.BytesIO(message.as_bytes())
    return out.getvalue()


def alarms(mailing: Mailing) -> Iterator[str]:
    """Yield every leak that is found where none is: in each page, notebook and message."""
    for recipient in mailing.recipients.listed:
        id_ = recipient.partner_id
        search = mailing.check.of(mailing.reports.slice_of(id_).content, id_)
        page, notebook = (mailing.reports.page(id_, ending) for ending in ("html", "ipynb"))
        found = [
            *search.typed(),
            *search.message(mailing.composer.message(recipient)),
            *search.page(page.name, page.read_text(encoding="utf-8")),
            *search.notebook(notebook.name, notebook.read_text(encoding="utf-8")),
        ]
        yield from (f"{id_}: {leak}" for leak in found)


def main() -> int:
    """Show both figures; return 1 where one of them is not good enough."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--partners", type=int, default=1_000)
    options.add_argument("--pairs", type=int, default=8, help="of partners, for each kind")
    size = options.parse_args()
    console = Console(width=100)
    with tempfile.TemporaryDirectory() as root:
        mailing = made(Path(root), size.partners)
        results = list(planted(mailing, pairs_of(others_of(mailing), size.pairs)))
        wrong = list(alarms(mailing))
        messages = len(mailing.recipients.listed)
    console.print(table_of(results))
    good = True
    for place in (PAGE, TYPED):
        stopped = [was for _, where, was in results if where == place]
        share = sum(stopped) / len(stopped)
        good &= share >= FEWEST
        console.print(f"{place}: {in_all(stopped)} planted leaks stopped, {share:.1%}")
    searched = f"{messages:,} messages, pages and notebooks each"
    console.print(f"false alarms: {len(wrong)} in {searched}")
    for line in wrong[:10]:
        console.print(f"  {line}", markup=False)
    return 0 if good and not wrong else 1


def pairs_of(others: list[Other], count: int) -> list[tuple[str, Other]]:
    """Return so many partners, each with another one whose names and figures it may not see."""
    chance = random.Random(7)
    drawn = (chance.sample(others, 2) for _ in range(count))
    return [(mine.id, other) for mine, other in drawn]


def table_of(results: list[tuple[str, str, bool]]) -> Table:
    """Return how many planted leaks of each kind were stopped, by where they stood."""
    table = Table("leak", "on a page", "in a note")
    for kind in KINDS:
        found = {
            place: [was for k, where, was in results if (k, where) == (kind, place)]
            for place in (PAGE, TYPED)
        }
        table.add_row(kind, *(in_all(stopped) if stopped else "" for stopped in found.values()))
    return table


def in_all(stopped: list[bool]) -> str:
    """Return how many of how many were stopped."""
    return f"{sum(stopped)} of {len(stopped)}"


if __name__ == "__main__":
    sys.exit(main())
