"""What customers will be worth, who is about to leave, where revenue goes: models, and their error.

Estimators have scikit-learn's manners and read frames; nothing here knows of a notebook or a page.
"""

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
