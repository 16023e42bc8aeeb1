"""The line to the mail server: the only place of the project from which anything is sent.

A verified TLS connection, or no connection; plain only to this very machine, and only if asked for.
One recipient an envelope, so that a refusal is always somebody's.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pydantic import SecretStr

from kpi_lib.errors import MailError
from kpi_lib.settings import MailServer

PORTS = {"starttls": 587, "implicit": 465, "plain": 25}
_GO_ON, _DONE, _FORWARDED = 354, 250, 251
_FOR_GOOD = 500


class PutOffError(Exception):
    """The message did not arrive, for certain; another try may succeed."""


class NoLineError(PutOffError):
    """There is no connection to the server, so it is no message's fault."""


class RefusedError(Exception):
    """The server does not want the message, now or later."""


class DoubtfulError(Exception):
    """The message's end was handed over, and no answer came: nobody knows whether it arrived."""


class Line:
    """A connection that is opened when it is needed, and anew where it broke."""

    def __init__(self, server: MailServer, password: SecretStr | None) -> None:
        require_safe(server)
        self._server, self._password = server, password
        self._smtp: smtplib.SMTP | None = None

    def deliver(self, sender: str, to: str, content: bytes, hand_over: Callable[[], None]) -> str:
        """Give one message to the server; return what it answered.

        `hand_over` is called when all but the end of the message was sent: from then on it may
        arrive. Raises PutOffError, RefusedError or DoubtfulError; MailError where no message can be
        sent at all.
        """
        smtp = self._open()
        try:
            _expect(smtp.mail(sender), _DONE)
            _expect(smtp.rcpt(to), _DONE, _FORWARDED)
            _expect(smtp.docmd("DATA"), _GO_ON)
            smtp.send(_stuffed(content))
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise PutOffError(_in_words(error)) from error
        except (PutOffError, RefusedError):
            self._reset()
            raise
        return self._end(smtp, hand_over)

    def close(self) -> None:
        """Say goodbye, if there is still somebody to hear it."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def _end(self, smtp: smtplib.SMTP, hand_over: Callable[[], None]) -> str:
        """Send the end of a message, which makes it the server's."""
        hand_over()
        try:
            smtp.send(b".\r\n")
            answer = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise DoubtfulError(_in_words(error)) from error
        try:
            return _expect(answer, _DONE)
        except (PutOffError, RefusedError):
            self._reset()
            raise

    def _open(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connected()
            except (smtplib.SMTPException, OSError) as error:
                raise NoLineError(_in_words(error)) from error
        return self._smtp

    def _connected(self) -> smtplib.SMTP:
        with _explained(self._server):
            smtp = self._greeted()
            try:
                if self._server.security == "starttls":
                    smtp.starttls(context=_context(self._server))
                    smtp.ehlo()
                if self._server.username is not None and self._password is not None:
                    smtp.login(self._server.username, self._password.get_secret_value())
            except BaseException:
                smtp.close()
                raise
        return smtp

    def _greeted(self) -> smtplib.SMTP:
        server = self._server
        port, seconds = port_of(server), server.timeout_seconds
        if server.security == "implicit":
            context = _context(server)
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, port, timeout=seconds, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, port, timeout=seconds)
        smtp.ehlo()
        return smtp

    def _reset(self) -> None:
        """Leave the message that failed behind; where that fails too, so is the connection."""
        try:
            if self._smtp is not None and self._smtp.rset()[0] != _DONE:
                self.close()
        except (smtplib.SMTPException, OSError):
            self.close()


def port_of(server: MailServer) -> int:
    """Return the port of a server, by its kind of security where none is named."""
    return server.port or PORTS[server.security]


def require_safe(server: MailServer) -> None:
    """Raise MailError where a connection without TLS would leave this machine."""
    if server.security == "plain" and not _is_loopback(server.host):
        found = f"security is plain, and {server.host} is another machine"
        raise MailError.at("settings, mail.server", found, "Use starttls or implicit.")


def _is_loopback(host: str) -> bool:
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
        found = f"it does not accept {server.username} with this password: {_in_words(error)}"
        raise MailError.at(where, found, "Check username and password.") from error


def _expect(answer: tuple[int, bytes], *codes: int) -> str:
    """Return what a server said; raise PutOffError or RefusedError where it is not what we need."""
    code, text = answer
    told = f"{code} {_readable(text)}"
    if code in codes:
        return told
    if code >= _FOR_GOOD:
        raise RefusedError(told)
    raise PutOffError(told)


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_readable(error.smtp_error)}"
    return str(error) or type(error).__name__


def _readable(text: bytes | str) -> str:
    """Return an answer as one line without control characters: it is shown in a terminal."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return "".join(c if c.isprintable() else " " for c in plain)[:300]


def _stuffed(content: bytes) -> bytes:
    """Return a message as it goes over the line, but for its end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"
