"""What may differ between two versions that are the same: each thing once, with its reason.

A place is a pattern of the files' names below the folder of what one version made; `*` takes in
folders too. Whatever is not named here has to be equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest

Value = object  # what a JSON file holds
STAMP = "(a stamp)"
_NUMBER = re.compile(r"(?<![#\w.])(-?\d+(?:\.\d+)?)(?![\w.])")
MOMENT = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00)?"


@dataclass(frozen=True)
class Stamp:
    """What is not compared within files: a regular expression, or a pattern of keys in JSON."""

    place: str
    pattern: str
    why: str


TEXTS = (
    Stamp("*/index.html", rf"(?<=<dd>){MOMENT}(?=</dd>)", "when the run was"),
    Stamp("*/index.html", r"(?<=<dt>Version</dt><dd>)[^<]+", "the release"),
    Stamp("*/said/*-run.txt", r"(?<= done in )\d+(?= s$)", "how long it took"),
    Stamp("*/said/*-status.txt", MOMENT, "since when an e-mail is in its state"),
    Stamp("*/params/allowed.csv", MOMENT, "when somebody allowed it"),
    Stamp("*.ipynb", r'(?<=^   "id": ")[0-9a-f]{8}(?=",$)', "drawn at each run by papermill"),
    Stamp("*.ipynb", r'(?<=")(from|import) kpi_lib\b[^"]*', "modules may be called otherwise"),
)
KEYS = (
    Stamp("*/run.json", "started_at", "when the run was"),
    Stamp("*/run.json", "seconds", "how long it took"),
    Stamp("*/run.json", "cpu_seconds", "how long it took"),
    Stamp("*/run.json", "cpu_seconds_of_reports", "how long it took"),
    Stamp("*/run.json", "version", "the release"),
    Stamp("*/run.json", "at", "when somebody allowed it"),
    Stamp("*/run.json", "bytes", "those of the notebook, which holds stamps, are among them"),
    Stamp("*/run.json", "*.*", "the hash of a file, which is compared itself"),
    Stamp("*/outbox.json", "report", "a hash of the hash of a notebook, which holds stamps"),
)
# Figures that no two runs repeat to more than seven digits, with how far they may lie from each
# other: a file, and where in it. The last bits of the sums that go into a forecast's fit, which
# differ from run to run, move the place at which its search ends.
FITTED = 1e-6
FITTED_FIGURES = (
    Stamp("*/forecast.parquet", "*", "the forecasts themselves"),
    Stamp("*/slice.json", "*.outlook.*", "the forecasts, and what is worked out from them"),
)
# Charts are drawn to a millionth of a point: what cannot be seen is the same, and so are the names
# that matplotlib makes of where things lie.
POINTS = 0.01
NAME_IN_CHART = re.compile(r"\b[mp][0-9a-f]{10}\b")
LEFT_OUT = {
    "*/.run/lock": "an empty file",
    "*/.run/inputs/*": "what the run keeps to know later what changed; nobody is shown it",
    "*/.run/models/*": "what the run keeps to be faster next time; tables and slices hold it",
    "*/.run/quality/*": "what the run keeps for a page, whose slice holds it",
    "*/.run/unchanged.json": "hashes of the code",
    "*/.run/worker-*.log": "what a worker says where it breaks down",
    "*/.mail/*": "the ledger is full of moments; `kpi status` tells what stands in it",
    "*/outbox/ledger.json": "a hash over moments",
}


@dataclass(frozen=True)
class Stamps:
    """Takes the stamps out of what one version made; `places`: its folders on this machine."""

    places: Mapping[str, str]

    def out_of_text(self, name: str, text: str) -> str:
        """Return the text of a file with a word in the place of each stamp."""
        for folder, word in self.places.items():
            text = text.replace(folder, word)
        for stamp in _of(TEXTS, name):
            text = re.sub(stamp.pattern, STAMP, text, flags=re.MULTILINE)
        return text

    def out_of_value(self, name: str, value: Value) -> Value:
        """Return what a JSON file holds with a word in the place of each stamp."""
        keys = [stamp.pattern for stamp in _of(KEYS, name)]
        return _without(value, keys) if keys else value


def is_fitted(name: str, where: str) -> bool:
    """Say whether a figure at a place of a file comes from a forecast's fit."""
    return any(fnmatchcase(where, stamp.pattern) for stamp in _of(FITTED_FIGURES, name))


def same_drawing(one: str, other: str) -> bool:
    """Say whether two lines of a chart draw the same."""
    lines = (_NUMBER.split(NAME_IN_CHART.sub("", line)) for line in (one, other))
    pairs = list(zip_longest(*lines))
    return all(text == its for text, its in pairs[::2]) and all(
        math.isclose(float(number), float(its), rel_tol=0, abs_tol=POINTS)
        for number, its in pairs[1::2]
    )


def left_out(name: str, more: Iterable[str] = ()) -> bool:
    """Say whether a file is not compared; `more`: patterns of the caller's own."""
    return any(fnmatchcase(name, pattern) for pattern in (*LEFT_OUT, *more))


def _of(stamps: Iterable[Stamp], name: str) -> list[Stamp]:
    return [stamp for stamp in stamps if fnmatchcase(name, stamp.place)]


def _without(value: Value, keys: list[str]) -> Value:
    if isinstance(value, dict):
        return {
            name: STAMP if any(fnmatchcase(name, key) for key in keys) else _without(inner, keys)
            for name, inner in value.items()
        }
    return [_without(inner, keys) for inner in value] if isinstance(value, list) else value
