"""One part of a page, as a notebook shows it and as the exporter finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

ABOUT = "scorecard"  # the metadata key that holds what the exporter must know of a part
MAIL = "application/vnd.partner-scorecard.mail+json"  # what it says in an e-mail, in a notebook


@dataclass(frozen=True)
class Mailed:
    """One part as an e-mail says it; `images`: PNG files in base64, by the name in the HTML."""

    html: Markup
    text: str
    images: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the part of an e-mail as a notebook keeps it."""
        return {"html": str(self.html), "text": self.text, "images": dict(self.images)}


@dataclass(frozen=True)
class Part:
    """One part of the page: a notebook shows it, and the exporter finds in it what it must hold.

    `mailed`: what it says in an e-mail, where it says anything there.
    """

    name: str
    html: Markup
    about: Mapping[str, Any]
    css: str = ""
    mailed: Mailed | None = None

    def _repr_html_(self) -> str:
        style = f"<style>{self.css}</style>" if self.css else ""
        return f'{style}<div class="scorecard part-{self.name}">{self.html}</div>'

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the part as a notebook stores it: HTML, text, and its form for an e-mail."""
        about = {"part": self.name, "images": self.html.count("<img "), **self.about}
        faces: dict[str, Any] = {"text/html": self._repr_html_(), "text/plain": repr(self)}
        if self.mailed is not None:
            faces[MAIL] = self.mailed.as_dict()
        return faces, {ABOUT: about}

    def __repr__(self) -> str:
        return f"<{self.name} of a page>"
