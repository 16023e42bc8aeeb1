"""The messages of the pages, gathered from where they stand, and the catalogues kept beside them.

`make messages` calls it: a catalogue gets the messages that are new at its end and loses those that
are gone. What is translated keeps its place, so a change shows as a few lines.
"""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from kpi_lib import paths
from kpi_lib.data.contract import TABLES
from kpi_lib.engine.formula import Formula
from kpi_lib.engine.kpi import Kpi
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.lifetime import IN_REVENUE
from kpi_lib.kpis.packs import FAMILY as PACKS
from kpi_lib.models.churn_reasons import REASONS, REASONS_OF_PARTNERS
from kpi_lib.show.common.language import ENGLISH, languages
from kpi_lib.show.common.missing_reasons import plain_name
from kpi_lib.show.common.wording import plain

Id = str | tuple[str, str]  # a message, or one with its plural
KEYWORDS = {"_": None, "N_": None, "NN_": (1, 2), "several": (1, 2)}
HIDDEN_TAG = "analyst"
FOLDER = Path(__file__).parents[1] / "languages"


def messages() -> list[Id]:
    """Return every message that a page may show, each once, in the order of the sources."""
    found = [
        *_code_messages(),
        *_notebook_messages(),
        *_catalogue_messages(),
        *_contract_messages(),
    ]
    found += [*REASONS.values(), *REASONS_OF_PARTNERS.values()]
    plurals = {message[0] for message in found if isinstance(message, tuple)}
    kept = [m for m in found if m and (isinstance(m, tuple) or m not in plurals)]
    return list(dict.fromkeys(kept))


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it stands."""
    with _file(language).open("rb") as stream:
        return read_po(stream, locale=language)


def forms(message: str | Sequence[str]) -> list[str]:
    """Return a message, or a translation, in each of its numbers."""
    return [message] if isinstance(message, str) else list(message)


def updated(language: str) -> str:
    """Return the file of a language with all messages and no others; new ones are empty."""
    wanted, there = messages(), read(language)
    known = {message.id: message for message in there if message.id}
    kept = [message for message_id, message in known.items() if message_id in set(wanted)]
    new = [Message(message) for message in wanted if message not in known]
    catalogue = Catalog(locale=language)
    for message in [*kept, *new]:
        catalogue[message.id] = Message(message.id, message.string, flags=message.flags)
    head = _file(language).read_text(encoding="utf-8").partition("\n\n")[0]
    return f"{head}\n\n{_as_po(catalogue)}"


def main() -> None:
    """Bring the catalogue of every language up to date."""
    for language in languages():
        if language != ENGLISH:
            _file(language).write_text(updated(language), encoding="utf-8")


def _as_po(catalogue: Catalog) -> str:
    """Return a catalogue as the text of a .po file, without places in the code."""
    stream = io.BytesIO()
    # Neither dates nor places: they would change with every line of code.
    write_po(stream, catalogue, width=100, omit_header=True, no_location=True)
    return stream.getvalue().decode().strip() + "\n"


def _file(language: str) -> Path:
    return FOLDER / f"{language}.po"


def _code_messages() -> Iterator[Id]:
    """Yield what modules and templates translate or mark."""
    templates = [(f"**.{ending}", "jinja2") for ending in ("html", "txt", "j2")]
    for _file, _line, message, *_more in extract_from_dir(
        paths.package(), [("**.py", f"{__name__}:calls_in"), *templates], keywords=KEYWORDS
    ):
        yield message if isinstance(message, str) else (message[0], message[1])


def calls_in(
    file: BinaryIO, keywords: Container[str], comments: object, options: object
) -> Iterator[tuple[int, str, list[str], list[str]]]:
    """Yield line, function, texts and no comments of each call of a keyword, for Babel.

    Its own way with Python takes the key of `_(row["name"])` for a message, and overlooks a call
    that stands within another one.
    """
    found = [node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call)]
    for call in sorted(found, key=lambda call: (call.lineno, call.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        values = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        texts = [value for value in values if isinstance(value, str)]
        if name in keywords and texts:
            yield call.lineno, name, texts, []


def _notebook_messages() -> Iterator[str]:
    """Yield the lines of Markdown that reach a page, without the marks of a heading."""
    for file in sorted(paths.shipped("notebooks").glob("[!_]*.ipynb")):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown" and HIDDEN_TAG not in cell["metadata"].get(
                "tags", ()
            ):
                yield from (line.strip().lstrip("# ") for line in cell["source"])


def _catalogue_messages() -> Iterator[str]:
    """Yield the texts of all KPIs that are to be translated: names, definitions, notes."""
    for kpi in catalogue().values():
        yield kpi.name
        if kpi.family != PACKS:  # the definitions of packs are one sentence of wording.py
            yield kpi.definition
        yield from _further_messages(kpi)
    for name, definition in IN_REVENUE.values():
        yield from (name, definition)


def _further_messages(kpi: Kpi) -> Iterable[str]:
    """Return the other texts of a KPI that pages may show: claims, reasons for no value."""
    texts = [kpi.benchmark.source] if kpi.benchmark else []
    if isinstance(kpi.formula, Formula) and kpi.formula.otherwise:
        texts.append(kpi.formula.otherwise)
    return texts


def _contract_messages() -> Iterator[str]:
    """Yield tables and columns that KPIs need, and the types of partners, as people say them."""
    needs = [kpi.needs for kpi in catalogue().values()]
    yield from (plain_name(table) for table in TABLES)
    columns = {column for need in needs for of_table in need.values() for column in of_table}
    yield from sorted(plain_name(column) for column in columns)
    yield from (plain(choice) for choice in TABLES["partners"].columns["partner_type"].choices)


if __name__ == "__main__":
    main()
