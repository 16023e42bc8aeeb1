"""What the four pages have in common: how their slice is found, checked and shown part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

from markupsafe import Markup

from kpi_lib.errors import Problem, RunError
from kpi_lib.show.common import theme
from kpi_lib.show.common.part import Mailed, Part
from kpi_lib.show.common.proofreading import TYPED, typed
from kpi_lib.show.common.slice import PageSlice, differences


class Readable(Protocol):
    """A slice as its page reads it."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`."""


R = TypeVar("R", bound=Readable)
G = TypeVar("G", bound=PageSlice)


def slice_from(kind: type[R], folder: str, computed: Callable[[], Path]) -> R:
    """Return the slice of a folder; where none is named, of what an analyst is shown.

    `computed`: returns the folder that a run left, or one of figures that are computed now. It is
    not called by a report's notebook, which is given its folder, and need not be fast.
    """
    return kind.read(Path(folder) if folder else computed())


def require_match(
    given: PageSlice,
    period: str,
    as_of: str,
    requested: Mapping[str, tuple[object, object]],
    further: Sequence[Problem] = (),
) -> None:
    """Raise RunError where a slice is not of that period and day, or not what else was requested.

    `as_of` empty: the period's end. `requested`: by parameter, what was requested and what the
    slice holds. `further`: what else is wrong with the slice.
    """
    dated = {
        "period": (period, given.content.run.period),
        "as_of": (as_of or str(given.period.end), str(given.as_of)),
    }
    wrong = [*differences({**requested, **dated}), *further]
    if wrong:
        raise RunError(wrong)


@dataclass(frozen=True, repr=False)
class Page(Generic[G]):
    """A page of one period; `given`: all that it may know."""

    given: G

    def _heading(
        self,
        html: Markup,
        title: str,
        about: Mapping[str, object],
        mailed: Mailed | None = None,
    ) -> Part:
        """Return the head of the page, which carries its style and says what the page is.

        `about`: what the exporter is to know beside title, period and language.
        """
        period = str(self.given.period)
        known = {"period": period, "title": f"{title}, {period}", "lang": self.given.language}
        excused = {TYPED: typed(self.given.content)}
        return Part("heading", html, {**about, **known, **excused}, theme.notebook_css(), mailed)

    def _part(self, name: str, html: Markup) -> Part:
        return Part(name, html, {})
