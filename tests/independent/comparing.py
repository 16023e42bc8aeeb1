"""When two values are equal, and which is the lesser."""

from __future__ import annotations

from fractions import Fraction

from .slots import TINY


def snapped(value: Fraction | float) -> Fraction | float:
    """Return 0 for what is below 1e-9 in size."""
    return Fraction(0) if abs(value) < TINY else value


def same(a: Fraction | float, b: Fraction | float) -> bool:
    """Whether two values are within 1e-9 of their size."""
    a, b = snapped(a), snapped(b)
    return abs(a - b) <= TINY * max(abs(a), abs(b))


def below(a: Fraction | float, b: Fraction | float) -> bool:
    """Whether a is less than b, and not equal to it."""
    return not same(a, b) and a < b
