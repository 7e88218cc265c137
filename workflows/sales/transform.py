"""The transforming part of etl.yml: plain functions over plain data."""

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


def clean(rows: list[dict[str, str]]) -> dict[str, Any]:
    """The amount in cents of each sale; rows that cannot be read are counted, and told in the log."""
    sales: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=2):
        try:
            cents = int(int(row["quantity"]) * Decimal(row["price"]) * 100)
        except (ValueError, InvalidOperation):
            print(f"line {number} was left out: {row}")
        else:
            sales.append({"country": row["country"], "cents": cents})
    return {"sales": sales, "left_out": len(rows) - len(sales)}


def total(months: list[dict[str, Any]], to: str) -> str:
    """Write the sum of each country into a CSV file, and return its path."""
    sums: dict[str, int] = {}
    for month in months:
        for sale in month["sales"]:
            sums[sale["country"]] = sums.get(sale["country"], 0) + sale["cents"]
    Path(to).parent.mkdir(parents=True, exist_ok=True)
    with open(to, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([country, f"{cents / 100:.2f}"] for country, cents in sums.items())
    return to
