"""The second net behind escaping: an allow-list of what a page may hold.

Escaping at the source keeps names and texts harmless; this keeps harmless what a notebook's own
markdown or somebody's table brings along. Styles of elements are dropped with their content; inline
styles keep the properties that tables use.
"""

from __future__ import annotations

import re

import nh3

TAGS = frozenset(
    ("a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del",
     "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6",
     "header", "hr", "i", "img", "li", "ol", "p", "pre", "s", "section", "small", "span", "strong",
     "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul")
)  # fmt: skip
ATTRIBUTES = {
    "*": {"class", "id", "style", "title", "lang", "dir", "role", "aria-hidden", "aria-label",
          "aria-labelledby", "aria-describedby"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope", "colspan", "rowspan", "headers", "abbr"},
    "td": {"colspan", "rowspan", "headers"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start"},
}  # fmt: skip
STYLES = frozenset(
    ("color", "background-color", "border", "border-top", "border-bottom", "border-left",
     "border-right", "font-weight", "font-style", "font-size", "text-align", "text-transform",
     "text-indent", "text-decoration", "vertical-align", "white-space", "width", "min-width",
     "max-width", "height", "padding", "padding-top", "padding-bottom", "padding-left",
     "padding-right", "margin-left", "margin-right")
)  # fmt: skip
# Pages of the same run, by where they stand: never up out of the period's folder.
OF_THE_RUN = re.compile(
    r"(?:\.\./)?(?:partners/[^/.?#:][^/?#:]*/(?:scorecard|internal)|index)\.html"
)
LAYOUT = ("align", "valign", "width", "height", "cellpadding", "cellspacing", "border", "bgcolor")
PICTURES = ("data:image/svg+xml;base64,", "data:image/png;base64,", "data:image/jpeg;base64,")


def sanitise(html: str) -> str:
    """Return the HTML with nothing in it that could run or ask for anything."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_keep,
        url_schemes={"data", "https", "mailto"},
        filter_style_properties=set(STYLES),
        clean_content_tags={"script", "style", "iframe", "object", "embed", "template", "noscript"},
        link_rel="noopener noreferrer",
    )


def _keep(tag: str, attribute: str, value: str) -> str | None:
    """Keep pictures that carry their own data, and links to pages of the run or elsewhere."""
    if attribute == "src":
        return value if value.startswith(PICTURES) else None
    if attribute == "href":
        is_near = OF_THE_RUN.fullmatch(value) is not None
        return value if is_near or value.startswith(("#", "https://", "mailto:")) else None
    if attribute == "style":
        return None if "url(" in value.lower() else value
    return value


def sanitise_mail(html: str) -> str:
    """Return a part of an e-mail with nothing in it that could run or ask for anything.

    Its only images are those that travel with it (`cid:`).
    """
    attributes = {tag: set(names) for tag, names in ATTRIBUTES.items()}
    attributes |= {tag: {*attributes.get(tag, ()), *LAYOUT} for tag in ("table", "td", "th", "img")}
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=attributes,
        attribute_filter=_keep_in_mail,
        url_schemes={"cid", "mailto"},
        filter_style_properties=set(STYLES),
        clean_content_tags={"script", "style", "iframe", "object", "embed", "template", "noscript"},
        link_rel=None,
    )


def _keep_in_mail(tag: str, attribute: str, value: str) -> str | None:
    """Keep images by their Content-ID, and links that open a new mail."""
    if attribute == "src":
        return value if value.startswith("cid:") else None
    if attribute == "href":
        return value if value.startswith("mailto:") else None
    return _keep(tag, attribute, value)
