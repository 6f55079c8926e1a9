"""All plans of a person, and what is wrong with them, worked out once."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd
import streamlit as st

from bookings.frames import in_order, plans_frame
from bookings.plans.audit import PlanFinding, audit_plans
from bookings.plans.quotes import plans_of
from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from bookings.waldur.models import Offering, Plan
from components import loading, session

PERCENT = "plans.percent"


@dataclass(frozen=True, slots=True)
class Listed:
    """The plans that are loaded, and their table; `place` in it is the number in `plans`."""

    plans: tuple[tuple[Offering, Plan], ...]
    frame: pd.DataFrame = field(repr=False)
    version: Hashable
    """Changes whenever a plan does."""


def read(who: SignIn, snapshot: Snapshot) -> Listed:
    """The plans that are loaded, with prices as the person's language writes them."""
    locale = loading.locale_name()
    version = (snapshot.rows_version, locale)
    listed: Listed = session.worked_out(
        who,
        "plans",
        version,
        lambda: Listed(
            tuple(plans_of(in_order(snapshot))),
            plans_frame(snapshot, who.facts.currency, locale),
            version,
        ),
    )
    return listed


def most_percent() -> int:
    """By how much a price may change before it is a finding: as chosen, else as set up."""
    chosen = st.session_state.get(PERCENT)
    return session.desk().settings.price_change_percent if chosen is None else int(chosen)


def found(who: SignIn, snapshot: Snapshot) -> list[PlanFinding]:
    """What the rules find in the plans that are loaded."""
    percent = most_percent()
    findings: list[PlanFinding] = session.worked_out(
        who,
        "plan findings",
        (snapshot.rows_version, percent),
        lambda: audit_plans(in_order(snapshot), Decimal(percent)),
    )
    return findings
