"""The file of a slice: written and read here alone, with what it is and its version.

{"kind": "scorecard", "version": 2, "content": {...}}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from kpi_lib.errors import Problem, RunError
from kpi_lib.slices.json_form import AGAIN, FormError, build, plain

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
    where = f"slice {folder.name}"
    whole = _json(folder, where)
    if (found := _other(kind, whole)) is not None:
        raise RunError(Problem(where, found, AGAIN))
    try:
        return build(kind, whole["content"])
    except FormError as error:
        raise RunError(error.problems(where)) from error


def _other(kind: type[S], whole: dict[str, object]) -> str | None:
    """Return in which way a file is no slice of that kind and version, None where it is one."""
    if whole.get("kind") != kind.KIND or "content" not in whole:
        return f"{FILE} is no slice of the kind {kind.KIND}: it says {whole.get('kind')!r}"
    if whole.get("version") != kind.VERSION:
        return (
            f"{FILE} is of version {whole.get('version')!r}, "
            f"and this release reads version {kind.VERSION}"
        )
    return None


def _json(folder: Path, where: str) -> dict[str, object]:
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
