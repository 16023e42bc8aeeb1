"""A mail server on loopback that does as asked: STARTTLS, AUTH, refusals, hang-ups, kills."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTP as POLICY

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.mail.made import PASSWORD

HOST, USER, SENDER = "127.0.0.1", "scorecards", "scorecards@sender.invalid"
DRIPS = ("connect", "ehlo", "tls", "login", "mail", "rcpt", "data", "content", "after_end")
DOUBTFUL = ("after_end", "kept_then_gone")  # after these nobody can know


@dataclass
class Received:
    """A message that the server answered for, or kept without an answer."""

    sender: str
    to: str
    content: bytes

    @property
    def message(self):
        return message_from_bytes(self.content, policy=POLICY)


@dataclass
class Plan:
    """What goes wrong: at the `turn`-th time a stage is reached, `act` is done."""

    stage: str = ""
    turn: int = 1
    act: Callable[[], str | None] | str = "hang up"  # or "drip", or an answer such as "451 later"
    always: bool = False
    _seen: Counter = field(default_factory=Counter)

    def due(self, stage: str) -> bool:
        if stage != self.stage:
            return False
        self._seen[stage] += 1
        return self.always or self._seen[stage] == self.turn


class _Session(SMTP):
    """One conversation; the plan may end it anywhere."""

    plan: Plan

    async def _handle_client(self) -> None:
        if self.plan.due("connect"):
            await self._act(b"220-wait\r\n")
            if self.transport.is_closing():
                return
        await super()._handle_client()

    async def _act(self, drop: bytes = b"250-wait\r\n") -> str | None:
        """Do what the plan says; return an answer, or None where the connection was cut."""
        act = self.plan.act
        if callable(act):
            act()
            return None
        if act == "drip":
            await self._drip(drop)
            return None
        if act != "hang up":
            return act
        self.transport.abort()
        return None

    async def _drip(self, drop: bytes) -> None:
        """Say a little again and again, so that no single wait is long, until nobody listens."""
        while not self.transport.is_closing():
            self.transport.write(drop)
            await asyncio.sleep(0.02)

    async def smtp_EHLO(self, hostname) -> None:
        if self.plan.due("ehlo"):
            await self._act()
        else:
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg) -> None:
        if self.plan.due("tls"):
            await self.push("220 go on")
            await asyncio.sleep(0.1)  # what follows at once is thrown away, as it must be
            self.transport.write(b"\x16\x03\x03\x40\x00")  # the head of a record of 16 kB
            await self._act(b"\x02")
        else:
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg) -> None:
        if self.plan.due("login"):
            await self._act(b"235-wait\r\n")
        else:
            await super().smtp_AUTH(arg)

    async def smtp_RSET(self, arg) -> None:
        if self.plan.due("rset"):
            await self._act()
        else:
            await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg) -> None:
        if self.plan.due("quit"):
            await self._act()
        else:
            await super().smtp_QUIT(arg)

    async def smtp_DATA(self, arg) -> None:
        if self.plan.due("data"):
            answer = await self._act(b"354-wait\r\n")
            if answer:
                await self.push(answer)
            return
        if self.plan.due("in_data"):
            await self.push("354 go on")
            await asyncio.sleep(0.02)
            await self._act()
            return
        if self.plan.due("content"):
            await self.push("354 go on")
            self.transport.pause_reading()  # it takes no more than the system does for it
            await self._act()
            return
        await super().smtp_DATA(arg)
        if self.plan.due("after_250"):
            await self._act()


class _Handler:
    def __init__(self, plan: Plan, received: list[Received]) -> None:
        self.plan, self.received = plan, received

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.plan.due("mail"):
            return await server._act() or "451 gone"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.plan.due("rcpt"):
            return await server._act() or "451 gone"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        assert len(envelope.rcpt_tos) == 1, "one recipient an envelope"
        if self.plan.due("after_end"):
            return await server._act() or "451 gone"
        to = envelope.rcpt_tos[0]
        self.received.append(Received(envelope.mail_from, to, envelope.content))
        if self.plan.due("kept_then_gone"):
            await server._act()
            await asyncio.sleep(0.2)
        return "250 kept"


@dataclass
class Server:
    """A server that runs: where it is, and what it received."""

    port: int
    ca_file: str
    received: list[Received]
    plan: Plan

    def settings(self, **more) -> dict:
        """Return the settings that lead to it."""
        options = {"host": HOST, "port": self.port, "ca_file": self.ca_file, "username": USER}
        return {
            "sender": SENDER,
            "per_minute": 60_000,
            "server": options | {"timeout_seconds": 20} | more,
        }

    def count(self) -> Counter:
        """Return how many messages each recipient got."""
        return Counter(one.to for one in self.received)


def authorities(folder) -> tuple[trustme.CA, str]:
    """Return a private certificate authority, and the file that makes it trusted."""
    authority, file = trustme.CA(), folder / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return authority, str(file)


@contextmanager
def running(folder, plan=None, *, tls="starttls", certificate=None, authority=None, auth=True):
    """Run a server; `certificate`: another one than a good one for this host."""
    ca, ca_file = authority or authorities(folder)
    plan = plan or Plan()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    (certificate or ca.issue_cert(HOST)).configure_cert(context)
    received: list[Received] = []
    session = type("Session", (_Session,), {"plan": plan})

    class Room(Controller):
        def factory(self):
            return session(self.handler, **self.SMTP_kwargs)

    options = {"decode_data": False, "timeout": 30}
    if auth:
        options |= {"auth_required": True, "authenticator": _authenticate}
        options |= {"auth_require_tls": tls == "starttls"}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    implicit = {"ssl_context": context} if tls == "implicit" else {}
    port = _free_port()
    controller = Room(_Handler(plan, received), hostname=HOST, port=port, **implicit, **options)
    plan_stage, plan.stage = plan.stage, ""  # the controller looks whether it is open
    controller.start()
    plan.stage = plan_stage
    try:
        yield Server(port, ca_file, received, plan)
    finally:
        controller.stop()


def _authenticate(server, session, envelope, mechanism, data) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=False)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return one.getsockname()[1]
