"""A small project in which nothing is wrong."""

from __future__ import annotations

from pathlib import Path

PARTNERS = """partner_id,name,partner_type,joined_on
P1,Alder,reseller,2024-01-01
P2,Birch,distribution,2024-02-01
"""
CUSTOMERS = """customer_id,partner_id,acquired_on
007,P1,2024-03-01
C2,,2024-04-01
"""
ORDERS = """order_id,customer_id,partner_id,ordered_on,amount
1,007,P1,2024-05-01,100.50
2,C2,,2024-05-02,20
3,,P2,2024-05-03,30
"""
SETTINGS = "data: ../data\n"


def write_good(project: Path) -> None:
    """Write a project in which nothing is wrong."""
    (project / "params").mkdir(parents=True, exist_ok=True)
    (project / "data").mkdir(exist_ok=True)
    (project / "params" / "project.yml").write_text(SETTINGS, encoding="utf-8")
    for name, text in (("partners", PARTNERS), ("customers", CUSTOMERS), ("orders", ORDERS)):
        (project / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
