"""A page taken apart: what is read, what attributes tell, what nobody sees, the axes of charts."""

from __future__ import annotations

import re
from collections import defaultdict
from html.parser import HTMLParser
from itertools import pairwise
from math import floor, log10

from kpi_lib.leaks.tokens import SEAM

_DATA_URI = re.compile(
    r"data:\s*([\w/+.-]*)(?:\s*;\s*[\w.-]+=\"?[\w.-]+\"?)*\s*(;\s*base64)?\s*,([^\"'\s)]*)",
    re.IGNORECASE,
)
_INLINE = frozenset(  # elements that part no word: no line begins at them
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
     "font", "i", "img", "ins", "kbd", "label", "mark", "output", "q", "rb", "rp", "rt", "ruby",
     "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tspan", "tt", "u",
     "var", "wbr")
)  # fmt: skip
_HOLDS_FIGURES = ("span", "tspan")
_READ = frozenset(
    ("alt", "title", "href", "src", "content", "value", "abbr", "summary", "label", "placeholder")
)
_TICK = re.compile(r"([xy])tick_\d+")  # as the charts' library names them
_AT_TICK = re.compile(
    r"([-\N{MINUS SIGN}]?\d+(?:[.,\s]\d{3})*(?:[.,]\d+)?)\s?(K|Tsd|Mio|Mrd|M|B|)", re.IGNORECASE
)
_SHORTENED = {"": 1.0, "K": 1e3, "TSD": 1e3, "M": 1e6, "MIO": 1e6, "B": 1e9, "MRD": 1e9}
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0)


def page_of(text: str) -> _Page:
    """Return a page taken apart, as `read`, `apart`, `attributes_read`, `other` and the rest say.

    Raises ValueError for markup that the library does not take apart.
    """
    page = _Page()
    try:
        page.feed(text)
        page.close()
    except AssertionError as error:  # of a section that no standard knows, as `<![x[`
        raise ValueError(f"is no markup: {error}") from error
    return page


class _Page(HTMLParser):
    """Takes a page apart; entities are resolved on the way."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[str] = []
        self.apart: list[str] = []  # the same; two figures in two spans are not one
        self.attributes_read: list[str] = []  # what browsers show or screen readers say
        self.other: list[str] = []
        self.unseen: list[str] = []
        self.comments: list[str] = []
        self.framed: list[str] = []  # pages within the page
        self.data: list[tuple[str, bool, str]] = []
        self.axes: dict[str, list[str]] = defaultdict(list)  # of charts: what stands at the ticks
        self._silent = 0
        self._classed: list[bool] = []  # elements that may hold a figure: whether a class says what
        self._open: list[str] = []  # groups of a chart: the axis of each, if it is a tick

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag that opens, and its attributes."""
        if tag in _HOLDS_FIGURES:
            self._classed.append(any(name == "class" for name, _ in attrs))
        self._seam(tag)
        if "-" in tag:  # one that somebody has made up
            self.other.append(tag)
        self._silent += tag in ("style", "script")
        if tag == "g":
            found = _TICK.fullmatch(dict(attrs).get("id") or "")
            self._open.append(found[1] if found else "")
        for name, value in attrs:
            self._attribute(name, value or "")

    def handle_endtag(self, tag: str) -> None:
        """Take in a tag that closes."""
        self._seam(tag)
        if tag in _HOLDS_FIGURES and self._classed:
            self._classed.pop()
        self._silent -= tag in ("style", "script") and self._silent > 0
        if tag == "g" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Take in a text: what is read, a tick of a chart, or what nobody sees."""
        if self._silent:
            self.unseen.append(self._without_data(data))
            return
        self.read.append(data)
        axis = next(filter(None, self._open), "")
        (self.axes[axis] if axis and data.strip() else self.apart).append(data)

    def handle_comment(self, data: str) -> None:
        # Beside the ticks of an axis charts say in a comment what stands there.
        (self.unseen if any(self._open) else self.comments).append(data)

    def parse_endtag(self, i: int) -> int:
        """Keep what stands in an end tag beside its name, which no browser shows."""
        end = super().parse_endtag(i)
        self.unseen.append(self.rawdata[i:end].partition(" ")[2] if end > i else "")
        return end

    def handle_decl(self, decl: str) -> None:
        self.unseen.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.unseen.append(data)

    def handle_pi(self, data: str) -> None:
        self.unseen.append(data)

    def _seam(self, tag: str) -> None:
        """Mark in the texts that words before and after a tag do not belong together."""
        if tag not in _INLINE:
            self.read.append(SEAM)
        # The pages' own elements hold a figure each; one without a class may cut a figure in two.
        if tag not in _INLINE or (tag in _HOLDS_FIGURES and self._classed and self._classed[-1]):
            self.apart.append(SEAM)

    def _attribute(self, name: str, value: str) -> None:
        """Take in an attribute, among what is read or what is not."""
        if name == "srcdoc":
            self.framed.append(value)
            return
        value = self._without_data(value)
        is_read = name in _READ or name.startswith(("data-", "aria-"))
        (self.attributes_read if is_read else self.other).append(f"{name} {value}")

    def _without_data(self, text: str) -> str:
        """Return a text without the files written in it, which are kept to be taken apart."""
        for found in _DATA_URI.finditer(text):
            self.data.append((found[1].lower(), bool(found[2]), found[3]))
        return _DATA_URI.sub("", text)


def is_scale(ticks: list[str]) -> bool:
    """Say whether the numbers at an axis are what a chart counts in: even, and plain, steps.

    >>> is_scale(["800", "1K", "1.2K"]), is_scale(["0", "800", "1,600"]), is_scale(["A", "B"])
    (True, True, False)
    >>> is_scale(["51.2K", "63.8K"])
    False
    """
    found = [found for tick in ticks if (found := _AT_TICK.search(tick))]
    if len(found) != len(ticks):
        return False
    # 1,600 is a thousand to some readers, and 1.6 to others.
    ways = ([_number_at_tick(tick, decimal) for tick in found] for decimal in (True, False))
    return any(_is_even(numbers) for numbers in ways)


def _number_at_tick(found: re.Match[str], decimal: bool) -> float:
    """Return the number at a tick, 1.2K as 1200; `decimal`: its point is a decimal point."""
    mark = "." if decimal else ""
    text = re.sub(r"[.,]", mark, re.sub(r"\s", "", found[1])).replace("\N{MINUS SIGN}", "-")
    whole, _, rest = text.rpartition(".")
    return (
        float(f"{whole.replace('.', '')}.{rest}" if whole else text) * _SHORTENED[found[2].upper()]
    )


def _is_even(numbers: list[float]) -> bool:
    """Say whether numbers rise by one step, of those that charts have: a round one."""
    steps = {round(b - a, 6) for a, b in pairwise(numbers)}
    if len(steps) != 1:
        return False
    (step,) = steps
    return step > 0 and round(step / 10 ** floor(log10(step)), 6) in _STEPS
