"""Dataclasses as JSON and back, by the types of their fields: nothing is said of them twice.

Fields may be texts, numbers, truth values, days (as ISO text), other dataclasses, tuples of one
type, mappings from texts or whole numbers, any of these or None, and unions of literals. It stands
on the standard library alone: a report's kernel starts fast.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import cache
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from kpi_lib.errors import Problem

T = TypeVar("T")
Read = Callable[[object], object]
AGAIN = "Run `kpi run` again: it writes the slices anew."


class FormError(ValueError):
    """A value that is not of the type that it must have; `faults`: all of them, by their place."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__("; ".join(f"{place}: {found}" for place, found in self.faults.items()))

    def problems(self, where: str) -> list[Problem]:
        """Return the faults as problems of the file `where`."""
        return [
            Problem(f"{where}, {place}" if place else where, found, AGAIN)
            for place, found in self.faults.items()
        ]


def plain(value: object) -> object:
    """Return a dataclass or day as JSON has it: by field, without those that hold their default.

    What is in it is left to the encoder, which asks again: `json.dumps(value, default=plain)`.
    """
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        defaults = _defaults(type(value))
        return {
            name: part
            for name, part in vars(value).items()
            if name not in defaults or part != defaults[name]
        }
    raise TypeError(f"a slice holds no {type(value).__name__}")


def deep_plain(value: object) -> object:
    """Return a value with all that is in it as JSON has it, fields that hold their default too."""
    if is_dataclass(value) and not isinstance(value, type):
        value = vars(value)
    if isinstance(value, Mapping):
        return {str(name): deep_plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [deep_plain(part) for part in value]
    if value is None or isinstance(value, str | int | float):
        return value
    return deep_plain(plain(value))


def leaves(value: object, *, with_names: bool = False) -> Iterator[object]:
    """Yield every value that holds no other, in order; `with_names`: and those of fields and keys.

    Days are yielded as they are.
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = vars(value)
    if isinstance(value, Mapping):
        for name, part in value.items():
            if with_names:
                yield name
            yield from leaves(part, with_names=with_names)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part, with_names=with_names)
    else:
        yield value


def build(kind: type[T], value: object) -> T:
    """Return the dataclass `kind` that JSON describes; raise FormError with every fault."""
    built = _reader(kind)(value)
    assert isinstance(built, kind)
    return built


@cache
def _defaults(kind: type) -> dict[str, object]:
    """Return what the fields of a dataclass hold where nothing is said, of those that have it."""
    assert is_dataclass(kind)
    found: dict[str, object] = {}
    for field in fields(kind):
        if field.default is not MISSING:
            found[field.name] = field.default
        elif field.default_factory is not MISSING:
            found[field.name] = field.default_factory()
    return found


def _reader(kind: object) -> Read:
    """Return what reads a value of a type, from its JSON."""
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return _dataclass_reader(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union_reader(inner)
    if origin is Literal:
        return _literal_reader(inner)
    if origin is tuple:
        return _tuple_reader(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_reader(*inner)
    if kind is date:
        return _read_day
    if kind is float:
        return _read_number
    if kind in (str, int, bool):
        assert isinstance(kind, type)
        return _scalar_reader(kind)
    raise TypeError(f"a slice cannot hold {kind}")


@cache
def _dataclass_reader(kind: type) -> Read:
    """Return what reads a mapping as a dataclass, and reports keys missing or unknown."""
    hints = get_type_hints(kind)
    assert is_dataclass(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind) if field.init}
    required = frozenset(readers) - frozenset(_defaults(kind))

    def read(value: object) -> object:
        content = _read_mapping(value)
        faults = dict.fromkeys(sorted(required - content.keys()), "it is missing")
        faults |= dict.fromkeys(sorted(content.keys() - readers.keys()), "it is not known")
        known = {name: part for name, part in content.items() if name in readers}
        built = _each(known, lambda name, part: readers[name](part), faults)
        return kind(**built)

    return read


def _each(
    content: Mapping[str, object],
    read: Callable[[str, object], object],
    faults: dict[str, str] | None = None,
) -> dict[str, object]:
    """Return each part as it is read; raise FormError with the faults of all, by their places."""
    faults, built = faults or {}, {}
    for name, part in content.items():
        try:
            built[name] = read(name, part)
        except FormError as error:
            faults |= {f"{name}.{place}".rstrip("."): f for place, f in error.faults.items()}
    if faults:
        raise FormError(faults)
    return built


def _union_reader(inner: tuple[object, ...]) -> Read:
    """Return what reads a value or null; no other union is allowed."""
    of_value = [_reader(one) for one in inner if one is not type(None)]
    if len(of_value) != 1 or type(None) not in inner:
        raise TypeError("of unions a slice can hold `X | None` alone")
    read = of_value[0]
    return lambda value: None if value is None else read(value)


def _literal_reader(allowed: tuple[object, ...]) -> Read:
    """Return what reads one of the values that are allowed."""

    def read(value: object) -> object:
        if value not in allowed:
            raise _not(f"one of {', '.join(map(str, allowed))}", value)
        return value

    return read


def _tuple_reader(inner: tuple[object, ...]) -> Read:
    """Return what reads a list as a tuple of one type."""
    if len(inner) != 2 or inner[1] is not Ellipsis:
        raise TypeError("of tuples a slice can hold `tuple[X, ...]` alone")
    read = _reader(inner[0])

    def read_all(value: object) -> object:
        if not isinstance(value, list):
            raise _not("a list", value)
        numbered = {str(place): part for place, part in enumerate(value)}
        return tuple(_each(numbered, lambda _name, part: read(part)).values())

    return read_all


def _mapping_reader(key: object, inner: object) -> Read:
    """Return what reads a mapping, its keys as texts or whole numbers."""
    read = _reader(inner)

    def read_all(value: object) -> object:
        built = _each(_read_mapping(value), lambda _name, part: read(part))
        return {int(name): part for name, part in built.items()} if key is int else built

    return read_all


def _scalar_reader(kind: type) -> Read:
    """Return what reads a value of just this type."""

    def read(value: object) -> object:
        if type(value) is not kind:
            raise _not({str: "a text", int: "a whole number", bool: "true or false"}[kind], value)
        return value

    return read


def _read_number(value: object) -> float:
    """Return a number as it is; raise where it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _not("a number", value)
    return value  # a whole one stays whole: pages write 5 and 5.0 alike


def _read_day(value: object) -> date:
    """Return a text, or the first ten letters of it, as a day; raise where it is none."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            pass
    raise _not("a day as YYYY-MM-DD", value)


def _read_mapping(value: object) -> Mapping[str, object]:
    """Return a mapping as it is; raise where it is none."""
    if not isinstance(value, dict):
        raise _not("a mapping", value)
    return value


def _not(wanted: str, value: object) -> FormError:
    return FormError({"": f"{wanted} was expected, not {value!r:.60}"})
