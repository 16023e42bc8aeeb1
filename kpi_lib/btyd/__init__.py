"""Buy till you die: models of customers who buy at random until they leave unseen.

Estimators have scikit-learn's manners and read frames; nothing here knows of a company or a page.
They are imported when they are asked for, so that a page which needs their words loads no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpi_lib.btyd.bg_nbd import BetaGeo
    from kpi_lib.btyd.gamma_gamma import GammaGamma
    from kpi_lib.btyd.mbg_nbd import ModifiedBetaGeo
    from kpi_lib.btyd.pareto_nbd import ParetoNBD
    from kpi_lib.btyd.pooling import PooledByPartner
    from kpi_lib.btyd.rfm import rfm_summary

__all__ = [
    "BetaGeo",
    "GammaGamma",
    "ModifiedBetaGeo",
    "ParetoNBD",
    "PooledByPartner",
    "rfm_summary",
]
_HOMES = {
    "BetaGeo": "bg_nbd",
    "GammaGamma": "gamma_gamma",
    "ModifiedBetaGeo": "mbg_nbd",
    "ParetoNBD": "pareto_nbd",
    "PooledByPartner": "pooling",
    "rfm_summary": "rfm",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
