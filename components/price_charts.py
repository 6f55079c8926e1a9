"""Prices as pictures. Every figure in them stands in a table beside them, too."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from bookings.plan_tables import most_changed

MOST_PLANS = 30
MOST_LABEL = 70
"""Signs of a name in a picture; the table has all of it."""
ROW = 20
"""Pixels of one plan."""
BESIDE = 16
"""Pixels between the outermost dots and the edges of a picture."""
UP, DOWN = "#d97706", "#0d9488"


def show_changes(changes: pd.DataFrame) -> None:
    """For each plan its changes of next month in per cent, the largest first."""
    plans, count, ties = most_changed(changes, MOST_PLANS)
    if not plans:
        return
    if count > len(plans):
        alike = f"; {ties:,} more change as much as the last of them" if ties else ""
        st.caption(
            f"{len(plans)} of {count:,} plans, by their largest change{alike}. The table has all."
        )
    known = changes[changes["change_percent"].notna()]
    rows = known.set_index("number").loc[plans].reset_index()
    names = {row.number: f"{row.plan} · {row.offering}" for row in rows.itertuples()}
    labels = dict(zip(names, distinct(names.values()), strict=True))
    data = [
        {
            "plan": labels[row.number],
            "component": row.component,
            "percent": float(row.change_percent),
            "way": "up" if row.change_percent > 0 else "down",
        }
        for row in rows.itertuples()
    ]
    place = {
        "field": "plan", "type": "nominal", "title": None, "sort": list(labels.values()),
        "axis": {"labelLimit": 420, "labelOverlap": False, "grid": True},
    }  # fmt: skip
    st.vega_lite_chart(
        {
            "height": {"step": ROW},
            "layer": [
                {
                    "data": {"values": [{"at": 0}]},
                    "mark": {"type": "rule", "color": "#888888"},
                    "encoding": {"x": {"field": "at", "type": "quantitative"}},
                },
                {
                    "data": {"values": data},
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.85},
                    "encoding": {
                        "y": place,
                        "x": {
                            "field": "percent", "type": "quantitative",
                            "scale": {"padding": BESIDE},
                            "title": "Change of a price in per cent",
                        },
                        "color": {
                            "field": "way", "type": "nominal",
                            "legend": {"title": None, "orient": "top"},
                            "scale": {"domain": ["up", "down"], "range": [UP, DOWN]},
                        },
                        "tooltip": [
                            {"field": "plan", "type": "nominal", "title": "Plan"},
                            {"field": "component", "type": "nominal", "title": "Component"},
                            {"field": "percent", "type": "quantitative", "title": "Change (%)"},
                        ],
                    },
                },
            ],
        },
        width="stretch",
        key="plans.changes.chart",
    )  # fmt: skip


def show_curves(
    points: Sequence[tuple[str, float, float]],
    marks: Sequence[float],
    wanted: float,
    *,
    across: str,
    up: str,
) -> None:
    """Lines of the total against a quantity: `points` are (plan, quantity, total).

    `marks` are the thresholds of discounts, `wanted` what the basket holds; `across` and `up`
    say what the axes are.
    """
    line = [{"plan": plan, "quantity": at, "total": total} for plan, at, total in points]
    rules: list[dict[str, Any]] = [{"at": at, "what": "discount from here"} for at in marks]
    rules.append({"at": wanted, "what": "in the basket"})
    st.vega_lite_chart(
        {
            "height": 320,
            "layer": [
                {
                    "data": {"values": line},
                    "mark": {"type": "line", "strokeWidth": 2},
                    "encoding": {
                        "x": {"field": "quantity", "type": "quantitative", "title": across},
                        "y": {"field": "total", "type": "quantitative", "title": up},
                        "color": {
                            "field": "plan", "type": "nominal", "title": None,
                            "legend": {"orient": "bottom", "columns": 1, "labelLimit": 600},
                        },
                    },
                },
                {
                    "data": {"values": rules},
                    "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#888888"},
                    "encoding": {
                        "x": {"field": "at", "type": "quantitative"},
                        "tooltip": [
                            {"field": "what", "type": "nominal", "title": "Mark"},
                            {"field": "at", "type": "quantitative", "title": "Quantity"},
                        ],
                    },
                },
                {
                    "data": {"values": rules},
                    "mark": {
                        "type": "text", "align": "left", "dx": 4, "baseline": "bottom", "dy": -3,
                    },
                    "encoding": {
                        "x": {"field": "at", "type": "quantitative"},
                        "y": {"value": 0},
                        "text": {"field": "what", "type": "nominal"},
                        "color": {"value": "#888888"},
                    },
                },
            ],
        },
        width="stretch",
        key="plans.curves",
    )  # fmt: skip


def distinct(names: Iterable[str]) -> list[str]:
    """Names that can be told apart: cut, and numbered where two would look the same.

    Where Streamlit offers a choice it knows it by its label alone, and a picture joins what has
    one name.
    """
    labels: list[str] = []
    for name in names:
        short = name if len(name) <= MOST_LABEL else name[: MOST_LABEL - 1] + "…"
        label, count = short, 1
        while label in labels:
            count += 1
            label = f"{short} ({count})"
        labels.append(label)
    return labels
