"""Ids of partners as names of folders: which are one on some systems, and which none may bear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from kpi_lib.data.faults import ODD, Fault
from kpi_lib.data.preparation import Prepared
from kpi_lib.data.raw import ROW

RESERVED = frozenset(  # names of devices on Windows, whatever their case and ending
    ("con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10)))
)


def alike(ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids that differ only in case, by what they are without it.

    >>> alike(["P1", "p1", "P2"])
    {'p1': ['P1', 'p1']}
    """
    found: dict[str, list[str]] = defaultdict(list)
    for id_ in sorted(ids):
        found[id_.casefold()].append(id_)
    return {folded: together for folded, together in found.items() if len(together) > 1}


def is_no_folder_on_windows(id_: str) -> bool:
    """Say whether Windows makes no folder of that name, or another one.

    >>> [is_no_folder_on_windows(id_) for id_ in ("con", "NUL.2", "P1.", "P1")]
    [True, True, True, False]
    """
    return id_.partition(".")[0].lower() in RESERVED or id_.endswith(".")


def folder_warnings(prepared: Prepared) -> list[Fault]:
    """Return a warning for each partner that can have no folder on Windows.

    That ids differ only in case is reported with all values that do.
    """
    if prepared.table.name != "partners" or "partner_id" not in prepared.columns:
        return []
    rows = prepared.frame.select(ROW, "partner_id").drop_nulls().collect()
    odd = [(row, id_) for row, id_ in rows.iter_rows() if is_no_folder_on_windows(id_)]
    kind = "no folder's name on Windows"
    return [
        Fault("partners", row, "partner_id", f"{id_} is {kind}", id_, "warning", kind, ODD)
        for row, id_ in odd
    ]
