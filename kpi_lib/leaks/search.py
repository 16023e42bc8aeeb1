"""The leak check: what will really go out, searched for what is not the recipient's to see.

Other partners' names and telling parts of them, ids, contacts, addresses and figures, roll-ups,
internal KPIs, places of this machine, parameters and secrets. The computed part of the partner's
own slice is no leak, nor is an ordinary word of the pages (decision 0008); what a person
typed is searched by itself too, and nothing in it is excused as ordinary.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from kpi_lib.leaks.allowed import Allowed
from kpi_lib.leaks.decoded import (
    Piece,
    UnreadableError,
    html_pieces,
    notebook_pieces,
    pdf_pieces,
    pieces_of,
    text_pieces,
)
from kpi_lib.leaks.figure_search import (
    ROUND_LEFT,
    Figure,
    Grade,
    Numbers,
    Reading,
    compared_numbers,
    figures_of,
    fractions,
    own_numbers,
    shown_numbers,
)
from kpi_lib.leaks.name_parts import telling_parts
from kpi_lib.leaks.ordinary import common_words, is_everyday, is_known
from kpi_lib.leaks.tokens import Finder, Hit, Words, folded, outside, readings, words_of
from kpi_lib.leaks.typed_texts import Typed, computed_in, typed_in
from kpi_lib.slices.json_form import leaves
from kpi_lib.slices.scorecard_types import Partner, ScorecardSlice

_PATH = re.compile(r"(?<![\w:/.<-])(?:/[A-Za-z][\w.@-]*){2,}|\b[A-Za-z]:\\\w|\\\\\w+\\|file:/")
_PARAMETER = re.compile(
    r"\b(?:partner_id|as_of|edition|slice|half_life_days|maturity_days|clv_horizon_months)\s*[=:]|"
    r"\bparams/|\bslice\.json\b|\bkpis\.parquet\b|injected-parameters"
)
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*KEY|://[^/\s:@]+:[^/\s:@]+@|\bAKIA[0-9A-Z]{16}\b|"
    r"\b(?:password|passwd|pwd)\s*=\s*[^\s&;]{3,}",
    re.IGNORECASE,
)
_BEFORE_AN_ID = ("partners", "id", "Partner-Nr")  # "this partner: 7 orders" names nobody
_SHORT = 3  # letters: "ab" is a word of German, AB may be a partner
_BY_CHANCE = 0.2  # hits from which on a small figure would be met by chance
NAME, PART = "the name", "a part of the name"


@dataclass(frozen=True)
class Person:
    """A recipient, for the search: whose, and what would give it away."""

    partner_id: str
    name: str
    email: str


@dataclass(frozen=True)
class Known:
    """All there is to be found: partners (id: name), recipients, internal KPIs, every figure.

    `headlines`: those figures that people round and talk of, values of KPIs in this period.
    `own_words`: what stands in every message, as the sender. `allowed`: what a person let stand.
    """

    partners: Mapping[str, str]
    people: tuple[Person, ...]
    internal: Mapping[str, str]
    figures: Numbers
    headlines: Numbers = field(default_factory=lambda: Numbers(()))
    own_words: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    period: str = ""
    allowed: tuple[Allowed, ...] = ()


@dataclass(frozen=True)
class Leak:
    """What must not go out: where it stands, what it is, whose, and its text but of a secret."""

    where: str
    what: str
    whose: str = ""
    text: str = ""

    @property
    def found(self) -> str:
        """What it is, in words."""
        of = f" of {self.whose}" if self.whose else ""
        return f"{self.what}{of}" + (f", {self.text!r}" if self.text else "")

    def __str__(self) -> str:
        """Return the leak as a line for whoever is to mend it."""
        return f"{self.where}: {self.found}"


@dataclass(frozen=True)
class _Sought:
    """What a name is that is looked for, and whose it is: of nobody, it is internal."""

    owners: frozenset[str]
    what: str

    @property
    def whose(self) -> str:
        return ", ".join(sorted(self.owners))


@dataclass
class LeakCheck:
    """What is looked for; made once for many pages and messages."""

    known: Known
    _finder: Finder = field(default_factory=Finder)
    _sought: dict[str, _Sought] = field(default_factory=dict)
    _ordinary: Mapping[str, frozenset[Words]] = field(default_factory=dict)
    _written: dict[str, set[Words]] = field(default_factory=lambda: defaultdict(set))
    _heard: set[str] = field(default_factory=set)  # every word of a name
    let_through: set[Allowed] = field(default_factory=set)  # what was found and may stand

    def __post_init__(self) -> None:
        for partner_id, name in self.known.partners.items():
            self._look_for([partner_id], "the id", partner_id)
            self._look_for([partner_id], NAME, name)
        for person in self.known.people:
            self._look_for([person.partner_id], "an address", person.email)
            if len(words_of(person.name)) > 1:
                self._look_for([person.partner_id], "a contact", person.name)
        called = self._names_by_partner()
        self._heard = {folded(w) for names in called.values() for n in names for w in words_of(n)}
        for part, owners in telling_parts(called).items():
            self._look_for(owners, PART, " ".join(part))
        for domain, partner_id in self._domains():
            self._look_for([partner_id], "the domain", domain)
        for kpi, name in self.known.internal.items():
            self._look_for((), "the internal KPI", kpi, name)
        common = self._finder.find(list(common_words()))
        partners_only = (hit for hit in common if self._sought[hit.key].owners)
        self._ordinary = _surfaces_by_key(partners_only)

    def of(self, slice_: ScorecardSlice, partner_id: str) -> Search:
        """Return the search of what is made for a partner; `slice_`: its own."""
        return Search.of(slice_, partner_id, self)

    def leaks(self, content: bytes, partner_id: str, slice_: ScorecardSlice) -> list[Leak]:
        """Return what a message must not hold, and what people typed for it."""
        search = self.of(slice_, partner_id)
        return list(dict.fromkeys((*search.typed(), *search.message(content))))

    def _names_by_partner(self) -> dict[str, list[str]]:
        """Return by partner_id what it and its people are called."""
        called = {partner_id: [name] for partner_id, name in self.known.partners.items()}
        for person in self.known.people:
            if len(words_of(person.name)) > 1:
                called.setdefault(person.partner_id, []).append(person.name)
        return called

    def _domains(self) -> Iterator[tuple[str, str]]:
        """Yield each domain of addresses that only one partner has, and whose it is."""
        owners: dict[str, set[str]] = defaultdict(set)
        for person in self.known.people:
            owners[person.email.rpartition("@")[2].lower()].add(person.partner_id)
        yield from ((d, next(iter(of))) for d, of in owners.items() if d and len(of) == 1)

    def _look_for(self, owners: Iterable[str], what: str, *names: str) -> None:
        """Look for names in every page but their owners'; the last one names the finding."""
        sought = _Sought(frozenset(owners), what)
        key = f"{what}\0{sought.whose}\0{names[-1]}"
        self._sought[key] = sought
        for name in names:
            for written in _spellings(name):
                # The plural of one partner's name may be a word of another's.
                if what == PART and written != name and folded(written) in self._heard:
                    continue
                self._finder.add(key, written)
                self._written[key].add(tuple(words_of(written)))


