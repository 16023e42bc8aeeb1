"""Of whom a figure is, and who answers for it."""

from __future__ import annotations

from typing import Literal

Side = Literal["us", "partner", "both"]

ATTRIBUTES = ("partner_type", "tier", "segment", "region", "branch", "manager")
UNDIVIDED = ("portfolio", "direct", "company")
SCOPES = ("partner", *ATTRIBUTES, *UNDIVIDED)
# Partners that deliver to us: who answers for the family service changes places for them.
DELIVERING_TYPES = ("supplier", "service")
