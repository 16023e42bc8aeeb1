"""The connection with the mail server: the only place of the project from which anything is sent.

A verified TLS connection, or no connection; plain only to this very machine, and only if asked for.
One recipient an envelope, so that a refusal is always somebody's. Each step of the conversation has
a deadline, and so has all of it: a server that answers without end holds nobody.
"""

from __future__ import annotations

import io
import ipaddress
import re
import smtplib
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pydantic import SecretStr

from kpi_lib.errors import MailError
from kpi_lib.mail.deadline import Deadline
from kpi_lib.settings import MailServer

PORTS = {"starttls": 587, "implicit": 465, "plain": 25}
_GO_ON, _DONE, _FORWARDED = 354, 250, 251
_FOR_GOOD = 500
_LONGEST_ANSWER = 100_000  # bytes
_GOODBYE_SECONDS = 5.0
_CHUNK = 65_536


class PutOffError(Exception):
    """The message did not arrive, for certain; another try may succeed."""


class NotConnectedError(PutOffError):
    """There is no connection to the server, so it is no message's fault."""


class BrokenError(PutOffError):
    """The connection broke, or a deadline passed, before the message's end was handed over."""


class RefusedError(Exception):
    """The server does not want the message, now or later."""


class DoubtfulError(Exception):
    """The message's end was handed over, and no answer came: nobody knows whether it arrived."""


class SmtpConnection:
    """A connection that is opened when it is needed, and anew where it broke."""

    def __init__(self, server: MailServer, password: SecretStr | None) -> None:
        require_safe(server)
        self._server, self._password = server, password
        self._deadline = Deadline(server.timeout_seconds, server.message_seconds)
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, sender: str, to: str, content: bytes, hand_over: Callable[[], None]) -> str:
        """Give one message to the server; return what it answered.

        `hand_over` is called when all but the end of the message was sent: from then on it may
        arrive. Raises PutOffError, RefusedError or DoubtfulError; MailError where no message can be
        sent at all.
        """
        self._deadline.begin_message()
        smtp = self._open()
        try:
            self._begin(smtp, sender, to)
            self._deadline.begin_content()
            smtp.send(_stuffed(content))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise BrokenError(_error_in_words(error)) from error
        except (PutOffError, RefusedError):
            self._reset()
            raise
        return self._end(smtp, hand_over)

    def close(self) -> None:
        """Say goodbye, if there is still somebody to hear it."""
        if self._smtp is not None:
            self._deadline.begin_apart("QUIT", min(_GOODBYE_SECONDS, self._server.timeout_seconds))
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        """Leave a connection on which nothing can be said any more."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _begin(self, smtp: smtplib.SMTP, sender: str, to: str) -> None:
        """Say from whom and to whom, up to where the server waits for the content."""
        self._deadline.begin("MAIL")
        _expect(smtp.mail(sender), _DONE)
        self._deadline.begin("RCPT")
        _expect(smtp.rcpt(to), _DONE, _FORWARDED)
        self._deadline.begin("DATA")
        _expect(smtp.docmd("DATA"), _GO_ON)

    def _end(self, smtp: smtplib.SMTP, hand_over: Callable[[], None]) -> str:
        """Send the end of a message, which makes it the server's."""
        try:
            hand_over()
        except BaseException:
            self._drop()  # what follows on this connection would be the end of this message
            raise
        self._deadline.begin_apart("the end")
        try:
            smtp.send(b".\r\n")
            answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise DoubtfulError(_error_in_words(error)) from error
        try:
            return _expect(answer, _DONE)
        except (PutOffError, RefusedError):
            self._reset()
            raise

    def _open(self) -> smtplib.SMTP:
        """Return the connection, made now where there is none; raise NotConnectedError."""
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                raise NotConnectedError(_error_in_words(error)) from error
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        """Return a new connection: greeted, encrypted and logged in as the settings say."""
        server, deadline = self._server, self._deadline
        with _explained(server):
            smtp = _TimedSMTP(server, deadline)
            try:
                self._greet(smtp)
                if server.security == "starttls":
                    deadline.begin("STARTTLS")
                    smtp.starttls(context=_context(server))
                    self._greet(smtp)
                if server.username is not None and self._password is not None:
                    deadline.begin("the login")
                    smtp.login(server.username, self._password.get_secret_value())
            except BaseException:
                smtp.close()
                raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        self._deadline.begin("EHLO")
        smtp.ehlo()

    def _reset(self) -> None:
        """Leave the message that failed behind; where that fails too, so is the connection."""
        self._deadline.begin_apart("RSET")
        try:
            if self._smtp is not None and self._smtp.rset()[0] != _DONE:
                self.close()
        except (smtplib.SMTPException, OSError):
            self._drop()


