"""Every way we know in which two processes of one user could pass a word."""

from tests.batch.ways import files, looks, processes, sockets, system_v  # noqa: F401
from tests.batch.ways.system_v import clean
from tests.batch.ways.way import WAYS, WORD, Place

__all__ = ["WAYS", "WORD", "Place", "clean"]
