"""The messages of the product, inverted: a template in a language becomes a pattern with slots.

A slot's name says what stands in it; what it may be is in `KINDS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kpi_lib.show.common.language import translations
from tests.claims.figures import (
    MINUS,
    day_pattern,
    figure_pattern,
    number_pattern,
    period_pattern,
)
from tests.claims.pages import plain

FIGURE, NAME, WHO, PERIOD, DAY, COUNT = "FIGURE", "NAME", "WHO", "PERIOD", "DAY", "COUNT"
WHEN, REFERENCE, STRETCH, TEXT, NOTHING = "WHEN", "REFERENCE", "STRETCH", "TEXT", "NOTHING"
REST = "REST"
SPAN, BAND = "SPAN", "BAND"
DASH = "\N{EN DASH}"
KINDS = {
    FIGURE: "value change gap target low high median first last now then actual revenue share "
    "stake estimate most numerator denominator ours reported tolerance moved total so_far chance "
    "narrow wide mase fall expected left few gone money apart band rate",
    NAME: "name measure",
    WHO: "partner who whose",
    PERIOD: "period first_in last_in low_in high_in since year week month quarter half",
    DAY: "day due",
    COUNT: "count part on_track number periods tenths scored came customers months points",
    WHEN: "when before",
    REFERENCE: "reference",
}
_KIND_OF = {slot: kind for kind, slots in KINDS.items() for slot in slots.split()}
REFERENCES = {
    "target": "the target of {value}",
    "limit": "the limit of {value}",
    "year_ago": "the {value} of a year ago",
    "previous": "the {value} of the period before",
    "benchmark": "the published {value}",
    "peer_median": "the {value} that is the median of comparable partners",
    "coarse_median": "the {value} that is about the median of comparable partners",
}
WITHIN = ("in {week}", "in {month}", "in {quarter}", "in {half}", "in {year}")
STRETCHES = (
    ("{number} week", "{number} weeks"),
    ("{number} month", "{number} months"),
    ("{number} quarter", "{number} quarters"),
    ("{number} half-year", "{number} half-years"),
    ("{number} year", "{number} years"),
)
_SLOT = re.compile(r"\{(\w+)\}")
Message = str | tuple[str, str]


@dataclass(frozen=True)
class Words:
    """The words of one company in one language: its measures by name, its partners by name."""

    language: str
    measures: Mapping[str, str]
    partners: Mapping[str, str]
    _patterns: dict[tuple[str, tuple[tuple[str, str], ...]], re.Pattern[str]] = field(
        default_factory=dict
    )

    def in_language(self, message: Message) -> list[str]:
        """Return a message in the language, of a plural each of its forms."""
        catalogue = translations(self.language)
        if isinstance(message, str):
            return [plain(catalogue.gettext(message))]
        forms = (catalogue.ngettext(*message, count) for count in (1, 2))
        return list(dict.fromkeys(plain(form) for form in forms))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """By kind of slot the regular expression of what may stand in it."""
        day, period = day_pattern(self.language), period_pattern(self.language)
        mark = self._either(["covered in part, from {day}", "not covered by the data"], {DAY: day})
        kinds = {
            FIGURE: figure_pattern(self.language),
            NAME: _one_of(self.measures),
            WHO: _one_of(self.partners),
            PERIOD: rf"{period}(?: \({mark}\))?",
            DAY: day,
            COUNT: number_pattern(self.language),
            TEXT: r"[^\x00]+?",
            REST: r"[^\x00]+(?<!\.)",
            NOTHING: "",
        }
        to = self._either(["{first} to {last}"], {"first": day, "last": day})
        kinds[SPAN], kinds[BAND] = to, rf"{kinds[FIGURE]} {DASH} {kinds[FIGURE]}"
        within = self._either(WITHIN, {PERIOD: period})
        until = self._either(["{when} (up to {day})"], {WHEN: within, DAY: day})
        kinds[WHEN] = rf"(?:{until}|{within})(?: \({mark}\))?"
        kinds[STRETCH] = self._either(STRETCHES, {COUNT: kinds[COUNT]})
        kinds[REFERENCE] = self._either(REFERENCES.values(), {FIGURE: kinds[FIGURE]})
        return kinds

    def _either(self, messages: Iterable[Message], kinds: Mapping[str, str]) -> str:
        texts = (text for message in messages for text in self.in_language(message))
        patterns = (_filled(text, kinds, {}, is_named=False) for text in texts)
        return f"(?:{'|'.join(dict.fromkeys(patterns))})"

    def pattern(self, text: str, slots: Mapping[str, str] | None = None) -> re.Pattern[str]:
        """Return the pattern of a text in the language; `slots`: what stands in some of them.

        A full stop at its end may be missing, and its first letter may be a capital.
        """
        key = (text, tuple(sorted((slots or {}).items())))
        if key not in self._patterns:
            self._patterns[key] = self._compile(text, slots)
        return self._patterns[key]

    def _compile(self, text: str, slots: Mapping[str, str] | None) -> re.Pattern[str]:
        text = plain(text).removesuffix(".")
        pattern = _filled(text, self.kinds, slots or {}, is_named=True)
        head = re.match(r"[^\W\d_]", pattern)
        if head and not pattern.startswith("(?"):
            pattern = f"[{head[0].upper()}{head[0].lower()}]{pattern[1:]}"
        is_open = re.match(r"\(\?P<\w+>\)", pattern) or not re.match(r"[\w{\[(]", pattern)
        begins = "" if is_open else rf"(?<![\w.,{MINUS}+])"
        return re.compile(rf"{begins}{pattern}(?![\w%])(?![.,]\d)")

    def reference(self, text: str) -> tuple[str, str]:
        """Return what a value is held against, and the figure that is said of it."""
        for against, message in REFERENCES.items():
            found = self.pattern(self.in_language(message)[0]).fullmatch(text)
            if found:
                return against, found["value"]
        raise ValueError(f"{text!r} is nothing that a value is held against")


def longest_literal(text: str) -> str:
    """Return the longest piece of a template between its slots, by which a line is sifted."""
    return max((piece for piece in _SLOT.split(plain(text))[::2]), key=len).strip(" .")


def length(text: str) -> int:
    """Return how many letters of a template are its own."""
    return sum(len(piece) for piece in _SLOT.split(text)[::2])


def _one_of(names: Iterable[str]) -> str:
    texts = sorted((plain(name) for name in names if name), key=len, reverse=True)
    return rf"(?:{'|'.join(re.escape(name) for name in texts)})(?!\w)" if texts else r"(?!)"


def _filled(
    text: str, kinds: Mapping[str, str], slots: Mapping[str, str], *, is_named: bool
) -> str:
    """Return a template as a regular expression; a slot that comes twice holds the same twice."""
    pieces, seen = [], set()
    for place, piece in enumerate(_SLOT.split(plain(text))):
        if not place % 2:
            pieces.append(re.escape(piece))
            continue
        kind = slots.get(piece, _KIND_OF.get(piece, TEXT))
        pattern = kinds.get(piece) or kinds[kind]
        is_again = is_named and piece in seen
        pieces.append(f"(?P={piece})" if is_again else _group(piece, pattern, is_named=is_named))
        seen.add(piece)
    return "".join(pieces)


def _group(name: str, pattern: str, *, is_named: bool) -> str:
    return f"(?P<{name}>{pattern})" if is_named else f"(?:{pattern})"