class _TimedSMTP(smtplib.SMTP):
    """A connection whose every wait ends with the deadline of the step at hand."""

    def __init__(self, server: MailServer, deadline: Deadline) -> None:
        self._deadline = deadline
        self._tls = _context(server) if server.security == "implicit" else None
        own = deadline.ask("the look-up of this machine's name", socket.getfqdn)
        super().__init__(server.host, port_of(server), local_hostname=own)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Return a connection to the first address of the host that answers, TLS included."""
        addresses = self._deadline.ask(
            f"the look-up of {host}",
            lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM),
        )
        self._deadline.begin("the connection")
        sock = self._first_of([(str(place[0]), int(place[1])) for *_, place in addresses])
        self._deadline.begin("TLS")
        sock.settimeout(self._deadline.left())
        if self._tls is not None:
            try:
                sock = self._tls.wrap_socket(sock, server_hostname=host)
            except BaseException:
                sock.close()
                raise
        self._deadline.begin("the greeting")
        return sock

    def _first_of(self, addresses: list[tuple[str, int]]) -> socket.socket:
        """Return a connection to the first address that answers; none may use up all the time."""
        for left in range(len(addresses), 1, -1):
            with suppress(OSError):
                address = addresses[-left]
                return socket.create_connection(address, self._deadline.left() / left)
        return socket.create_connection(addresses[-1], self._deadline.left())

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's answer."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Answers(self.sock, self._deadline))
        if self.file is not None:
            self.file.raw.begin()
        answer = super().getreply()
        if self.sock is not None:
            with suppress(TimeoutError):  # the answer is there, however late it was
                self.sock.settimeout(self._deadline.left())  # TLS may follow on this socket
        return answer

    def send(self, s: object) -> None:
        """Give all to the server; a piece that it takes slowly does not begin the time anew."""
        assert isinstance(s, str | bytes)  # all that smtplib gives
        content = s.encode(self.command_encoding) if isinstance(s, str) else s
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("there is no connection any more")
        sys.audit("smtplib.send", self, content)
        try:
            for start in range(0, len(content), _CHUNK):
                self._send_all(content[start : start + _CHUNK])
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(str(error)) from error

    def _send_all(self, piece: bytes) -> None:
        """Send all bytes within what is left of the step's time."""
        assert self.sock is not None  # send() has looked
        while piece:
            self.sock.settimeout(self._deadline.left())
            try:
                piece = piece[self.sock.send(piece) :]
            except TimeoutError:
                self._deadline.left()  # raises, and says which step it was
                raise


class _Answers(io.RawIOBase):
    """What a server says, as smtplib reads it: until the deadline, and not without end."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline, self._taken = sock, deadline, 0

    def begin(self) -> None:
        """Start to count the bytes of another answer."""
        self._taken = 0

    def readable(self) -> bool:
        """Say that it can be read from."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Put into the buffer what the server has said; return how many bytes."""
        self._sock.settimeout(self._deadline.left())
        try:
            count = self._sock.recv_into(buffer)
        except TimeoutError:
            self._deadline.left()  # raises, and says which step it was
            raise
        self._taken += count
        if self._taken > _LONGEST_ANSWER:
            raise OSError(f"its answer is longer than {_LONGEST_ANSWER:,} bytes")
        return count


def port_of(server: MailServer) -> int:
    """Return the port of a server, by its kind of security where none is named."""
    return server.port or PORTS[server.security]


def require_safe(server: MailServer) -> None:
    """Raise MailError where a connection without TLS would leave this machine."""
    if server.security == "plain" and not _is_loopback(server.host):
        found = f"security is plain, and {server.host} is another machine"
        raise MailError.at("settings, mail.server", found, "Use starttls or implicit.")


def _is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _context(server: MailServer) -> ssl.SSLContext:
    """Return what holds a server to its certificate and its name."""
    try:
        context = ssl.create_default_context()
        if server.ca_file is not None:
            context.load_verify_locations(cafile=str(server.ca_file))
    except (OSError, ssl.SSLError) as error:
        found = f"ca_file {server.ca_file and server.ca_file.name} cannot be read: {error}"
        raise MailError.at("settings, mail.server", found, "Name a PEM file.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def _explained(server: MailServer) -> Iterator[None]:
    """Turn what no other try would mend into an error that says what to do."""
    where = f"mail server {server.host}, port {port_of(server)}"
    try:
        yield
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise  # it hung up
    except ssl.SSLCertVerificationError as error:
        found = f"its certificate cannot be trusted: {error.verify_message}"
        todo = (
            "Name its authority with mail.server.ca_file, if it is your own; else ask who runs it."
        )
        raise MailError.at(where, found, todo) from error
    except ssl.SSLError as error:
        raise MailError.at(where, f"no TLS: {error.reason}", "Check security and port.") from error
    except smtplib.SMTPNotSupportedError as error:
        todo = "Nothing is sent without it: ask who runs the server, or use another port."
        raise MailError.at(where, f"it lacks what is needed: {error}", todo) from error
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < _FOR_GOOD:
            raise
        found = f"it does not accept {server.username} with this password: {_error_in_words(error)}"
        raise MailError.at(where, found, "Check username and password.") from error


def _expect(answer: tuple[int, bytes], *codes: int) -> str:
    """Return what a server said; raise PutOffError or RefusedError where it is not what we need."""
    code, text = answer
    reply = f"{code} {_readable(text)}"
    if code in codes:
        return reply
    if code >= _FOR_GOOD:
        raise RefusedError(reply)
    raise PutOffError(reply)


def _error_in_words(error: Exception) -> str:
    """Return an error of the connection as one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_readable(error.smtp_error)}"
    return str(error) or type(error).__name__


def _readable(text: bytes | str) -> str:
    """Return an answer as one line without control characters: it is shown in a terminal."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return "".join(c if c.isprintable() else " " for c in plain)[:300]


def _stuffed(content: bytes) -> bytes:
    """Return a message as it goes over the wire, but for its end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"
