"""The files that a company's project begins with, as this release of the library has them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kpi_lib import paths
from kpi_lib.starter.wheel import wheel_of_the_library

NAME = "PROJECT_NAME"  # in a text that ships, what the project is called
NAMED = ("README.md", "environment.yml")  # the texts that say it
LOCK = "requirements.lock"
GITIGNORE = "dot-gitignore"  # how it is called where it ships: there it is none
TO_CODE = re.compile(r"\[([^\]]+)\]\(\.\./kpi_lib/[^)]*\)")  # links of docs that lead nowhere here
OWN = ("params/", "tests/figures.csv")  # what a company decides: laid down once, then its own
PARAMETERS = "parameters"
FOLDERS = ("notebooks", "docs")
PARAMS = tuple(
    f"params/{name}"
    for name in ("project.yml", "playbook.yml", "recipients.csv", "mappings/webshop.yml")
)


def files_for(name: str) -> dict[str, bytes]:
    """Return the files of a project of that name by their path in it."""
    wheel = wheel_of_the_library()
    lock = paths.shipped(LOCK).read_bytes() + wheel.requirement.encode()
    templates = {path: _named(path, content, name) for path, content in _template_files()}
    return {**templates, **dict(_copies()), LOCK: lock, f"wheels/{wheel.name}": wheel.content}


def is_own(path: str) -> bool:
    """Whether a file is the company's own as soon as it is laid down."""
    return path.startswith(OWN)


def fingerprint(path: str, content: bytes) -> str:
    """Return one short text for what people see of a file: the same until they change it.

    Of a notebook that is the cells but not what they put out, and not its parameters, which are
    changed to look at another partner.
    """
    compared = (
        _comparable_cells(content) if path.endswith(".ipynb") else content.replace(b"\r\n", b"\n")
    )
    return hashlib.sha256(compared).hexdigest()


def with_parameters_of(old: bytes, new: bytes) -> bytes:
    """Return a notebook with the values that an older one has in its cell of parameters.

    Where the two do not declare the same names, the new one is returned as it is.
    """
    before, notebook = _parameters(json.loads(old)), json.loads(new)
    cell = _parameters(notebook)
    if before is None or cell is None or _names(before) != _names(cell):
        return new
    cell["source"] = before["source"]
    return _notebook_bytes(notebook)


def _template_files() -> Iterator[tuple[str, bytes]]:
    """Yield the files that a project begins with: path in it, and content."""
    root = paths.starter_files()
    for file in _below(root):
        path = file.relative_to(root).as_posix()
        if not path.startswith((*FOLDERS, *PARAMS, LOCK)):  # these a wheel holds there too
            yield path.replace(GITIGNORE, ".gitignore"), file.read_bytes()


def _named(path: str, content: bytes, name: str) -> bytes:
    return content.replace(NAME.encode(), name.encode()) if path in NAMED else content


def _copies() -> Iterator[tuple[str, bytes]]:
    """Yield what the library uses itself: its notebooks, docs, and the params to begin with."""
    yield from ((name, paths.shipped(name).read_bytes()) for name in PARAMS)
    for folder in FOLDERS:
        root = paths.shipped(folder)
        for file in _below(root):
            yield f"{folder}/{file.relative_to(root).as_posix()}", _as_it_ships(file)


def _as_it_ships(file: Path) -> bytes:
    """Return a page without links into the code, a notebook without what it put out here."""
    content = file.read_bytes()
    if file.suffix == ".md":
        return TO_CODE.sub(r"\1", content.decode()).encode()
    return _without_outputs(json.loads(content)) if file.suffix == ".ipynb" else content


def _without_outputs(notebook: dict[str, Any]) -> bytes:
    """Return a notebook's file without outputs."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return _notebook_bytes(notebook)


def _notebook_bytes(notebook: dict[str, Any]) -> bytes:
    """Return a notebook as the bytes of its file."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def _below(root: Path) -> list[Path]:
    """Return the files below a folder, but for caches and what editors keep in hidden folders."""
    files = [file for file in sorted(root.rglob("*")) if file.is_file()]
    hidden = (".", "__pycache__")
    return [f for f in files if not any(p.startswith(hidden) for p in f.relative_to(root).parts)]


def _comparable_cells(content: bytes) -> bytes:
    """Return a notebook's cells as bytes to compare, but for its parameters and outputs."""
    try:
        cells = json.loads(content)["cells"]
        kept = [
            [cell["cell_type"], cell.get("metadata", {}).get("tags", []), _text(cell)]
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError):  # no notebook any more: its bytes are all there is
        return content
    return json.dumps([[k, tags, "" if PARAMETERS in tags else s] for k, tags, s in kept]).encode()


def _text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _parameters(notebook: dict[str, Any]) -> dict[str, Any] | None:
    tagged = [c for c in notebook["cells"] if PARAMETERS in c.get("metadata", {}).get("tags", [])]
    return tagged[0] if len(tagged) == 1 else None


def _names(cell: dict[str, Any]) -> list[str]:
    return re.findall(r"(?m)^(\w+)\s*=", _text(cell))
