"""What needs attention: each line leads to exactly the offerings that it counts."""

import pytest

from bookings.filters import OFFERING_FILTERS, apply, from_query
from bookings.findings import RULES, Rule
from bookings.frames import offerings_frame
from bookings.portfolio import Snapshot
from bookings.waldur.models import Offering

TALLINN = {"latitude": 59.4, "longitude": 24.7, "country": "EE"}
OFFERINGS = (
    {"name": "Placed", "state": "Active", **TALLINN},
    {"name": "Paused", "state": "Paused", **TALLINN},
    {"name": "Nowhere", "state": "Active"},
    {"name": "Half", "state": "Active", "latitude": 59.4},
    {"name": "Off Earth", "state": "Active", "latitude": 95, "longitude": 24.7},
    {"name": "At zero", "state": "Active", "latitude": 0, "longitude": 0},
    {"name": "Exchanged", "state": "Active", **TALLINN, "latitude": 24.7, "longitude": 59.4},
    {"name": "Elsewhere", "state": "Active", **TALLINN, "latitude": -33.9, "longitude": 18.4},
)
SNAPSHOT = Snapshot(
    offerings=tuple(
        Offering.model_validate({"uuid": f"{number:032x}", **each})
        for number, each in enumerate(OFFERINGS)
    )
)
EXPECTED = {
    "paused": {"Paused"},
    "no-place": {"Nowhere", "Half", "Off Earth", "At zero"},
    "doubtful-place": {"Exchanged", "Elsewhere"},
}


@pytest.mark.parametrize("rule", [each for each in RULES if each.key in EXPECTED])
def test_a_line_leads_to_what_it_counts(rule: Rule) -> None:
    """The filters of its link leave those offerings and no other."""
    counted = {each.name for each in SNAPSHOT.offerings if rule.applies(each)}
    criteria = from_query(OFFERING_FILTERS, rule.query)
    shown = apply(OFFERING_FILTERS, criteria, offerings_frame(SNAPSHOT))["name"].tolist()

    assert counted == EXPECTED[rule.key]
    assert set(shown) == counted


def test_every_line_leads_to_a_filtered_view() -> None:
    """A whole list would leave a person to look for them."""
    assert all(rule.query for rule in RULES)
