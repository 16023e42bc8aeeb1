"""YAML files that people write: read with their lines, checked against a model, all faults at once.

Only what YAML 1.2 takes for a value is one: `No` is a word and `0042` an id.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from kpi_lib import paths
from kpi_lib.errors import Problem, SettingsError
from kpi_lib.regular import open_regular

LARGEST = 250_000  # bytes: a mapping with a thousand codes has a tenth of it
DEEPEST = 40  # brackets and indentations within each other
MOST_VALUES = 50_000  # names and values, those counted again that an alias repeats
SHOWN = 60  # characters of a value that a message repeats
CALLS_FOR_A_MAPPING = "Write `name: value` lines, as in the shipped params/project.yml."


@dataclass(frozen=True)
class YamlFile:
    """The content of a YAML file, and the line on which each key path (`a.b.0`) stands."""

    path: Path
    content: dict[str, Any]
    lines: Mapping[str, int]

    def where(self, key: str) -> str:
        """Return file and line of a key, or of the nearest one above it that is in the file."""
        parts = key.split(".")
        for end in range(len(parts), 0, -1):
            if ".".join(parts[:end]) in self.lines:
                return f"{paths.shown(self.path)} line {self.lines['.'.join(parts[:end])]}"
        return paths.shown(self.path)


def read_yaml(path: Path) -> YamlFile:
    """Return a YAML file that holds a mapping; raise SettingsError with all that is wrong in it."""
    text = _read_text(path)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise SettingsError(_syntax_problems(path, text, error)) from error
    if node is None:  # every line is a comment
        return YamlFile(path, {}, {})
    if not isinstance(node, yaml.MappingNode):
        found = "is not a mapping of names to values"
        raise SettingsError.at(paths.shown(path), found, CALLS_FOR_A_MAPPING)
    reader = _NodeReader(path)
    try:
        content = reader.value(node, ())
    except _TooManyValuesError:
        found = f"it has more than {MOST_VALUES:,} names and values, aliases written out"
        raise SettingsError.at(paths.shown(path), found, "Write no alias of aliases.") from None
    if reader.problems:
        raise SettingsError(reader.problems)
    return YamlFile(path, content, reader.lines)


def _read_text(path: Path) -> str:
    """Return a file's text; raise SettingsError where it is too large or no UTF-8."""
    where = paths.shown(path)
    try:
        with open_regular(path) as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise SettingsError.at(where, "there is no such file", "Check the path.") from error
    except IsADirectoryError as error:
        raise SettingsError.at(where, "is a folder, not a file", "Name the file in it.") from error
    except OSError as error:
        raise SettingsError.at(where, f"cannot be read ({error.strerror})") from error
    if len(raw) > LARGEST:
        found = f"it has more than {LARGEST:,} bytes"
        raise SettingsError.at(where, found, "Tables belong into the data, not into settings.")
    try:
        # In the Unicode form in which data are read, so that names of both are the same.
        return unicodedata.normalize("NFC", raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte {raw[error.start]:02X} is not UTF-8"
        todo = "Save the file as UTF-8; it looks like latin-1."
        raise SettingsError.at(f"{where} line {line}", found, todo) from error


class _Loader(yaml.SafeLoader):
    """Reads YAML that is nested no deeper than a person would write it."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node; raise where it lies too deep."""
        if self._depth > DEEPEST:
            found = f"more than {DEEPEST} levels within each other"
            raise yaml.composer.ComposerError(None, None, found, self.peek_event().start_mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _syntax_problems(path: Path, text: str, error: yaml.YAMLError) -> list[Problem]:
    """Name every tab in an indentation, which YAML forbids, or else what the parser found."""
    where = paths.shown(path)
    tabs = [
        Problem(f"{where} line {number}", "a tab", "YAML is indented with spaces only.")
        for number, line in enumerate(text.splitlines(), 1)
        if "\t" in line[: len(line) - len(line.lstrip())]
    ]
    if tabs:
        return tabs
    mark = getattr(error, "problem_mark", None)
    found = getattr(error, "problem", None) or "a character that YAML does not allow"
    if "'\\t'" in found:
        found = "a tab; YAML separates with spaces only"
    place = f"{where} line {mark.line + 1}" if mark else where
    return [Problem(place, f"is not YAML: {found}", "Compare with the shipped example.")]


# What only an old YAML takes for a value: No is a word (or a column), and 0042 is an id.
_OLD_YAML = {
    "tag:yaml.org,2002:bool": re.compile("true|false", re.IGNORECASE),
    "tag:yaml.org,2002:int": re.compile(r"[+-]?(0|[1-9]\d*)"),
}
_ANY = re.compile(".*", re.DOTALL)
# Within quotes YAML writes them as \0, \e or \ud800; no file, table or page can have them.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class _TooManyValuesError(Exception):
    """There are more names and values than anybody has written."""


class _NodeReader:
    """Turns YAML nodes into values, noting the line of each and every key that stands twice."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()
        self._values = 0

    def value(self, node: yaml.Node, key: tuple[str, ...]) -> Any:
        """Return what a node holds, and note the line of its key."""
        self._values += 1
        if self._values > MOST_VALUES:
            raise _TooManyValuesError
        if key:
            self.lines.setdefault(".".join(key), node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._read_scalar(node)
        if id(node) in self._open:
            self._blame(node, "contains itself", "Write it out.")
            return None
        self._open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            result: Any = self._read_mapping(node, key)
        else:
            items = enumerate(node.value)
            result = [self.value(item, (*key, str(number))) for number, item in items]
        self._open.discard(id(node))
        return result

    def _read_mapping(self, node: yaml.MappingNode, key: tuple[str, ...]) -> dict[str, Any]:
        """Return a mapping; a name that stands twice is a fault."""
        result: dict[str, Any] = {}
        for name_node, value_node in node.value:
            if not isinstance(name_node, yaml.ScalarNode) or _NO_TEXT.search(name_node.value):
                self._blame(name_node, "a name must be a plain word", "")
                continue
            name = str(name_node.value)  # the text as written: 0042 and NO are names, not values
            path = (*key, name)
            if name in result:
                first = self.lines[".".join(path)]
                found = f"{'.'.join(path)} stands twice, first on line {first}"
                self._blame(name_node, found, "Keep one of them.")
                continue
            self.lines[".".join(path)] = name_node.start_mark.line + 1
            result[name] = self.value(value_node, path)
        return result

    def _read_scalar(self, node: yaml.ScalarNode) -> Any:
        """Return a single value as YAML 1.2 has it; one that cannot be read is a fault."""
        if node.style is None and _OLD_YAML.get(node.tag, _ANY).fullmatch(node.value) is None:
            return node.value
        if _NO_TEXT.search(node.value):
            found = f"{_shortened(node.value)!r} has a character that no text has"
            self._blame(node, found, "Take the \\ out, or write it twice.")
            return None
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            found = f"{_shortened(node.value)!r} cannot be read"
            self._blame(node, found, "Put it in quotes if it is text.")
            return None

    def _blame(self, node: yaml.Node, found: str, todo: str) -> None:
        where = f"{paths.shown(self.path)} line {node.start_mark.line + 1}"
        self.problems.append(Problem(where, found, todo))


# --- from YAML to a checked model -----------------------------------------------------------------


class Model(BaseModel):
    """What every part of the settings has in common: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


# What pydantic says, in the words of someone who writes YAML.
_WORDS = {
    "Value error, ": "",
    "Input should be": "it should be",
    "String should match pattern": "it should have the form",
    "Tuple should have": "it should have",
    " after validation": "",
    "dictionary": "mapping",
    "valid tuple": "list",
    "a valid string": "text; put quotes around it",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
}

ModelT = TypeVar("ModelT", bound=Model)


def check_yaml(model: type[ModelT], file: YamlFile, content: Mapping[str, Any]) -> ModelT:
    """Return the content as `model`; raise SettingsError with all its faults, line by line."""
    try:
        return model.model_validate(dict(content))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        # What only follows from another fault is no fault of its own.
        own = [fault for fault in faults if fault["type"] != "default_factory_not_called"]
        found = [(_key_of(fault["loc"]), fault) for fault in own]
        problems = {_problem_of(model, file, key, fault): None for key, fault in found}
        raise SettingsError(in_order(problems)) from error


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of one file in the order of their lines."""
    return sorted(problems, key=_line_of_problem)


def _key_of(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc if part != "[key]")


def _line_of_problem(problem: Problem) -> tuple[int, Problem]:
    _, _, line = problem.where.rpartition(" line ")
    return (int(line) if line.isdigit() else 0, problem)


def _problem_of(model: type[Model], file: YamlFile, key: str, fault: Any) -> Problem:
    """Return a fault of the model as a problem, with its line and the nearest known key."""
    if fault["type"] == "extra_forbidden":
        known = _known_beside(model, key)
        todo = _nearest(key.rpartition(".")[2], known)
        return Problem(file.where(key), f"unknown key {key}", todo)
    if fault["type"] == "missing":
        return Problem(file.where(key), f"{key} is missing", "Add it.")
    value = "" if fault["type"] == "value_error" else f" is {_shortened(fault['input'])!r}"
    todo = _nearest(str(fault["input"]), _choices(fault))
    return Problem(file.where(key), f"{key}{value}: {_in_plain_words(fault['msg'])}", todo)


def _shortened(value: object) -> object:
    """Return a value as a message repeats it: of a long text or number its beginning.

    Python writes no number of more than some thousand digits, so a long one is not asked for them.
    """
    if isinstance(value, int) and value.bit_length() > SHOWN * 3:
        return "a number of many digits"
    return f"{value[:SHOWN]}..." if isinstance(value, str) and len(value) > SHOWN else value


def _in_plain_words(message: str) -> str:
    """Return a message of pydantic in words for people."""
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    return message.partition(" or instance of ")[0]


def _choices(fault: Any) -> list[str]:
    """Return the values that a key allows; nothing where it is no list of them."""
    if fault["type"] != "literal_error":
        return []
    return str(fault["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")


def _nearest(word: str, known: list[str]) -> str:
    """Return a question that names the nearest known words, or else all of them."""
    near = difflib.get_close_matches(word.lower(), [name.lower() for name in known], 2, 0.6)
    if near:
        return f"Did you mean {' or '.join(n for n in known if n.lower() in near)}?"
    return f"There are: {', '.join(known)}." if known else ""


def _known_beside(model: type[Model], key: str) -> list[str]:
    """Return the names that may stand where an unknown one was found."""
    here: type[BaseModel] | None = model
    for part in key.split(".")[:-1]:
        fields = here.model_fields if here else {}
        annotation: Any = fields[part].annotation if part in fields else here
        here = next(_models_in(annotation), None)
    return sorted(field.alias or name for name, field in here.model_fields.items()) if here else []


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models within an annotation such as `dict[str, Model | None]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (dict, list, tuple, Union, UnionType, Annotated):
        for inner in get_args(annotation):
            yield from _models_in(inner)
