"""A peer of the model benchmark: pymc-marketing's maximum a posteriori, flat priors."""

import logging

from pymc_extras.prior import Prior
from pymc_marketing import clv
from timed_model import WEEKS, run

logging.disable(logging.WARNING)
FLAT = {name: Prior("HalfFlat") for name in ("r", "alpha", "a", "b")}


def fit(frame):
    """Return the model, fitted to the mode."""
    data = frame[["frequency", "recency", "T"]].assign(customer_id=range(len(frame)))
    model = clv.BetaGeoModel(model_config=dict(FLAT))
    model.fit(data=data, method="map", progressbar=False)
    return model, data


run(
    fit,
    lambda fitted, frame: fitted[0].expected_purchases(data=fitted[1], future_t=WEEKS),
    lambda fitted: {
        name: fitted[0].fit_result[name].to_numpy().ravel()[0] for name in ("r", "alpha", "a", "b")
    },
)