@dataclass(frozen=True)
class Search:
    """The search of one partner's pages and messages: what is its own to see, and what is not."""

    partner_id: str
    check: LeakCheck
    numbers: Numbers  # that explain an exact figure
    shown: Numbers  # that explain a rounded one
    compared: Numbers  # that explain one of two digits
    fractions: Numbers  # that explain a whole one with decimals
    phrases: Finder
    surfaces: Mapping[str, frozenset[Words]]
    texts: tuple[Typed, ...]

    @classmethod
    def of(cls, slice_: ScorecardSlice, partner_id: str, check: LeakCheck) -> Search:
        """Return the search for a partner, by its own slice."""
        known, phrases, computed = check.known, Finder(), computed_in(slice_)
        people = [p for p in known.people if p.partner_id == partner_id]
        mine = [str(value) for value in leaves(slice_.partner) if value is not None]
        mine += [text for p in people for text in (p.name, p.email)]
        mine += [p.email.rpartition("@")[2] for p in people]
        for phrase in (*mine, *known.own_words):
            phrases.add("own", phrase)
        no_partner = replace(computed, partner=Partner(partner_id="", partner_type=""))
        texts = [w for text in _texts(no_partner) for w in (*_words_in(text), "")]
        return cls(
            partner_id,
            check,
            own_numbers(computed),
            shown_numbers(computed),
            compared_numbers(computed),
            fractions(computed),
            phrases,
            _surfaces_by_key(check._finder.find(texts)),
            tuple(dict.fromkeys(typed_in(slice_))),
        )

    def message(self, content: bytes) -> list[Leak]:
        """Return what a message must not hold."""
        return self._leaks_in(pieces_of(content))

    def page(self, name: str, html: str) -> list[Leak]:
        """Return what a page must not hold; `name`: of its file."""
        return self._leaks_in(html_pieces(name, html))

    def notebook(self, name: str, content: str) -> list[Leak]:
        """Return what an executed notebook must not hold; it may name its own parameters."""
        leaks = self._leaks_in(notebook_pieces(name, content))
        return [leak for leak in leaks if leak.what not in ("a parameter", "a path")]

    def pdf(self, name: str, content: bytes) -> list[Leak]:
        """Return what a PDF must not hold."""
        return self._leaks_in(pdf_pieces(name, content))

    def typed(self) -> list[Leak]:
        """Return what people typed for this partner and must not stand there, with its place."""
        found: dict[Leak, None] = {}
        for typed in self.texts:
            for piece in text_pieces(typed.place, typed.text):
                found |= dict.fromkeys(self._leaks_in_piece(piece, typed))
        return [leak for leak in found if not self._is_allowed(leak)]

    def _leaks_in(self, pieces: Iterator[Piece]) -> list[Leak]:
        """Return the leaks in pieces of a page, each once, without those that are allowed."""
        found: dict[Leak, None] = {}
        try:
            for piece in pieces:
                found |= dict.fromkeys(self._leaks_in_piece(piece))
        except UnreadableError as error:
            found[Leak(str(error), "it cannot be searched")] = None
        return [leak for leak in found if not self._is_allowed(leak)]

    def _is_allowed(self, leak: Leak) -> bool:
        """Say whether a person let it stand, and write down that it was met; of a secret never."""
        known = self.check.known
        by = [a for a in known.allowed if a.covers(leak.text, self.partner_id, known.period)]
        self.check.let_through.update(by)
        return bool(by)

    def _leaks_in_piece(self, piece: Piece, typed: Typed | None = None) -> Iterator[Leak]:
        """Yield the names, figures, paths and secrets in a piece that are not to be seen."""
        for words in readings(piece.text):
            for hit in self._foreign_names(words, typed):
                sought = self.check._sought[hit.key]
                yield Leak(piece.where, sought.what, sought.whose, " ".join(hit.surface))
        if piece.has_figures:
            for figure in figures_of(piece.text):
                # A chart's ticks are round, and in a PDF they stand among all other numbers.
                if piece.has_ticks and not any(r.grade is Grade.EXACT for r in figure.readings):
                    continue
                if self._is_anothers(figure, typed):
                    what = "a figure that is not this partner's"
                    yield Leak(piece.where, what, text=figure.text)
        yield from self._machine_leaks(piece)

    def _machine_leaks(self, piece: Piece) -> Iterator[Leak]:
        """Yield the paths, parameters and secrets in a piece."""
        known = self.check.known
        for what, pattern in (("a path", _PATH), ("a parameter", _PARAMETER)):
            if match := pattern.search(piece.text):
                yield Leak(piece.where, what, text=match[0])
        if _SECRET.search(piece.text) or any(s in piece.text for s in known.secrets):
            yield Leak(piece.where, "a secret")
        if any(place in piece.text for place in known.places):
            yield Leak(piece.where, "a path")

    def _is_anothers(self, figure: Figure, typed: Typed | None) -> bool:
        """Say whether a figure is one of the run that none of the partner's own explains."""
        if any(self._explains(reading, figure, typed) for reading in figure.readings):
            return False
        return any(self._is_anyones(reading, typed) for reading in figure.readings)

    def _explains(self, reading: Reading, figure: Figure, typed: Typed | None) -> bool:
        """Say whether a reading of a figure is a number of the partner's own page."""
        if reading.grade is None and reading.value.is_integer():
            return self.fractions.have(reading, 0.51)  # else 51,000 is no 51 with three decimals
        if reading.grade is not Grade.ROUND:
            return self.numbers.have(reading, 0.51)
        # Two digits are soon explained by chance. Where a page rounds so itself it writes zeros.
        is_ours = typed is None and not figure.is_shortened
        own = self.shown if is_ours or reading.left > ROUND_LEFT else self.compared
        return own.have(reading, 0.51)

    def _is_anyones(self, reading: Reading, typed: Typed | None) -> bool:
        """Say whether a reading of a figure is a number of anybody that the run knows."""
        known = self.check.known
        if reading.grade is Grade.EXACT:
            return known.figures.have(reading, 1.0)
        if reading.grade is Grade.ROUND:
            return known.headlines.have(reading, 1.0)
        if reading.grade is None:
            return False
        # One below a thousand may be anything: only in what was typed, and only where few are near.
        is_met_by_chance = known.headlines.crowd(reading) > _BY_CHANCE
        return typed is not None and not is_met_by_chance and known.headlines.have(reading, 0.51)

    def _foreign_names(self, words: list[str], typed: Typed | None) -> Iterator[Hit]:
        """Yield where others' names stand among the words, each at its longest."""
        sought, mine = self.check._sought, self.partner_id
        hits = [h for h in self.check._finder.find(words) if mine not in sought[h.key].owners]
        if not hits:
            return
        counted = [h for h in outside(hits, self.phrases.find(words)) if self._is_a_name(h, typed)]
        yield from (hit for hit in counted if not any(self._is_within(hit, o) for o in counted))

    def _is_within(self, hit: Hit, other: Hit) -> bool:
        """Say whether a hit is a piece of a longer one of the same partners, which tells it too."""
        if not other.start <= hit.start < hit.end <= other.end:
            return False
        of, around = (self.check._sought[h.key].owners for h in (hit, other))
        return hit.end - hit.start < other.end - other.start and bool(of) and of <= around

    def _is_a_name(self, hit: Hit, typed: Typed | None) -> bool:
        """Say whether a name that was found is one: an ordinary word is not, but as it is written.

        In what one person typed for this partner, a name exactly as it is written always counts.
        """
        may = self.check._ordinary.get(hit.key, frozenset())
        may |= self.surfaces.get(hit.key, frozenset())
        exact = hit.surface in self.check._written[hit.key]
        if self.check._sought[hit.key].what == PART and all(map(is_known, hit.surface)):
            return exact and hit.surface not in may
        if typed is not None and not typed.is_for_all and exact:
            return True
        if hit.surface in may:
            return False
        as_it_is = may or _is_short(hit.surface) or _is_a_word(hit.surface)
        return exact if as_it_is else True


