"""Places at which a very long word may break, so that no name makes a page scroll sideways."""

from __future__ import annotations

import re

LONGEST = 24  # characters of a word that stays whole; ordinary words of German are shorter

_TAG = re.compile(r"(<[^>]*>)")
_CHARACTER = r"(?:&[A-Za-z0-9#]{1,10};|[^\s<&])"
_LONG_RUN = re.compile(rf"(?:{_CHARACTER}){{{LONGEST}}}(?={_CHARACTER}{{8}})")


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
