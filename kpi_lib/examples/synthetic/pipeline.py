"""Leads, the deals that come of them and of the partners' own work, and who had a hand in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import RATE_DIGITS, Plan
from kpi_lib.examples.synthetic.customers import Base
from kpi_lib.examples.synthetic.days import (
    DAYS,
    FIRST_DAY,
    MONTHS,
    NEVER,
    events,
    months_of,
    plans,
)
from kpi_lib.examples.synthetic.writing import cents, ids, words

OPEN, WON, LOST = range(3)
OUTCOMES = ("open", "won", "lost")
OPPORTUNITY = 0.62  # of the qualified leads
REGISTERED = {"reseller": 0.85, "technology": 0.6, "strategic_alliance": 0.5, "direct": 0.0}
USUALLY_REGISTERED = 0.35
SOURCED = 0.4  # of an owner's revenue comes of its deals
KINDS = ("webinar", "demo", "site visit", "call", "e-mail", "trade fair", "proposal", "advert")


@dataclass(frozen=True)
class Leads:
    """All leads in the order of their owners; days that never come are NEVER."""

    owner: np.ndarray
    created: np.ndarray
    qualified: np.ndarray
    opportunity: np.ndarray
    converted: np.ndarray


@dataclass(frozen=True)
class Deals:
    """All deals, amounts in cents of the owner's currency; `lead` is -1 where there is none."""

    owner: np.ndarray
    lead: np.ndarray
    opened: np.ndarray
    closed: np.ndarray
    outcome: np.ndarray
    amount: np.ndarray


def draw_leads(plan: Plan) -> Leads:
    """Return the leads and how far each came."""
    rng = plan.company.rng("leads")
    owner, created = chance.happenings(rng, _frequency(plan, "leads"))
    month = months_of(created)
    rows = len(owner)
    good = chance.chosen(rng, plan.levers["qualify"][owner, month])
    qualified = np.where(good, created + chance.lasting(rng, np.full(rows, 12.0)), NEVER)
    better = good & chance.chosen(rng, np.full(rows, OPPORTUNITY))
    opportunity = np.where(better, qualified + chance.lasting(rng, np.full(rows, 14.0)), NEVER)
    best = better & chance.chosen(rng, plan.levers["convert"][owner, month])
    converted = np.where(best, opportunity + chance.lasting(rng, np.full(rows, 21.0)), NEVER)
    return Leads(owner, created, qualified, opportunity, converted)


def _frequency(plan: Plan, lever: str) -> np.ndarray:
    """Return how often something happens, owners x months: larger partners more, inactive none."""
    n = plan.company.n
    often = plan.levers[lever] * np.sqrt(plan.company.weight)[:, None]
    often[n] *= max(1.0, n / 24)  # the direct business is as large as its company
    often[:n] *= plan.company.engaged
    return np.asarray(often)


def leads_table(plan: Plan, leads: Leads) -> pl.DataFrame:
    """Return the table leads."""
    return pl.DataFrame(
        {
            "lead_id": ids("L", np.arange(len(leads.owner))),
            "partner_id": plan.company.id_of(leads.owner),
            "created_on": plans(leads.created),
            "qualified_on": events(leads.qualified),
            "opportunity_on": events(leads.opportunity),
            "converted_on": events(leads.converted),
        }
    )


def draw_deals(plan: Plan, leads: Leads) -> Deals:
    """Return the deals: one of each lead that became an opportunity, and the partners' own."""
    rng = plan.company.rng("deals")
    lead = np.flatnonzero(leads.opportunity < DAYS)
    own, opened = chance.happenings(rng, _frequency(plan, "deals"))
    owner = np.append(leads.owner[lead], own)
    opened = np.append(leads.opportunity[lead], opened)
    lead = np.append(lead, np.full(len(own), -1))
    there = plan.company.last_days[owner] >= opened
    owner, opened, lead = owner[there], opened[there], lead[there]
    order = np.lexsort((lead, opened, owner))
    owner, opened, lead = owner[order], opened[order], lead[order]
    cycle = plan.levers["cycle"][owner, months_of(opened)]
    closed = opened + chance.lasting(rng, cycle, 0.45)
    won = chance.chosen(rng, plan.levers["win"][owner, months_of(closed)])
    outcome = np.where(closed >= DAYS, OPEN, np.where(won, WON, LOST))
    return Deals(owner, lead, opened, closed, outcome, _amounts(plan, rng, owner, opened))