@lru_cache(8192)  # definitions are the same in every slice
def _words_in(text: str) -> Words:
    return tuple(words_of(text))


def _spellings(name: str) -> list[str]:
    """Return how a name may be written; one digit or letter means nothing by itself."""
    words = words_of(name)
    if len(words) == 1 and (len(words[0]) == 1 or words[0].isdigit()):
        return [f"{before} {name}" for before in _BEFORE_AN_ID]
    ways = [name]
    if len(words) == 1 and len(name) > _SHORT and name[-1].isalpha() and folded(name[-1]) != "s":
        ways.append(f"{name}s")  # of more than one, or in the genitive
    if len(name) > _SHORT:
        ways.append(base64.b64encode(name.encode()).decode().rstrip("="))
    return ways


def _is_short(words: Words) -> bool:
    return len(words) == 1 and len(words[0]) <= _SHORT


def _is_a_word(words: Words) -> bool:
    return len(words) == 1 and is_everyday(words[0])


def _surfaces_by_key(hits: Iterable[Hit]) -> dict[str, frozenset[Words]]:
    found: dict[str, set[Words]] = defaultdict(set)
    for hit in hits:
        found[hit.key].add(hit.surface)
    return {key: frozenset(surfaces) for key, surfaces in found.items()}


def _texts(slice_: ScorecardSlice) -> Iterator[str]:
    """Yield every text of a slice, the names of its fields among them."""
    yield from (part for part in leaves(slice_, with_names=True) if isinstance(part, str))
