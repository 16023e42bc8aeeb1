"""Where a line may break: within very long words, and nowhere between a sign and its amount."""

from __future__ import annotations

import re

LONGEST = 24  # characters of a word that stays whole; ordinary words of German are shorter

_TAG = re.compile(r"(<[^>]*>)")
_CHARACTER = r"(?:&[A-Za-z0-9#]{1,10};|[^\s<&])"
_SIGNED = re.compile(r"[\N{MINUS SIGN}+][^\s\d<&]{1,4}[\d.,\u00a0\u202f]*\d")  # as in +US$5
_LONG_RUN = re.compile(rf"(?:{_CHARACTER}){{{LONGEST}}}(?={_CHARACTER}{{8}})")

_IN_ONE_PIECE = r'<span style="white-space:nowrap">\g<0></span>'


def breakable(html: str) -> str:
    """Return the HTML of a page's body with `<wbr>` inside words beyond LONGEST characters.

    A style sheet could break words anywhere, too, but tables would then break ordinary ones. The
    text stays what it is: nothing is added to what is read aloud or copied.

    >>> breakable("<p>" + "x" * 40 + " &amp; more</p>")
    '<p>xxxxxxxxxxxxxxxxxxxxxxxx<wbr>xxxxxxxxxxxxxxxx &amp; more</p>'
    """
    parts = _TAG.split(html)  # texts at even places, tags at odd ones
    parts[::2] = [_LONG_RUN.sub(r"\g<0><wbr>", text) for text in parts[::2]]
    return "".join(parts)


def unbroken(html: str) -> str:
    """Return the HTML with each signed amount in one piece; browsers part a sign from a currency.

    >>> unbroken("<p>\N{MINUS SIGN}£4.26 of 3</p>")
    '<p><span style="white-space:nowrap">\N{MINUS SIGN}£4.26</span> of 3</p>'
    """
    parts = _TAG.split(html)
    parts[::2] = [_SIGNED.sub(_IN_ONE_PIECE, text) for text in parts[::2]]
    return "".join(parts)
