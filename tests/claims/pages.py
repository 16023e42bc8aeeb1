"""Reads a finished page as its readers do: what is said, where it stands, and the tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"img", "br", "hr", "meta", "link", "input", "wbr", "col"})
UNSEEN = frozenset({"style", "script", "template", "head", "svg"})
INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "q", "small", "span", "strong", "wbr"})
READ_OUT = ("alt", "title", "aria-label")
TITLES = ("h3", "dt", "th", "strong", "caption", "h2", "h1")


@dataclass(eq=False)
class Element:
    """One element of a page."""

    tag: str
    attrs: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return self.attrs.get("class", "").split()

    def text(self) -> str:
        """Return all that can be seen of it, with single blanks."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNSEEN:
                yield from child._texts()
                yield "" if child.tag in INLINE else " "

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield the elements within it with one of these tags, in the page's order."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def above(self) -> Iterator[Element]:
        """Yield it and what it lies in, outwards."""
        at: Element | None = self
        while at is not None:
            yield at
            at = at.parent

    @property
    def part(self) -> str:
        """The part of the page it lies in, as `tiles` or `verdict`; nothing outside of one."""
        names = (name for at in self.above() for name in at.classes if name.startswith("part-"))
        return next(names, "").removeprefix("part-")


@dataclass(frozen=True)
class Passage:
    """One thing said: a sentence, an alternative text, a heading; `at`: where it stands."""

    text: str
    at: Element

    @property
    def titles(self) -> Iterator[str]:
        """What it stands under, the nearest title first: a tile's, a row's, a chart's."""
        for at in self.at.above():
            if at.tag in ("body", "main"):
                return
            for title in at.all(*TITLES):
                if title is not self.at:
                    yield title.text()
                    break


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("page", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs if name != "src"}
        made = Element(tag, attributes, self.at)
        self.at.children.append(made)
        if tag not in VOID:
            self.at = made

    def handle_endtag(self, tag: str) -> None:
        for at in self.at.above():
            if at.tag == tag:
                self.at = at.parent or self.root
                return

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read_page(html: str) -> Element:
    """Return the tree of a page."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


def passages(page: Element) -> Iterator[Passage]:
    """Yield what a page says outside the cells of its tables, and what is read out anywhere."""
    yield from _passages(page, is_cell=False)


def _passages(at: Element, *, is_cell: bool) -> Iterator[Passage]:
    if at.tag in UNSEEN:
        return
    yield from (Passage(plain(at.attrs[name]), at) for name in READ_OUT if at.attrs.get(name))
    line: list[str] = []
    for child in at.children:
        if isinstance(child, str):
            line.append(child)
            continue
        is_inner = is_cell or child.tag in ("td", "th")
        if child.tag in INLINE and not _stands_apart(child):
            line.append(child.text())
            yield from _read_out(child)
            continue
        yield from _said(line, at, is_cell=is_cell)
        line = []
        yield from _passages(child, is_cell=is_inner)
    yield from _said(line, at, is_cell=is_cell)


def _read_out(inline: Element) -> Iterator[Passage]:
    for at in (inline, *inline.all("abbr", "img", "a", "span")):
        yield from (Passage(plain(at.attrs[name]), at) for name in READ_OUT if at.attrs.get(name))


def _stands_apart(inline: Element) -> bool:
    """What only a screen reader says, and what only the eye sees, are readings of one thing."""
    return "aria-hidden" in inline.attrs or "sr" in inline.classes or any(inline.all("img"))


def _said(line: list[str], at: Element, *, is_cell: bool) -> Iterator[Passage]:
    text = plain("".join(line))
    if text and not is_cell:
        yield Passage(text, at)


def plain(text: str) -> str:
    """Return a text with single blanks, none of them unbreakable."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Cell:
    """One cell of a table: the row's head, the column's, what it says, and its table."""

    row: str
    column: int
    head: str
    text: str
    at: Element
    line: tuple[str, ...]
    heads: tuple[str, ...]
    place: int

    @property
    def titles(self) -> Iterator[str]:
        """What the table stands under: its caption, the chart's title."""
        table = next(at for at in self.at.above() if at.tag == "table")
        yield from (caption.text() for caption in table.all("caption"))
        if table.parent is not None:
            yield from Passage("", table.parent).titles


def cells(page: Element) -> Iterator[Cell]:
    """Yield the cells of all tables of a page, without the heads of rows and columns."""
    for table in page.all("table"):
        heads = [head.text() for top in table.all("thead") for head in top.all("th")]
        rows = (row for body in table.all("tbody") for row in body.all("tr"))
        for place, row in enumerate(rows):
            line = [_shown(cell) for cell in row.all("th", "td")]
            boxes = list(row.all("th", "td"))
            for column, (box, text) in enumerate(zip(boxes, line, strict=True)):
                if column:
                    head = heads[column] if column < len(heads) else ""
                    yield Cell(line[0], column, head, text, box, tuple(line), tuple(heads), place)


def _shown(cell: Element) -> str:
    """Return what a cell says, without its column's name, which only narrow screens show."""
    children = (
        child
        for child in cell.children
        if isinstance(child, str) or not {"label", "side-label"} & set(child.classes)
    )
    parts = (child if isinstance(child, str) else child.text() for child in children)
    return plain(" ".join(parts))
