"""What a kernel inherits from the batch: its line, and its own sockets, already bound.

So it needs no right to make a socket, to bind one, or to connect to one.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

INHERITED = "KPI_INHERITED"


@dataclass(frozen=True)
class Inherited:
    """File descriptors: `line` tells the batch of refusals, 0 is none; `sockets` are by port."""

    line: int = 0
    sockets: Mapping[int, int] = field(default_factory=dict)

    def to_text(self) -> str:
        """Return what is inherited as text for the kernel's environment."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Inherited:
        """Return what a text describes; nothing where there is none."""
        if not text:
            return cls()
        content = json.loads(text)
        return cls(content["line"], {int(port): fd for port, fd in content["sockets"].items()})


def listening(address: str, ports: Iterable[int]) -> dict[int, socket.socket]:
    """Return sockets that listen, by port, each in a file named after the address and its port."""
    sockets = {}
    for port in ports:
        sockets[port] = socket.socket(socket.AF_UNIX)
        sockets[port].bind(f"{address}-{port}")
        sockets[port].listen()
    return sockets
