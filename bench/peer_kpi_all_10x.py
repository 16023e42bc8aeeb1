"""The same as `kpi_all`; what is different is the company, each of whose partners is ten."""

from peer_kpi_all import run

__all__ = ["run"]
