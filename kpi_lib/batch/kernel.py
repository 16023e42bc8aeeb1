"""An IPython kernel on sockets that it inherits, which tells the batch when its notebook begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import zmq
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread
from ipykernel.kernelapp import IPKernelApp
from zmq.utils.garbage import gc

from kpi_lib.batch.refusals import Line


def launch(sockets: Mapping[int, int], line: Line | None) -> None:
    """Be a kernel until it is ended; `sockets` are file descriptors by port."""
    app = KernelOnSockets.instance()
    app.inherited = sockets
    app.initialize()
    gc.start()  # ZeroMQ's thread, which it starts with its first large message otherwise
    import pandas  # noqa: F401 - it asks whether there is an engine, which is no notebook's attempt

    if line is not None and app.shell is not None:
        _tell_once(app.shell.events, line)
    app.start()


class KernelOnSockets(IPKernelApp):
    """Takes the sockets that were bound for it; binds its own where it was given none."""

    inherited: Mapping[int, int] = {}

    def _try_bind_socket(self, s: zmq.Socket[Any], port: int) -> int:
        """Return the port that a socket is bound to, an inherited one where there is one."""
        if s is self.shell_socket and port in self.inherited:
            return port  # not yet: a socket of the debugger would be connected to it
        _take(s, self.inherited.get(port))
        return int(IPKernelApp._try_bind_socket(self, s, port))

    def init_sockets(self) -> None:
        """Bind the socket of the cells last."""
        IPKernelApp.init_sockets(self)
        if self.shell_port in self.inherited:
            _take(self.shell_socket, self.inherited[self.shell_port])
            IPKernelApp._try_bind_socket(self, self.shell_socket, self.shell_port)

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        """Start the thread that publishes, without its port for what subprocesses print."""
        self.iopub_socket = context.socket(zmq.XPUB)
        self.iopub_socket.linger = 1000
        self.iopub_port = self._bind_socket(self.iopub_socket, self.iopub_port)
        self.configure_tornado_logger()
        self.iopub_thread = IOPubThread(self.iopub_socket, pipe=False, session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_heartbeat(self) -> None:
        """Start the heart that beats on its inherited socket."""
        self.heartbeat = _InheritedHeartbeat(zmq.Context(), (self.transport, self.ip, self.hb_port))
        self.heartbeat.inherited = self.inherited.get(self.hb_port)
        self.hb_port = self.heartbeat.port
        self.heartbeat.start()


class _InheritedHeartbeat(Heartbeat):
    inherited: int | None = None

    def _try_bind_socket(self) -> None:
        _take(self.socket, self.inherited)
        Heartbeat._try_bind_socket(self)


def _take(socket: zmq.Socket[Any], inherited: int | None) -> None:
    """Let a socket be bound to what is listening already."""
    if inherited is not None:
        socket.setsockopt(zmq.USE_FD, inherited)


def _tell_once(events: Any, line: Line) -> None:
    """Tell the batch when the first cell begins."""

    def begin() -> None:
        events.unregister("pre_execute", begin)
        line.started()

    events.register("pre_execute", begin)
