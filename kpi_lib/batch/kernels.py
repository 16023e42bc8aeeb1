"""Starts one fresh, confined kernel for each report.

It inherits its sockets where the system has them in folders: ports would be taken twice when
kernels start together, and a kernel that makes no sockets can be refused all.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import port_names
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from kpi_lib.batch.confinement import Confinement, environment_of
from kpi_lib.batch.inherited import INHERITED, Inherited, listening

_LAUNCHER = (
    *("-m", "kpi_lib.batch.confined", "-f", "{connection_file}"),
    *("--HistoryManager.enabled=False", "--log-level=ERROR"),
)


def manager_of(
    confinement: Confinement, scratch: Path, theirs: socket.socket
) -> type[AsyncKernelManager]:
    """Return the class of managers that start kernels confined so, with that scratch folder.

    `theirs` is the kernel's end of its line to the batch.
    """

    class ConfinedKernelManager(AsyncKernelManager):
        """Starts the confined launcher in place of the kernel that the notebook names."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if sys.platform != "win32":
                self.transport = "ipc"
                self.connection_file = str(scratch / "kernel.json")
                # Beside the scratch folder, which is the notebook's to look into.
                self.ip = f"{scratch}.kernel"

        @property
        def kernel_spec(self) -> KernelSpec:
            """The confined launcher, whatever kernel the notebook names."""
            return KernelSpec(argv=[sys.executable, *_LAUNCHER], language="python")

        async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:
            kw |= {"env": environment_of(confinement, scratch), "cwd": str(scratch)}
            return await super()._async_pre_start_kernel(**kw)

        pre_start_kernel = _async_pre_start_kernel

        async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
            """Let the kernel inherit its sockets and its line, and keep neither."""
            if self.transport != "ipc":
                return await super()._async_launch_kernel(kernel_cmd, **kw)
            sockets = listening(self.ip, (getattr(self, name) for name in port_names))
            by_port = {port: socket.fileno() for port, socket in sockets.items()}
            inherited = Inherited(theirs.fileno(), by_port)
            kw["env"][INHERITED] = inherited.to_text()
            kw["pass_fds"] = (inherited.line, *by_port.values())
            await super()._async_launch_kernel(kernel_cmd, **kw)
            for end in (*sockets.values(), theirs):
                end.close()

        _launch_kernel = _async_launch_kernel

    return ConfinedKernelManager
