"""Sockets of every family, and their lists."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.batch.ways.way import BIT, SECONDS, WAYS, WORD, Place, Way, way

# Sockets


def _listens(p, address: str | tuple, family: int) -> None:
    server = socket.socket(family)
    p.kept.append(server)
    server.bind(address)
    server.listen()


def connects(address: Any, family: int) -> str:
    with socket.socket(family) as client:
        client.settimeout(SECONDS)
        client.connect(address)
    return WORD


@way("a Unix socket by path", lambda p: connects(str(p.others / "server"), socket.AF_UNIX))
def _(p):
    _listens(p, str(p.scratch / "server"), socket.AF_UNIX)


@way("an abstract Unix socket", lambda p: connects("\0kpi-test", socket.AF_UNIX))
def _(p):
    _listens(p, "\0kpi-test", socket.AF_UNIX)


@way(
    "a connection of TCP",
    lambda p: connects(("127.0.0.1", p.notes["tcp"]), socket.AF_INET),
)
def _(p):
    _listens(p, ("127.0.0.1", 0), socket.AF_INET)
    p.notes["tcp"] = p.kept[-1].getsockname()[1]


def _receives(name: str, family: int, address: Callable[[Place], Any]) -> Callable:
    def watch(p):
        server = socket.socket(family, socket.SOCK_DGRAM)
        server.settimeout(SECONDS)
        p.notes[f"{name} socket"] = server.fileno()
        p.kept.append(server)
        server.bind(address(p))
        own = server.getsockname()
        p.notes[name] = own if isinstance(own, tuple) else str(address(p))

    return watch


def _received(name: str) -> Callable[[Place], str]:
    def hear(p):
        return os.read(p.notes[f"{name} socket"], 99).decode()

    return hear


def _datagram(name: str, family: int, address: Callable[[Place], Any], send: Callable) -> None:
    def tell(p):
        to = p.notes.get(name)
        to = tuple(to) if isinstance(to, list) else to or address(p)
        send(family, to)

    WAYS[name] = Way(tell, _received(name), _receives(name, family, address))


def _send_to(family, to):
    socket.socket(family, socket.SOCK_DGRAM).sendto(WORD.encode(), to)


def _send_message(family, to):
    socket.socket(family, socket.SOCK_DGRAM).sendmsg([WORD.encode()], [], 0, to)


def _connect_first(family, to):
    client = socket.socket(family, socket.SOCK_DGRAM)
    client.connect(to)
    client.send(WORD.encode())


def _of_a_pair(family, to):
    socket.socketpair(family, socket.SOCK_DGRAM)[0].sendto(WORD.encode(), to)


_HERE, _HERE_6 = (lambda p: ("127.0.0.1", 0)), (lambda p: ("::1", 0))
_datagram("a datagram of UDP", socket.AF_INET, _HERE, _send_to)
_datagram("a message of UDP", socket.AF_INET, _HERE, _send_message)
_datagram("a connected datagram of UDP", socket.AF_INET, _HERE, _connect_first)
_datagram("a datagram of UDP by IPv6", socket.AF_INET6, _HERE_6, _send_to)
_datagram(
    "a datagram to a path", socket.AF_UNIX, lambda p: str(p.scratch / "datagram"), _send_message
)
_datagram("a datagram to a name", socket.AF_UNIX, lambda p: "\0kpi-test-datagram", _send_to)
_datagram("a datagram of a pair", socket.AF_UNIX, lambda p: str(p.scratch / "pair"), _of_a_pair)


def _in_use(kind: int, address: Any, family: int = socket.AF_INET) -> str:
    with socket.socket(family, kind) as second:
        try:
            second.bind(address)
        except OSError as error:
            return BIT[error.errno == errno.EADDRINUSE]
    return "nothing"


for _name, _kind in (("TCP", socket.SOCK_STREAM), ("UDP", socket.SOCK_DGRAM)):

    def _occupy(p, kind=_kind, name=_name):
        p.kept.append(socket.socket(socket.AF_INET, kind))
        p.kept[-1].bind(("127.0.0.1", 0))
        p.notes[f"port {name}"] = p.kept[-1].getsockname()[1]

    WAYS[f"a port of {_name} that is taken"] = Way(
        _occupy,
        lambda p, kind=_kind, name=_name: _in_use(kind, ("127.0.0.1", p.notes[f"port {name}"])),
    )


@way(
    "an abstract name that is taken",
    lambda p: _in_use(socket.SOCK_STREAM, "\0kpi-test-taken", socket.AF_UNIX),
)
def _(p):
    p.kept.append(socket.socket(socket.AF_UNIX))
    p.kept[-1].bind("\0kpi-test-taken")


@way(
    "the list of Unix sockets",
    lambda p: BIT["kpi-test-marigold" in Path("/proc/self/net/unix").read_text()],
)
def _(p):
    p.kept.append(socket.socket(socket.AF_UNIX))
    p.kept[-1].bind("\0kpi-test-marigold")


def _watch_netlink(p):
    server = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2)  # NETLINK_USERSOCK
    server.settimeout(SECONDS)
    p.kept.append(server)
    server.bind((0, 1))
    p.notes["netlink socket"] = server.fileno()


@way(
    "netlink between programs",
    lambda p: os.read(p.notes["netlink socket"], 99).decode(),
    watch=_watch_netlink,
)
def _(p):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2).sendto(WORD.encode(), (0, 1))


def _ask_daemon(p, question: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(SECONDS)
        client.connect(p.daemon)
        client.sendall(question.encode())
        return client.recv(99).decode()


@way("a daemon's socket", lambda p: _ask_daemon(p, "?"), after=True)
def _(p):
    _ask_daemon(p, WORD)


# What ZeroMQ does past Python: it ends a process that it cannot go on in


def _zmq_tells(p):
    import zmq

    server = zmq.Context().socket(zmq.PUSH)
    server.linger, server.sndtimeo = 0, 500
    p.kept.append(server)
    server.bind(f"ipc://{p.scratch}/zmq")
    threading.Thread(target=server.send, args=(WORD.encode(),), daemon=True).start()


def _zmq_hears(p):
    import zmq

    client = zmq.Context().socket(zmq.PULL)
    client.rcvtimeo, client.linger = 500, 0
    client.connect(f"ipc://{p.others}/zmq")
    return client.recv().decode()


WAYS["a socket of ZeroMQ"] = Way(_zmq_tells, _zmq_hears, deadly=True)
