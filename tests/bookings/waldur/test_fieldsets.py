"""Field groups: together every field, apart nothing dangerous."""

from collections import Counter
from itertools import chain

import pytest

from bookings.waldur import fieldsets
from bookings.waldur.models import Offering

SOURCES = ("booking-offerings", "provider-offerings")
HEAVY = ("partitions", "plans", "software_catalogs", "components", "options", "files")


def test_the_groups_together_are_every_field() -> None:
    """Each field of the model is in exactly one group, or read with the single offering only."""
    every = Counter(
        chain(*fieldsets.GROUPS.values(), fieldsets.SINGLE_ONLY, fieldsets.PROVIDER_ONLY)
    )

    assert set(Offering.model_fields) == set(every)
    assert max(every.values()) == 1


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("group", fieldsets.GROUPS)
def test_no_list_asks_for_attributes_or_secrets(source: str, group: str) -> None:
    """`attributes` breaks whole pages and secrets are nobody's business."""
    asked = fieldsets.asked_of(source, group)

    assert "attributes" not in asked
    assert not fieldsets.NEVER & set(asked)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("group", fieldsets.GROUPS)
def test_every_group_asks_for_the_uuid_once(source: str, group: str) -> None:
    """Groups are joined by uuid, and no field is asked for twice."""
    asked = fieldsets.asked_of(source, group)

    assert "uuid" in asked
    assert len(asked) == len(set(asked))


def test_the_light_group_is_light() -> None:
    """The first load asks for nothing that is slow or long."""
    assert not set(HEAVY) & set(fieldsets.LIGHT)
    assert "googlecalendar" in fieldsets.LIGHT


def test_a_provider_list_has_other_calendar_fields() -> None:
    """The provider endpoint has two flat fields in place of the calendar."""
    asked = fieldsets.asked_of("provider-offerings", "light")

    assert "googlecalendar" not in asked
    assert set(fieldsets.PROVIDER_ONLY) <= set(asked)
    assert not set(fieldsets.PROVIDER_ONLY) & set(fieldsets.asked_of("booking-offerings", "light"))


@pytest.mark.parametrize(
    ("source", "absent"),
    [
        ("booking-offerings", set(fieldsets.PROVIDER_ONLY)),
        ("provider-offerings", {"googlecalendar"}),
    ],
)
def test_a_single_offering_is_asked_for_whole(source: str, absent: set[str]) -> None:
    """Every field that the endpoint knows is named, `attributes` too unless it is left out."""
    every = fieldsets.every_field(source)

    assert set(Offering.model_fields) - absent == set(every)
    assert len(every) == len(set(every))
    assert set(every) - {"attributes"} == set(fieldsets.every_field(source, attributes=False))
    assert not fieldsets.NEVER & set(every)
