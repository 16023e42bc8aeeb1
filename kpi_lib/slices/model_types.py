"""The slices of the models' pages: what customers will be worth, and which are about to leave.

They are for inside the company: partners and customers are named in them. Amounts are in the
reporting currency, shares and probabilities 0 to 1. A cut is the last day of which a fit knew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from kpi_lib.slices.page_types import PageContent


@dataclass(frozen=True)
class Parameter:
    """A parameter of a fitted model, by its name in the literature, with its 95% interval."""

    name: str
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ValueTest:
    """How model and rule of thumb did at one earlier cut, over the days of a horizon.

    `actual`: the purchases of all customers that came, `model` and `rule`: those that each
    expected. `model_error` and `rule_error`: by how many purchases each missed a customer, on mean.
    `covered`: the share of customers that came within their 90% intervals.
    """

    cut: date
    customers: int
    actual: float
    model: float
    rule: float
    model_error: float
    rule_error: float
    covered: float


@dataclass(frozen=True, kw_only=True)
class PartnerValue:
    """What one partner's customers are expected to buy and to be worth, all of them together.

    `partner`: its name; of direct business None. `own_weight`: the share of its own data in its
    parameters, the rest being borrowed from all; None where it has no parameters of its own.
    """

    partner: str | None
    customers: int
    purchases: float
    value: float
    own_weight: float | None


@dataclass(frozen=True)
class PurchaseGroup:
    """Customers by their repeat purchases before the latest test: `group` is 0, 1, 2, 3-4 ...

    `expected` and `actual`: purchases of one customer in the days of the test, on mean.
    """

    group: str
    customers: int
    expected: float
    actual: float


@dataclass(frozen=True)
class CoursePoint:
    """The purchases that were expected and came from the first tested cut up to a day."""

    day: date
    expected: float
    actual: float


@dataclass(frozen=True, kw_only=True)
class ValueModel:
    """The model of what customers will buy, as it was fitted and tested.

    `used`: what the values are from, model or rule (of thumb). `model`: its class, with `k`
    of MBG/CNBD-k. `identified`: the data alone tell the parameters. `in_margin`: values are gross
    margin; else revenue, since orders have no cost. `spend`: the parameters of the model of values,
    `correlation`: of the number of a customer's purchases and their values, None where there is no
    such model. `tests`: the latest first. `band`: by what share earlier totals were missed.
    `total`: the value of all customers, with the ends of its 90% interval. `partners`: the most
    value first, direct business last. `groups`, `course`: empty where nothing was tested.
    """

    used: str
    model: str
    k: int
    identified: bool
    customers: int
    in_margin: bool
    parameters: tuple[Parameter, ...]
    spend: tuple[Parameter, ...] = ()
    correlation: float | None = None
    tests: tuple[ValueTest, ...] = ()
    band: float
    total: float
    total_low: float
    total_high: float
    partners: tuple[PartnerValue, ...]
    groups: tuple[PurchaseGroup, ...] = ()
    course: tuple[CoursePoint, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ValueReport:
    """What customers will be worth in so many months, discounted at a rate a year.

    `fit`: None where nothing could be fitted; `why` then says why not, else it is empty.
    """

    horizon_months: int
    annual_discount_rate: float
    why: str = ""
    fit: ValueModel | None = None


@dataclass(frozen=True, kw_only=True)
class ChurnTest:
    """How one way to foretell who leaves did at an earlier cut.

    `way`: logistic, trees, or one of the rules of thumb, recency and own_gap.
    `auc`: area under the ROC curve, None where nobody left or everybody did. `brier`: Brier score.
    `ece`: expected calibration error, a difference of probabilities.
    """

    cut: date
    way: str
    customers: int
    auc: float | None
    brier: float
    ece: float


@dataclass(frozen=True)
class Coefficient:
    """What a deviation of one standard deviation of a feature adds to the log-odds of leaving."""

    feature: str
    coefficient: float


@dataclass(frozen=True, kw_only=True)
class Tenth:
    """A tenth of the customers of the latest test, by their probability to leave.

    `expected`: their mean probability. `left`: the share of them that left, `gone`: how many.
    `money`: sales of the 12 months before, to those that left.
    """

    customers: int
    expected: float
    left: float
    gone: int
    money: float


@dataclass(frozen=True, kw_only=True)
class CustomerAtRisk:
    """A customer that may leave, and why: features of the model, the strongest first.

    `partner`: the name of its partner; of direct business None. `spend`: sales to it of the last 12
    months. `stake`: these, weighed with the probability.
    """

    customer_id: str
    partner: str | None
    churn_probability: float
    spend: float
    stake: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PartnerAtRisk:
    """What one partner's customers have at stake, all of them together.

    `partner`: its name; of direct business None.
    `scored`: how many of them have a probability. `spend`, `stake`: as of a customer at risk.
    """

    partner: str | None
    scored: int
    spend: float
    stake: float


@dataclass(frozen=True, kw_only=True)
class ChurnModel:
    """The model of who is about to leave, as it was fitted and tested.

    `used`: the way that the probabilities are from. `scored`: how many customers have one.
    `at_risk`: what all of them have at stake. `tests`: the latest cut first. `coefficients`: of the
    logistic model, the largest first. `tenths`: the likeliest to leave first, empty where nothing
    was tested. `customers`: those with most at stake. `partners`: the most first, direct business
    last.
    """

    used: str
    scored: int
    at_risk: float
    tests: tuple[ChurnTest, ...] = ()
    coefficients: tuple[Coefficient, ...] = ()
    tenths: tuple[Tenth, ...] = ()
    customers: tuple[CustomerAtRisk, ...] = ()
    partners: tuple[PartnerAtRisk, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChurnReport:
    """Which customers are about to leave: to buy nothing for so many days.

    `fit`: None where nothing could be fitted; `why` then says why not, else it is empty.
    """

    horizon_days: int
    why: str = ""
    fit: ChurnModel | None = None


@dataclass(frozen=True)
class ModelReports:
    """What both pages of the models show of a period."""

    value: ValueReport
    churn: ChurnReport


@dataclass(frozen=True, kw_only=True)
class ValueSlice(PageContent):
    """All that the page of lifetime value may know."""

    KIND: ClassVar[str] = "cltv"
    VERSION: ClassVar[int] = 3

    report: ValueReport


@dataclass(frozen=True, kw_only=True)
class ChurnSlice(PageContent):
    """All that the page of churn may know."""

    KIND: ClassVar[str] = "churn"
    VERSION: ClassVar[int] = 3

    report: ChurnReport


PAGES = (ValueSlice.KIND, ChurnSlice.KIND)


def model_slices(reports: ModelReports, page: PageContent) -> tuple[ValueSlice, ChurnSlice]:
    """Return the slices of both pages; `page`: what both say of their run."""
    run, language, made = page.run, page.language, page.made
    return (
        ValueSlice(run=run, language=language, made=made, report=reports.value),
        ChurnSlice(run=run, language=language, made=made, report=reports.churn),
    )
