"""What a company puts of its own on every page: its name, its logo, its colour; each is checked."""

from __future__ import annotations

import colorsys
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from kpi_lib.yaml_file import Model

PICTURES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
LARGEST_LOGO = 40_000  # bytes: it travels within each page, and a scorecard has 250 kB
LEAST_CONTRAST = 3.0  # of what is drawn and is not text: WCAG 2.2, success criterion 1.4.11


class Company(Model):
    """Whose scorecards these are, as the pages show it."""

    name: str | None = None
    logo: Annotated[Path | None, Field(strict=False)] = None
    colour: Annotated[str | None, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] = None

    @field_validator("logo")
    @classmethod
    def _require_small_picture(cls, logo: Path | None) -> Path | None:
        """Return the logo; raise ValueError where it is no picture, not there or too large."""
        if logo is None:
            return None
        if logo.suffix.lower() not in PICTURES:
            raise ValueError(f"{logo.name} is none of {', '.join(PICTURES)}")
        if not logo.is_file():
            raise ValueError(f"there is no file {logo.name} beside the settings")
        size = logo.stat().st_size
        if size > LARGEST_LOGO:
            raise ValueError(f"{logo.name} has {size:,} bytes; at most {LARGEST_LOGO:,} fit a page")
        return logo

    @field_validator("colour")
    @classmethod
    def _require_contrast(cls, colour: str | None) -> str | None:
        """Return the colour; raise ValueError where it has too little contrast on white."""
        if colour is not None and contrast_on_white(colour) < LEAST_CONTRAST:
            raise ValueError(
                f"{colour} has a contrast of {contrast_on_white(colour):.1f} on white;"
                f" {darkened(colour)} reaches {LEAST_CONTRAST:g}"
            )
        return colour


def contrast_on_white(colour: str) -> float:
    """Return the contrast of a colour (#rrggbb) on white, from 1 to 21: WCAG 2.2, contrast ratio.

    >>> round(contrast_on_white("#000000")), round(contrast_on_white("#ff6600"), 2)
    (21, 2.94)
    """
    red, green, blue = (_linear(part) for part in _parts(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def darkened(colour: str) -> str:
    """Return the lightest colour of the same hue that is seen on white.

    >>> darkened("#ffcc00"), darkened("#0b5cad")
    ('#b38f00', '#0b5cad')
    """
    hue, light, saturation = colorsys.rgb_to_hls(*_parts(colour))
    while contrast_on_white(colour) < LEAST_CONTRAST:
        light -= 1 / 255
        parts = colorsys.hls_to_rgb(hue, light, saturation)
        colour = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
    return colour


def _parts(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
