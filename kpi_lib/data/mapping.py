"""What `params/mappings/*.yml` may say: a closed list of operations, checked before anything runs.

A mapping is data. No part of it is ever run as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from kpi_lib.data.contract import TABLES
from kpi_lib.data.names import nearest_of
from kpi_lib.errors import Problem, SettingsError
from kpi_lib.settings import Names
from kpi_lib.yaml_file import Model, YamlFile, check_yaml, in_order, read_yaml

OPERATIONS = (
    "column",
    "constant",
    "concatenate",
    "split",
    "add",
    "subtract",
    "multiply",
    "divide",
)
ARITHMETIC = ("add", "subtract", "multiply", "divide")
# What refines one operation only, or all but some; without a word here it would go unheard.
_BELONGS_TO = {
    "separator": ("concatenate",),
    "part": ("split",),
    "format": ("column", "constant", "concatenate", "split"),
}
Pair = Annotated[tuple[str, str], Field(strict=False)]
Sign = Annotated[str, Field(min_length=1, max_length=1)]
_DIRECTIVE = re.compile(r"%[-_0.]?[0-9]?([A-Za-z%])")
_KNOWN = frozenset("dejmbBYyFHIMSTRpf%")
_DAYS = (("d", "e", "j", "F"), ("m", "b", "B", "j", "F"), ("Y", "y", "F"))


def _is_date_format(text: str) -> str:
    """Return a form of dates; raise ValueError where no day could be read by it."""
    signs = _DIRECTIVE.findall(text)
    if unknown := [sign for sign in signs if sign not in _KNOWN]:
        raise ValueError(f"it has %{unknown[0]}; use %d %m %Y %y %b %H %M %S")
    if not all(set(of) & set(signs) for of in _DAYS):
        raise ValueError("it should have a day %d, a month %m and a year %Y")
    return text


DateFormat = Annotated[str, AfterValidator(_is_date_format)]


class FileMap(Model):
    """A file of the source, or a table of its database, and how its text is written."""

    file: str
    delimiter: Sign = ","
    encoding: Literal["utf-8", "latin-1", "cp1252", "utf-16"] = "utf-8"
    header_line: Annotated[int, Field(ge=1)] = 1
    decimal: Sign = "."
    thousands: Sign | None = None
    date_format: DateFormat | None = None


class JoinMap(Model):
    """The file that holds the headers, and which of our columns are which of its."""

    header: str
    on: dict[str, str]


class ColumnMap(Model):
    """How one column of the contract is made; exactly one operation, and what refines it."""

    column: str | None = None
    constant: Any = None
    concatenate: Names | None = None
    split: str | None = None
    add: Pair | None = None
    subtract: Pair | None = None
    multiply: Pair | None = None
    divide: Pair | None = None

    separator: str = ""
    at: str | None = None
    part: Annotated[int, Field(ge=1)] = 1
    values: dict[str, Any] | None = None
    format: DateFormat | None = None
    decimal: Sign | None = None
    thousands: Sign | None = None
    type: Literal["text", "number", "count", "date"] | None = None
    sign: Literal["negate", "positive", "negative"] | None = None
    aggregate: Literal["sum", "first", "min", "max", "count"] | None = None

    @field_validator("constant")
    @classmethod
    def _one_value(cls, value: Any) -> Any:
        as_text(value)
        return value

    @field_validator("values")
    @classmethod
    def _require_single_values(cls, values: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return the values; raise where one of them is a list or a mapping."""
        for value in (values or {}).values():
            as_text(value)
        return values

    @model_validator(mode="after")
    def _require_one_operation(self) -> ColumnMap:
        """Return the column's mapping; raise ValueError unless it has just one operation."""
        given = [name for name in OPERATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            listed = " and ".join(given) or "none"
            raise ValueError(f"it should have one of {', '.join(OPERATIONS)}, and has {listed}")
        if (self.split is None) != (self.at is None):
            raise ValueError("split and at belong together")
        for word, operations in _BELONGS_TO.items():
            if word in self.model_fields_set and given[0] not in operations:
                raise ValueError(f"{word} does not go with {given[0]}")
        return self

    @property
    def codes(self) -> dict[str, str | None]:
        """The values that are turned into text, which is read as text of the file is."""
        return {code: v for code, v in (self.values or {}).items() if isinstance(v, str)}

    @property
    def plain_codes(self) -> dict[str, str | None]:
        """The values that are turned into nothing, or into what YAML has for a number or a day."""
        others = (self.values or {}).items()
        return {code: as_text(v) for code, v in others if not isinstance(v, str)}

    @property
    def operation(self) -> str:
        """The operation that was chosen."""
        return next(name for name in OPERATIONS if getattr(self, name) is not None)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the source that it reads."""
        if self.operation == "constant":
            return ()
        value = getattr(self, self.operation)
        return (value,) if isinstance(value, str) else tuple(value)


class TableMap(Model):
    """How one table of the contract is made; without columns, those of the same name are taken."""

    from_: Annotated[str, Field(alias="from")]
    join: JoinMap | None = None
    key: Names = ()
    group_by: Names = ()
    columns: dict[str, ColumnMap] = Field(default_factory=dict)

    @property
    def named(self) -> set[str]:
        """The columns of its files that it names; those of its header as HEADER.COLUMN."""
        of_columns = {name for how in self.columns.values() for name in how.sources}
        return of_columns | {*self.group_by, *self.key, *(self.join.on if self.join else ())}


class MappingModel(Model):
    """A whole mapping."""

    files: dict[str, FileMap]
    tables: dict[str, TableMap]


def as_text(value: Any) -> str | None:
    """Return a YAML value as the text that a source would have; refuse lists and mappings."""
    if isinstance(value, list | dict):
        raise ValueError("it should be a single value")
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def load_mapping(path: Path) -> tuple[MappingModel, YamlFile]:
    """Return a mapping; raise SettingsError with all that is wrong with it by itself."""
    file = read_yaml(path)
    mapping = check_yaml(MappingModel, file, _written_out(file.content))
    problems = [*_unknown_files(mapping, file), *_unknown_targets(mapping, file)]
    problems += [*_misplaced_aggregates(mapping, file), *_same_signs(mapping, file)]
    if problems:
        raise SettingsError(in_order(problems))
    return mapping, file


def _written_out(content: Mapping[str, Any]) -> dict[str, Any]:
    """Write `order_id: OrderNo` out as `order_id: {column: OrderNo}`."""
    result = dict(content)
    tables = result.get("tables")
    if not isinstance(tables, dict):
        return result
    result["tables"] = {name: _table_written_out(table) for name, table in tables.items()}
    return result


def _table_written_out(table: Any) -> Any:
    """Return a table's mapping with `name: header` written out as `name: {column: header}`."""
    if not isinstance(table, dict) or not isinstance(table.get("columns"), dict):
        return table
    columns = {
        name: {"column": how} if isinstance(how, str) else how
        for name, how in table["columns"].items()
    }
    return table | {"columns": columns}


def _unknown_files(mapping: MappingModel, file: YamlFile) -> Iterable[Problem]:
    """Yield a problem for each file that a table names and `files` does not have."""
    for name, table in mapping.tables.items():
        named = {f"tables.{name}.from": table.from_}
        if table.join:
            named[f"tables.{name}.join.header"] = table.join.header
        for key, wanted in named.items():
            if wanted not in mapping.files:
                yield Problem(
                    file.where(key),
                    f"there is no {wanted!r} under files",
                    nearest(wanted, mapping.files),
                )


def _unknown_targets(mapping: MappingModel, file: YamlFile) -> Iterable[Problem]:
    """Yield a problem for each table or column that the contract does not have."""
    for name, table in mapping.tables.items():
        where = file.where(f"tables.{name}")
        if name not in TABLES:
            yield Problem(where, f"the contract has no table {name}", nearest(name, TABLES))
            continue
        for column in table.columns:
            if column not in TABLES[name].columns:
                yield Problem(
                    file.where(f"tables.{name}.columns.{column}"),
                    f"the contract's {name} has no column {column}",
                    nearest(column, TABLES[name].columns),
                )


def _misplaced_aggregates(mapping: MappingModel, file: YamlFile) -> Iterable[Problem]:
    """Yield a problem for each column that lacks an aggregate, or has one without group_by."""
    for name, table in mapping.tables.items():
        for column, how in table.columns.items():
            where = file.where(f"tables.{name}.columns.{column}")
            if how.aggregate and not table.group_by:
                yield Problem(where, "aggregates, and the table has no group_by", "Say group_by.")
            same_in_a_group = set(how.sources) <= set(table.group_by)
            if table.group_by and not how.aggregate and not same_in_a_group:
                found = f"{column} may differ within a group"
                yield Problem(where, found, "Say `aggregate:` sum, first, min, max or count.")


def _same_signs(mapping: MappingModel, file: YamlFile) -> Iterable[Problem]:
    """Yield each place where one sign would stand for decimals and for thousands."""
    found = "is the sign of decimals and of thousands"
    for name, form in mapping.files.items():
        if form.decimal == form.thousands:
            yield Problem(file.where(f"files.{name}"), f"{form.decimal!r} {found}", "Say another.")
    for name, table in mapping.tables.items():
        form = mapping.files.get(table.from_, FileMap(file=""))
        for column, how in table.columns.items():
            signs = how.decimal or form.decimal, how.thousands or form.thousands
            if (how.decimal or how.thousands) and signs[0] == signs[1]:
                where = file.where(f"tables.{name}.columns.{column}")
                yield Problem(where, f"{signs[0]!r} {found}", "Say another.")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the names that are nearly the word, or else at all of them."""
    names = list(known)
    near = nearest_of(word, names)
    return f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(names)}."
