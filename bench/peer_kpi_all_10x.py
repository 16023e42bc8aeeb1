"""The same as `kpi_all`; what is different is the company, which has ten times the partners."""

from peer_kpi_all import run

__all__ = ["run"]
