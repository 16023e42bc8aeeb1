"""What customers will be worth and who is about to leave: models, and their error.

Estimators have scikit-learn's manners and read frames; nothing here knows of a notebook or a page.
They are imported when they are asked for, so that a page which needs their words loads no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpi_lib.models.betageo import BetaGeo
    from kpi_lib.models.gamma_gamma import GammaGamma
    from kpi_lib.models.modified_betageo import ModifiedBetaGeo
    from kpi_lib.models.pareto import ParetoNBD
    from kpi_lib.models.pooling import PooledByPartner
    from kpi_lib.models.rfm import rfm_summary

__all__ = [
    "BetaGeo",
    "GammaGamma",
    "ModifiedBetaGeo",
    "ParetoNBD",
    "PooledByPartner",
    "rfm_summary",
]
_HOMES = {
    "BetaGeo": "betageo",
    "GammaGamma": "gamma_gamma",
    "ModifiedBetaGeo": "modified_betageo",
    "ParetoNBD": "pareto",
    "PooledByPartner": "pooling",
    "rfm_summary": "rfm",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
