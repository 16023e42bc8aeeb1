"""The leak check: what will really go out, searched for what is not the recipient's to see.

Other partners' names, ids, contacts, addresses and distinctive figures, roll-ups, internal KPIs,
places of this machine, parameters and secrets. What the partner's own slice holds is no leak, nor
is an ordinary word of the pages (docs/decisions/0008).
"""

from __future__ import annotations

import base64
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kpi_lib.mail.common import common_words
from kpi_lib.mail.decoded import Piece, UnreadableError, pieces_of
from kpi_lib.mail.figures import Numbers, figures_of, own_numbers
from kpi_lib.mail.words import Finder, Hit, Words, outside, words_of

_PATH = re.compile(r"(?<![\w:/.<-])(?:/[A-Za-z][\w.@-]*){2,}|\b[A-Za-z]:\\\w|\\\\\w+\\|file:/")
_PARAMETER = re.compile(
    r"\b(?:partner_id|as_of|edition|slice|half_life_days|maturity_days|clv_horizon_months)\s*[=:]|"
    r"\bparams/|\bslice\.json\b|\bkpis\.parquet\b|injected-parameters"
)
_SECRET = re.compile(r"-----BEGIN [A-Z ]*KEY|://[^/\s:@]+:[^/\s:@]+@|\bAKIA[0-9A-Z]{16}\b")
_SECRET_NAME = re.compile(r"PASSW|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY", re.IGNORECASE)
_BEFORE_AN_ID = ("partners", "id", "Partner-Nr")  # "this partner: 7 orders" names nobody
_SHORT = 3  # letters: "ab" is a word of German, AB may be a partner
_SHORTEST_SECRET = 6


@dataclass(frozen=True)
class Person:
    """A recipient, for the search: whose, and what would give it away."""

    partner_id: str
    name: str
    email: str


@dataclass(frozen=True)
class Company:
    """All there is to be found: partners (id: name), recipients, internal KPIs, every figure.

    `own_words`: what stands in every message, such as the sender and the company.
    """

    partners: Mapping[str, str]
    people: tuple[Person, ...]
    internal: Mapping[str, str]
    figures: Numbers
    own_words: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass
class LeakCheck:
    """Searches messages; made once for many."""

    company: Company
    _finder: Finder = field(default_factory=Finder)
    _told: dict[str, tuple[str, str]] = field(default_factory=dict)  # key: whose, what it is
    _ordinary: Mapping[str, frozenset[Words]] = field(default_factory=dict)
    _written: dict[str, set[Words]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for partner_id, name in self.company.partners.items():
            self._look_for(partner_id, "the id", partner_id)
            self._look_for(partner_id, "the name", name)
        for person in self.company.people:
            self._look_for(person.partner_id, "an address", person.email)
            if len(words_of(person.name)) > 1:
                self._look_for(person.partner_id, "a contact", person.name)
        for kpi, name in self.company.internal.items():
            self._look_for("", "the internal KPI", kpi, name)
        partners_only = (h for h in self._finder.find(list(common_words())) if self._told[h.key][0])
        self._ordinary = _surfaces(partners_only)

    def leaks(self, content: bytes, partner_id: str, raw: Mapping[str, Any]) -> list[str]:
        """Return in words what a message must not hold; `raw`: the partner's own slice."""
        own = _Own.of(raw, partner_id, self)
        found: dict[str, None] = {}
        try:
            for piece in pieces_of(content):
                found |= dict.fromkeys(self._in(piece, own))
        except UnreadableError as error:
            found[str(error)] = None
        return list(found)

    def _in(self, piece: Piece, own: _Own) -> Iterator[str]:
        for hit in self._names(piece, own):
            whose, what = self._told[hit.key]
            of = f" of {whose}" if whose else ""
            yield f"{piece.where}: {what}{of}, {' '.join(hit.surface)!r}"
        if piece.has_figures:
            for figure in figures_of(piece.text):
                if self.company.figures.have(figure, 1.0) and not own.numbers.have(figure, 0.51):
                    yield f"{piece.where}: {figure.text}, a figure that is not this partner's"
        for what, pattern in (
            ("a path", _PATH),
            ("a parameter", _PARAMETER),
            ("a secret", _SECRET),
        ):
            if match := pattern.search(piece.text):
                yield f"{piece.where}: {what}" + (f", {match[0]!r}" if what != "a secret" else "")
        if any(secret in piece.text for secret in self.company.secrets):
            yield f"{piece.where}: a secret"
        if any(place in piece.text for place in self.company.places):
            yield f"{piece.where}: a path"

    def _names(self, piece: Piece, own: _Own) -> Iterator[Hit]:
        words = words_of(piece.text)
        hits = [h for h in self._finder.find(words) if self._told[h.key][0] != own.partner_id]
        if not hits:
            return
        for hit in outside(hits, own.phrases.find(words)):
            may = own.surfaces.get(hit.key, frozenset()) | self._ordinary.get(hit.key, frozenset())
            # Of an ordinary word, or one so short, only the name exactly as it is written tells.
            as_it_is = may or _is_short(hit.surface)
            if hit.surface not in may and (not as_it_is or hit.surface in self._written[hit.key]):
                yield hit

    def _look_for(self, whose: str, what: str, *names: str) -> None:
        key = f"{what}\0{whose or names[0]}\0{names[-1]}"
        self._told[key] = (whose, what)
        for name in names:
            words = words_of(name)
            for written in self._ways(name, words):
                self._finder.add(key, written)
                self._written[key].add(tuple(words_of(written)))

    @staticmethod
    def _ways(name: str, words: list[str]) -> list[str]:
        """Return how a name may be written; one digit or letter means nothing by itself."""
        if len(words) == 1 and (len(words[0]) == 1 or words[0].isdigit()):
            return [f"{before} {name}" for before in _BEFORE_AN_ID]
        ways = [name]
        if len(name) >= 4:
            ways.append(base64.b64encode(name.encode()).decode().rstrip("="))
        return ways


@dataclass(frozen=True)
class _Own:
    """What is the partner's to see: its numbers, its phrases, the names among its own words."""

    partner_id: str
    numbers: Numbers
    phrases: Finder
    surfaces: Mapping[str, frozenset[Words]]

    @classmethod
    def of(cls, raw: Mapping[str, Any], partner_id: str, check: LeakCheck) -> _Own:
        company, phrases = check.company, Finder()
        people = [p for p in company.people if p.partner_id == partner_id]
        mine = [str(v) for v in raw["partner"].values() if v is not None]
        mine += [text for p in people for text in (p.name, p.email)]
        for phrase in (*mine, *company.own_words):
            phrases.add("own", phrase)
        texts = [w for text in _texts({**raw, "partner": {}}) for w in (*words_of(text), "")]
        surfaces = _surfaces(check._finder.find(texts))
        return cls(partner_id, own_numbers(raw), phrases, surfaces)


def _is_short(words: Words) -> bool:
    return len(words) == 1 and len(words[0]) <= _SHORT


def secrets_of(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return what the environment holds under names that secrets have."""
    named = {v for name, v in environment.items() if _SECRET_NAME.search(name)}
    return tuple(sorted(value for value in named if len(value) >= _SHORTEST_SECRET))


def machine_places(*places: Path) -> tuple[str, ...]:
    """Return the folders that no message may name, but for those as short as a word."""
    return tuple(sorted({str(place) for place in places if len(place.parts) > 2}))


def _surfaces(hits: Iterable[Hit]) -> dict[str, frozenset[Words]]:
    found: dict[str, set[Words]] = defaultdict(set)
    for hit in hits:
        found[hit.key].add(hit.surface)
    return {key: frozenset(surfaces) for key, surfaces in found.items()}


def _texts(raw: Any) -> Iterator[str]:
    """Yield every text of a slice, the names of its fields among them."""
    if isinstance(raw, Mapping):
        for name, value in raw.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from _texts(value)
    elif isinstance(raw, str):
        yield raw
