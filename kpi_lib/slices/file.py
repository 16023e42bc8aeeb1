"""The file of a slice: written and read here alone, with what it is and its version.

{"kind": "scorecard", "version": 2, "content": {...}}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from kpi_lib.errors import Problem, RunError
from kpi_lib.slices.json_form import AGAIN, FormError, build, plain
from kpi_lib.slices.page_types import RunFacts

FILE = "slice.json"


class Slice(Protocol):
    """A dataclass that a file can hold: its name there, and the version of its form."""

    KIND: ClassVar[str]
    VERSION: ClassVar[int]


S = TypeVar("S", bound=Slice)


def write(slice_: Slice, folder: Path) -> None:
    """Write a slice as the only file of its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(as_text(slice_), encoding="utf-8")


def as_text(slice_: Slice) -> str:
    """Return a slice as its file has it."""
    whole = {"kind": slice_.KIND, "version": slice_.VERSION, "content": slice_}
    return json.dumps(
        whole, default=plain, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1
    )


def read(kind: type[S], folder: Path) -> S:
    """Return the slice that lies in `folder`.

    Raises RunError where there is none, where it is of another kind or version, and with every part
    of it that is not what it must be.
    """
    whole = _read_json(folder)
    content = whole.get("content")
    if whole.get("kind") != kind.KIND or not isinstance(content, dict):
        found = f"{FILE} is no slice of the kind {kind.KIND}: it says {whole.get('kind')!r}"
        raise RunError(Problem(_where(folder), found, AGAIN))
    if whole.get("version") != kind.VERSION:
        found = f"{FILE} is of version {whole.get('version')!r}, this release reads {kind.VERSION}"
        raise RunError(Problem(_where(folder), found, AGAIN))
    try:
        return build(kind, content)
    except FormError as error:
        raise RunError(error.problems(_where(folder))) from error


def run_of(folder: Path) -> RunFacts:
    """Return the facts of the run that made a slice, of whatever kind that is."""
    content = _read_json(folder).get("content")
    try:
        return build(RunFacts, content.get("run") if isinstance(content, dict) else None)
    except FormError as error:
        raise RunError(error.problems(_where(folder))) from error


def _where(folder: Path) -> str:
    return f"slice {folder.name}"


def _read_json(folder: Path) -> dict[str, object]:
    """Return the content of a slice's file; raise RunError where it cannot be read."""
    where = _where(folder)
    try:
        whole = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        todo = "Run `kpi run` first, or leave the parameter slice empty."
        raise RunError(Problem(where, f"there is no {FILE} in {folder}", todo)) from missing
    except ValueError as broken:
        raise RunError(Problem(where, f"{FILE} cannot be read: {broken}", AGAIN)) from broken
    if not isinstance(whole, dict):
        raise RunError(Problem(where, f"{FILE} holds no mapping", AGAIN))
    return whole