def _amounts(plan: Plan, rng: chance.Rng, owner: np.ndarray, opened: np.ndarray) -> np.ndarray:
    """Return each deal's amount: the won ones make about two fifths of their owner's revenue."""
    chances = np.bincount(owner, minlength=plan.company.n + 1) * plan.company.usual("win")
    usual = plan.revenue.sum(axis=1) * SOURCED / np.maximum(chances, 1)
    euros = usual[owner] * chance.skewed(rng, len(owner), 0.5)
    euros *= 1.02 ** (opened / 365)
    rate = plan.rate[owner, months_of(opened)] / RATE_DIGITS
    cents: np.ndarray = np.maximum(10_000, np.rint(euros / rate) * 100)
    return cents.astype(np.int64)


def deals_table(plan: Plan, deals: Deals, base: Base) -> pl.DataFrame:
    """Return the table deals; a deal that is won names its customer, where it is one already."""
    rng = plan.company.rng("deal details")
    rows = len(deals.owner)
    shares = [REGISTERED.get(kind, USUALLY_REGISTERED) for kind in plan.company.kinds]
    registers = chance.chosen(rng, np.array(shares)[deals.owner])
    registered = deals.opened + rng.integers(0, 8, rows)
    customer = base.of(deals.owner, rng.random(rows), deals.closed)
    return pl.DataFrame(
        {
            "deal_id": ids("S", np.arange(rows)),
            "partner_id": plan.company.id_of(deals.owner),
            "lead_id": ids("L", deals.lead),
            "customer_id": ids("C", np.where(deals.outcome == WON, customer, -1)),
            "registered_on": events(np.where(registers, registered, NEVER)),
            "opened_on": plans(deals.opened),
            "closed_on": events(deals.closed),
            "outcome": words(OUTCOMES, deals.outcome),
            "amount": cents(deals.amount),
            "currency": plan.currency_of(deals.owner),
        }
    )


def touchpoints_table(plan: Plan, deals: Deals) -> pl.DataFrame:
    """Return the table touchpoints: one to five of a deal, by its partner, another one, or us."""
    rng = plan.company.rng("touchpoints")
    deal = np.repeat(np.arange(len(deals.owner)), rng.integers(1, 6, len(deals.owner)))
    until = np.minimum(deals.closed, DAYS - 1)[deal]
    since = np.maximum(deals.opened[deal] - 45, 0)
    day = since + (rng.random(len(deal)) * (until - since + 1)).astype(np.int64)
    owner = _hands(plan, rng, deals.owner[deal], months_of(day))
    minute = day * 1440 + 480 + rng.integers(0, 600, len(deal))
    order = np.lexsort((minute, deal))
    moment = (FIRST_DAY.astype("datetime64[m]") + minute).astype("datetime64[us]")
    return pl.DataFrame(
        {
            "touchpoint_id": ids("T", np.arange(len(deal)), 7),
            "deal_id": ids("S", deal),
            "partner_id": plan.company.id_of(owner[order]),
            "occurred_at": pl.Series(moment[order]),
            "kind": words(KINDS, chance.pick(rng, len(deal), [1.0] * len(KINDS))),
        }
    )


def _hands(plan: Plan, rng: chance.Rng, owner: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Return who had each touch: of a partner's deal mostly the partner, of a direct one mostly us.

    One in eight is another partner's, if it is there in that month.
    """
    n = plan.company.n
    ours = chance.chosen(rng, np.full(len(owner), 0.3))
    hand = np.where(ours | ~plan.company.active[owner, month], n, owner)
    other = rng.integers(0, n, len(owner))
    lends = chance.chosen(rng, np.full(len(owner), 0.125)) & plan.company.active[other, month]
    return np.where(lends, other, hand)


def sourced(plan: Plan, deals: Deals) -> tuple[np.ndarray, np.ndarray]:
    """Return the millionths of a euro and the number of deals that each owner won in each month."""
    won = deals.outcome == WON
    owner = deals.owner[won]
    euros = deals.amount[won] * plan.rate[owner, months_of(deals.opened[won])].astype(np.int64)
    month = months_of(deals.closed[won])
    amount = np.zeros((plan.company.n + 1, MONTHS), dtype=np.int64)
    number = np.zeros_like(amount)
    np.add.at(amount, (owner, month), euros)
    np.add.at(number, (owner, month), 1)
    return amount, number


def found_in(owner: np.ndarray, day: np.ndarray, owners: int) -> np.ndarray:
    """Return how many rows each owner has in each month."""
    cell = owner * MONTHS + months_of(day)
    return np.bincount(cell, minlength=owners * MONTHS).reshape(owners, MONTHS)
