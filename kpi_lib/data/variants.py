"""Ids and names that differ only in what people do not see: case, blanks, Unicode form.

Two forms of Unicode are read as one. Two spellings in other letters stay two, and are reported.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from kpi_lib.data.faults import ODD, Fault
from kpi_lib.data.hints import printable
from kpi_lib.data.names import UNSEEN, folded
from kpi_lib.data.preparation import Prepared
from kpi_lib.data.raw import ROW
from kpi_lib.data.twice import standing_twice

KIND = "differs only in case or blanks"


def variant_warnings(prepared: Prepared) -> list[Fault]:
    """Return a warning for each row whose id or name is another spelling of an earlier row's."""
    table = prepared.table
    key = table.key[0]
    is_id = len(table.key) == 1 and table.columns[key].kind == "id"
    labels = [name for name, column in table.columns.items() if column.is_label]
    checked = [*([key] if is_id else []), *labels]
    return [
        w
        for name in checked
        if name in prepared.columns
        for w in _variants_in_column(prepared, name)
    ]


def _variants_in_column(prepared: Prepared, column: str) -> Iterator[Fault]:
    """Yield a warning for each value that differs from another by its spelling alone."""
    value = pl.col(column)
    values = prepared.frame.select(value).drop_nulls()
    if prepared.table.key != (column,):  # a key stands once as it is
        values = values.unique()
    twice = standing_twice(values, _rough_mark(value))
    if not len(twice):
        return
    alike = values.filter(_rough_mark(value).is_in(twice.implode())).unique()
    spellings: dict[str, list[str]] = {}
    for text in alike.collect(engine="streaming")[column]:
        spellings.setdefault(folded(text), []).append(text)
    several = {text: texts for texts in spellings.values() if len(texts) > 1 for text in texts}
    if several:
        yield from _spelling_faults(prepared, column, several)


def _rough_mark(value: pl.Expr) -> pl.Expr:
    """Return 8 bytes for a value that its other spellings share; a few others may share them."""
    same = value.str.normalize("NFKC").str.to_lowercase()
    same = same.str.replace_all("\N{LATIN SMALL LETTER SHARP S}", "ss", literal=True)
    return same.str.replace_all(rf"[\s{UNSEEN}]", "").hash(seed=0)


def _spelling_faults(
    prepared: Prepared, column: str, several: dict[str, list[str]]
) -> Iterator[Fault]:
    """Yield a warning for each row that spells its value otherwise than the first row does.

    `several`: the spellings of one value, by each of them.
    """
    value = pl.col(column)
    rows = prepared.frame.select(ROW, column).filter(value.is_in(list(several)))
    first: dict[str, str] = {}
    for number, text in rows.collect(engine="streaming").sort(ROW).iter_rows():
        other = first.setdefault(folded(text), text)
        if other != text:
            message = f"{printable(text)} {KIND} from {printable(other)}, and is read as another"
            place = (prepared.name, number, column, message, text)
            yield Fault(*place, severity="warning", kind=KIND, rank=ODD)
