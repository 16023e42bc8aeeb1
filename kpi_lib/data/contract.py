"""The data contract as code: tables, columns, types, keys and references.

Only `partners` is needed. Every other table is optional, and so is each column that may be null or
has a default; a KPI that needs one that is not there has no value. What is forbidden beyond types,
lists, keys and references stands in `row_rules.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from kpi_lib.data.schema import Column, Role, State, Table

_text = partial(Column, kind="text")
_date = partial(Column, kind="date")
_number = partial(Column, kind="number")


def _table(
    name: str,
    *columns: Column,
    key: str | None = None,
    main_date: str | None = None,
    events: str = "",
    money: Mapping[str, str] = MappingProxyType({}),  # amounts by the day whose rate counts
    state: State | None = None,
    role: Role = "business",
) -> Table:
    return Table(
        name=name,
        key=tuple((key or columns[0].name).split()),
        columns=MappingProxyType({column.name: column for column in columns}),
        main_date=main_date,
        events=tuple(events.split()),
        money=MappingProxyType({name: day for day in money for name in money[day].split()}),
        state=state,
        role=role,
    )


def _id(name: str, references: str | None = None) -> Column:
    return Column(name, "id", references=references)


def _one_of(name: str, choices: str, default: str | None = None) -> Column:
    return Column(name, "text", choices=tuple(choices.split()), default=default)


def _maybe(column: Column) -> Column:
    """May be null or left out."""
    return replace(column, nullable=True)


def _absence_says(column: Column) -> Column:
    """Return the column as one that reads as its default, or as null, where it is left out."""
    return replace(column, nullable=column.default is None, absence_says=True)


_PARTNER = _id("partner_id", "partners")
_OR_DIRECT = _maybe(_PARTNER)  # null: direct business, never "unknown"
_CURRENCY = _maybe(_text("currency"))

_ALL = (
    _table(
        "partners",
        Column("partner_id", "id", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"),
        _text("name"),
        _one_of(
            "partner_type",
            "reseller referral technology strategic_alliance joint_venture distribution contractor "
            "supplier service",
        ),
        _date("joined_on"),
        _absence_says(_date("left_on")),  # nobody has left
        *(_maybe(_text(n)) for n in ("tier", "segment", "region", "industry", "branch", "manager")),
        _absence_says(_one_of("sharing", "full none", default="full")),
        main_date="joined_on",
        events="left_on",
        role="partners",
    ),
    _table(
        "customers",
        _id("customer_id"),
        _OR_DIRECT,
        _date("acquired_on"),
        _maybe(_id("market_id", "markets")),
        _maybe(_text("segment")),
        main_date="acquired_on",
    ),
    _table(
        "orders",
        _id("order_id"),
        _maybe(_id("customer_id", "customers")),  # null: a guest
        _OR_DIRECT,
        _date("ordered_on"),
        _number("amount"),
        _absence_says(_one_of("status", "completed cancelled returned", default="completed")),
        _maybe(_number("cost")),
        _maybe(_number("quantity")),
        _maybe(_one_of("channel", "portal app edi phone branch field")),
        _maybe(_id("market_id", "markets")),
        _maybe(_id("project_id")),
        _CURRENCY,
        main_date="ordered_on",
        role="orders",
        money={"ordered_on": "amount cost"},
    ),
    _table(
        "deliveries",
        _id("delivery_id"),
        _id("order_id", "orders"),
        _OR_DIRECT,
        _date("promised_on"),
        _maybe(_date("delivered_on")),
        _number("quantity_ordered"),
        _maybe(_number("quantity_delivered")),
        _maybe(_number("weight_tonnes")),
        _one_of("error", "none picking packing loading damage documents", default="none"),
        _maybe(Column("backordered", "flag")),
        events="delivered_on",
    ),
    _table(
        "invoices",
        _id("invoice_id"),
        _OR_DIRECT,
        _date("issued_on"),
        _date("due_on"),
        _maybe(_date("paid_on")),
        _number("amount"),
        _CURRENCY,
        main_date="issued_on",
        events="paid_on",
        money={"issued_on": "amount"},
    ),
    # A payment is converted at its invoice's day and currency, which stand in another table.
    _table(
        "payments",
        _id("payment_id"),
        _id("invoice_id", "invoices"),
        _date("received_on"),
        _number("amount"),
        main_date="received_on",
    ),
    _table(
        "credit_limits",
        _PARTNER,
        _date("valid_from"),
        _number("credit_limit"),
        key="partner_id valid_from",
        main_date="valid_from",
    ),
    _table(
        "leads",
        _id("lead_id"),
        _OR_DIRECT,
        _date("created_on"),
        _maybe(_date("qualified_on")),
        _maybe(_date("opportunity_on")),
        _maybe(_date("converted_on")),
        main_date="created_on",
        events="qualified_on opportunity_on converted_on",
    ),
    _table(
        "deals",
        _id("deal_id"),
        _OR_DIRECT,
        _maybe(_id("lead_id", "leads")),
        _maybe(_id("customer_id", "customers")),
        _maybe(_date("registered_on")),
        _date("opened_on"),
        _maybe(_date("closed_on")),
        _one_of("outcome", "open won lost"),
        _maybe(_number("amount")),  # null: not known yet
        _CURRENCY,
        main_date="opened_on",
        events="registered_on closed_on",
        state=State("outcome", since="closed_on", before="open"),
        money={"opened_on": "amount"},
    ),
    _table(
        "touchpoints",
        _id("touchpoint_id"),
        _id("deal_id", "deals"),
        _OR_DIRECT,
        Column("occurred_at", "timestamp"),
        _maybe(_text("kind")),
        main_date="occurred_at",
    ),
    _table(
        "surveys",
        _id("response_id"),
        _OR_DIRECT,
        _one_of("respondent", "partner end_customer market"),
        _one_of("instrument", "nps csat brand_awareness"),
        _number("score"),
        _date("responded_on"),
        _maybe(_one_of("topic", "service support availability product onboarding overall")),
        _maybe(_id("order_id", "orders")),
        _maybe(_text("comment")),
        main_date="responded_on",
    ),
    _table(
        "engagements",
        _id("engagement_id"),
        _PARTNER,
        _one_of(
            "kind",
            "portal_login app_session meeting business_review joint_planning event "
            "training_session co_marketing feedback support",
        ),
        _date("occurred_on"),
        _maybe(Column("invited", "flag")),
        _maybe(Column("attended", "flag")),
        main_date="occurred_on",
    ),
    _table(
        "programs",
        _PARTNER,
        _one_of("program", "mdf onboarding early_buy co_marketing loyalty certification"),
        _date("offered_on"),
        _maybe(_date("joined_on")),
        _maybe(_number("amount")),
        key="partner_id program offered_on",
        main_date="offered_on",
        events="joined_on",
    ),
    _table(
        "training",
        _id("enrolment_id"),
        _PARTNER,
        _id("person_id"),
        _text("course"),
        _date("enrolled_on"),
        _maybe(_date("completed_on")),
        _maybe(_date("certified_on")),
        _absence_says(_date("certificate_until")),  # no certificate expires
        _maybe(_number("score")),
        main_date="enrolled_on",
        events="completed_on certified_on",
    ),
    _table(
        "costs",
        _id("cost_id"),
        _OR_DIRECT,
        _one_of("channel", "partner direct"),
        _one_of(
            "category",
            "partner_management mdf enablement tools marketing acquisition commission rebate "
            "operations",
        ),
        _date("incurred_on"),
        _number("amount"),
        _CURRENCY,
        main_date="incurred_on",
        money={"incurred_on": "amount"},
    ),
    _table(
        "savings",
        _id("saving_id"),
        _PARTNER,
        _one_of("category", "marketing co_development procurement operations support"),
        _date("realised_on"),
        _number("amount"),
        _CURRENCY,
        main_date="realised_on",
        money={"realised_on": "amount"},
    ),
    _table(
        "solutions",
        _id("solution_id"),
        _OR_DIRECT,
        _text("name"),
        _date("concept_on"),
        _maybe(_date("launched_on")),
        main_date="concept_on",
        events="launched_on",
    ),
    _table(
        "milestones",
        _id("milestone_id"),
        _PARTNER,
        _text("project"),
        _date("due_on"),
        _maybe(_date("completed_on")),
        _maybe(Column("final", "flag")),
        events="completed_on",
    ),
    _table(
        "resources",
        _id("resource_id"),
        _PARTNER,
        _text("project"),
        _one_of("kind", "people budget technology"),
        _date("booked_on"),
        _number("allocated"),
        _number("utilised"),
        main_date="booked_on",
    ),
    _table(
        "markets",
        _id("market_id"),
        _text("name"),
        _one_of("kind", "geography vertical"),
        _maybe(Column("target", "flag")),
        _maybe(Column("accounts", "count")),
    ),
    _table(
        "market_sizes",
        _id("market_id", "markets"),
        _date("starts_on"),
        _date("ends_on"),
        _number("size"),
        key="market_id starts_on",
        main_date="starts_on",
    ),
    _table(
        "compliance_checks",
        _id("check_id"),
        _PARTNER,
        _one_of("kind", "contract regulatory safety quality data_protection"),
        _date("checked_on"),
        Column("passed", "flag"),
        main_date="checked_on",
    ),
    _table(
        "incidents",
        _id("incident_id"),
        _PARTNER,
        _one_of("severity", "low medium high"),
        _date("occurred_on"),
        _maybe(_date("resolved_on")),
        main_date="occurred_on",
        events="resolved_on",
    ),
    _table(
        "objectives",
        _id("objective_id"),
        _PARTNER,
        _one_of("goal", "revenue_growth market_expansion efficiency customer_success innovation"),
        _maybe(_text("title")),
        _maybe(_text("owner")),
        _text("kpi"),
        _date("starts_on"),
        _date("due_on"),
        _number("baseline"),
        _number("target"),
        main_date="starts_on",
    ),
    _table(
        "targets",
        _one_of("scope", "partner tier partner_type all portfolio"),
        _text("entity"),
        _text("kpi"),
        _text("period"),
        _number("target"),
        _maybe(_number("minimum")),
        _maybe(_number("baseline")),
        key="scope entity kpi period",
    ),
    _table(
        "partner_reported",
        _PARTNER,
        _text("kpi"),
        _text("period"),
        _number("value"),
        _date("reported_on"),
        _maybe(_text("owner")),
        key="partner_id kpi period",
        main_date="reported_on",
    ),
    _table(
        "observations",
        _id("observation_id"),
        _PARTNER,
        _text("measure"),
        _date("observed_on"),
        _number("numerator"),
        _absence_says(_number("denominator")),  # all measures are plain sums
        main_date="observed_on",
    ),
    _table(
        "fx_rates",
        _text("currency"),
        _date("valid_from"),
        _number("rate"),
        key="currency valid_from",
        main_date="valid_from",
        role="rates",
    ),
)

TABLES = MappingProxyType({table.name: table for table in _ALL})
