"""Parameters are held against the notebook's own cell before anything runs.

Papermill only warns of one that the notebook does not declare, then runs it for the default
partner. Its inspection also misses lines that it does not understand, so the cell is read as
Python here.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kpi_lib.errors import Problem, RunError

PARAMETERS_TAG = "parameters"
_PLAIN = (str, int, float, bool, list, tuple, type(None))


def declared(notebook: Path) -> dict[str, Any]:
    """Return the parameters that a notebook declares, with their defaults.

    Raises RunError where it cannot be read, has no such cell, or a line is no plain assignment.
    """
    cells = [cell for cell in _read_cells(notebook) if PARAMETERS_TAG in _tags(cell)]
    if len(cells) != 1:
        raise RunError(
            Problem(
                notebook.name,
                f"it has {len(cells)} cells tagged {PARAMETERS_TAG!r}, it needs one",
                "Tag the cell that holds its settings, and only that one.",
            )
        )
    source = cells[0]["source"]
    return _assignments(notebook, source if isinstance(source, str) else "".join(source))


def require_declared(notebook: Path, given: Iterable[Mapping[str, Any]]) -> None:
    """Raise RunError where the notebook does not declare a parameter that it will be passed.

    `given` holds the parameters of every job; all faults are reported at once.
    """
    known = declared(notebook)
    unknown = sorted({name for parameters in given for name in parameters} - set(known))
    if unknown:
        raise RunError(
            Problem(
                notebook.name,
                f"it has no parameter {', '.join(unknown)}; its parameters cell declares "
                f"{', '.join(known)}",
                "Correct the spelling, or add the name to the cell tagged 'parameters'.",
            )
        )


def _read_cells(notebook: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook file, as its JSON has them."""
    try:
        return list(json.loads(notebook.read_text(encoding="utf-8"))["cells"])
    except FileNotFoundError as missing:
        raise RunError(Problem(notebook.name, "there is no such notebook")) from missing
    except (ValueError, KeyError, TypeError) as broken:
        raise RunError(Problem(notebook.name, f"it is no notebook: {broken}")) from broken


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", ()))


def _assignments(notebook: Path, source: str) -> dict[str, Any]:
    """Return the values that a parameters cell assigns, by name; raise RunError on other lines."""
    try:
        lines = ast.parse(source).body
    except SyntaxError as broken:
        raise RunError(Problem(notebook.name, f"parameters cell: {broken}")) from broken
    found: dict[str, Any] = {}
    problems = []
    for line in lines:
        name, value = _assignment(line)
        if name is None:
            problems.append(
                Problem(
                    f"{notebook.name}, parameters cell, line {line.lineno}",
                    f"{ast.unparse(line)!r} is no plain assignment",
                    "Write `name = value`, one a line, with a text, number, yes or no, or list.",
                )
            )
        else:
            found[name] = value
    if problems:
        raise RunError(problems)
    return found


def _assignment(line: ast.stmt) -> tuple[str | None, Any]:
    """Return the name and value of a plain assignment; a None for anything else."""
    if not isinstance(line, ast.Assign) or len(line.targets) != 1:
        return None, None
    target = line.targets[0]
    try:
        value = ast.literal_eval(line.value)
    except ValueError:
        return None, None
    if not isinstance(target, ast.Name) or not isinstance(value, _PLAIN):
        return None, None
    return target.id, value
