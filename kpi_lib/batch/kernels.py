"""Starts one fresh, confined kernel for each report.

It talks through sockets in a private folder where the system has them: ports would be taken twice
when kernels start together.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from kpi_lib.batch.confinement import Confinement, environment_of

_LAUNCHER = (
    *("-W", "ignore:Couldn't bind IOPub Pipe"),  # for what subprocesses print; there are none
    *("-m", "kpi_lib.batch.confined", "-f", "{connection_file}"),
    *("--HistoryManager.enabled=False", "--log-level=ERROR"),
)


def manager_of(confinement: Confinement, scratch: Path) -> type[AsyncKernelManager]:
    """Return the class of managers that start kernels confined so, with that scratch folder."""

    class ConfinedKernelManager(AsyncKernelManager):
        """Starts the confined launcher in place of the kernel that the notebook names."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if sys.platform != "win32":
                self.transport = "ipc"
                self.connection_file = str(scratch / "kernel.json")
                self.ip = str(scratch / "kernel")

        @property
        def kernel_spec(self) -> KernelSpec:
            """The confined launcher, whatever kernel the notebook names."""
            return KernelSpec(argv=[sys.executable, *_LAUNCHER], language="python")

        async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:
            kw |= {"env": environment_of(confinement, scratch), "cwd": str(scratch)}
            return await super()._async_pre_start_kernel(**kw)

        pre_start_kernel = _async_pre_start_kernel

    return ConfinedKernelManager
