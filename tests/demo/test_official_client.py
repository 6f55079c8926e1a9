"""Held to the wire: the official client parses what it would parse of a real server."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from waldur_api_client import AuthenticatedClient, Client
from waldur_api_client.api.booking_offerings import (
    booking_offerings_count,
    booking_offerings_google_calendar_sync,
    booking_offerings_list,
    booking_offerings_retrieve,
)
from waldur_api_client.api.booking_resources import booking_resources_list
from waldur_api_client.api.configuration import configuration_retrieve
from waldur_api_client.api.google_auth import google_auth_list
from waldur_api_client.api.marketplace_categories import marketplace_categories_list
from waldur_api_client.api.marketplace_provider_offerings import (
    marketplace_provider_offerings_list,
)
from waldur_api_client.api.users import users_me_retrieve
from waldur_api_client.errors import UnexpectedStatus
from waldur_api_client.models.offering import Offering
from waldur_api_client.models.offering_field_enum import OfferingFieldEnum

from demo.people import TOKENS


@pytest.fixture
def official(shared_demo) -> Iterator[AuthenticatedClient]:
    """The official client with the token of staff."""
    with AuthenticatedClient(base_url=shared_demo.url.rstrip("/"), token=TOKENS["staff"]) as client:
        yield client


def role(shared_demo, name: str) -> UUID:
    return UUID(shared_demo.world.notable[name])


def test_list_of_light_fields(official):
    """A list of plain fields parses, identifiers included."""
    fields = [OfferingFieldEnum.UUID, OfferingFieldEnum.NAME, OfferingFieldEnum.CUSTOMER_NAME]
    offerings = booking_offerings_list.sync(client=official, field=fields, page_size=300)

    assert len(offerings) == 300
    assert isinstance(offerings[0].uuid, UUID)


def test_list_of_heavy_fields(official):
    """Plans, components, partitions and software of all offerings parse."""
    fields = [
        OfferingFieldEnum.UUID, OfferingFieldEnum.PLANS, OfferingFieldEnum.COMPONENTS,
        OfferingFieldEnum.PARTITIONS, OfferingFieldEnum.SOFTWARE_CATALOGS, OfferingFieldEnum.FILES,
        OfferingFieldEnum.SCREENSHOTS, OfferingFieldEnum.ORGANIZATION_GROUPS,
        OfferingFieldEnum.QUOTAS, OfferingFieldEnum.TAGS, OfferingFieldEnum.OPTIONS,
        OfferingFieldEnum.PLUGIN_OPTIONS, OfferingFieldEnum.ENDPOINTS,
    ]  # fmt: skip
    offerings = booking_offerings_list.sync(client=official, field=fields, page_size=300)
    plan = next(plan for offering in offerings for plan in offering.plans)

    assert isinstance(plan.unit_price, str)
    assert any(offering.partitions for offering in offerings)


def test_whole_items(official, staff, shared_demo):
    """Every item with a calendar and a known state parses wholly, one by one."""
    parsed = 0
    for uuid, offering in shared_demo.world.offerings.items():
        special = offering.special
        skipped = special and (special.poison or special.state == "Retired")
        if offering.calendar is None or skipped or offering.index % 3:
            continue
        item = staff.get(f"/api/booking-offerings/{uuid}/").json()
        assert offering.name == Offering.from_dict(item).name
        parsed += 1

    assert parsed > 20


def test_null_calendars_crash_it(official, shared_demo):
    """A null calendar makes the client fail, as it does on a real server's answer."""
    fields = [OfferingFieldEnum.UUID, OfferingFieldEnum.GOOGLECALENDAR]
    with pytest.raises(TypeError):
        booking_offerings_list.sync(client=official, field=fields, page_size=300)
    with pytest.raises(TypeError):
        booking_offerings_retrieve.sync(role(shared_demo, "none"), client=official)

    retrieved = booking_offerings_retrieve.sync(role(shared_demo, "rich"), client=official)
    assert retrieved.name == "Kratt supercomputer"
    assert retrieved.googlecalendar.public is True


def test_unknown_offering(official):
    """An unknown identifier is a status the client does not expect."""
    with pytest.raises(UnexpectedStatus, match="404"):
        booking_offerings_retrieve.sync(UUID(int=1), client=official)


def test_count(official):
    """The count comes from the header of a HEAD request."""
    assert booking_offerings_count.sync(client=official) == 300


def test_accepted_action_is_unexpected(start):
    """The 202 of an action that was started is not in the schema, so the client raises."""
    server = start()
    uuid = role(server, "private")
    with AuthenticatedClient(base_url=server.url.rstrip("/"), token=TOKENS["staff"]) as client:
        with pytest.raises(UnexpectedStatus, match="202"):
            booking_offerings_google_calendar_sync.sync_detailed(uuid, client=client)
        with pytest.raises(UnexpectedStatus, match=r"cannot be updated"):
            booking_offerings_google_calendar_sync.sync_detailed(uuid, client=client)


def test_bad_token(shared_demo):
    """A bad token is an unexpected 401."""
    with (
        AuthenticatedClient(base_url=shared_demo.url.rstrip("/"), token="0" * 40) as client,
        pytest.raises(UnexpectedStatus, match="401"),
    ):
        users_me_retrieve.sync(client=client)


def test_provider_offerings(shared_demo):
    """The list a manager reads parses."""
    with AuthenticatedClient(
        base_url=shared_demo.url.rstrip("/"), token=TOKENS["manager"]
    ) as client:
        params = {"client": client, "page_size": 300, "name": "room"}
        offerings = marketplace_provider_offerings_list.sync(**params)

    assert offerings
    assert all("room" in offering.name.lower() for offering in offerings)


def test_me(official):
    """The signed-in person parses."""
    me = users_me_retrieve.sync(client=official)

    assert (me.username, me.is_staff) == ("staff", True)


def test_bookings(official):
    """Bookings parse, slots included."""
    bookings = booking_resources_list.sync(client=official, page_size=300)

    assert bookings
    assert bookings[0].slots[0].start.tzinfo


def test_categories_and_credentials(official):
    """Categories and credentials parse."""
    assert len(marketplace_categories_list.sync(client=official)) == 9
    assert len(google_auth_list.sync(client=official)) == 6


def test_configuration(shared_demo):
    """The configuration parses without a token."""
    with Client(base_url=shared_demo.url.rstrip("/")) as client:
        try:
            configuration_retrieve.sync(client=client)
        except (AttributeError, TypeError, ValueError) as error:
            pytest.fail(f"not parsed: {error!r}")
        except httpx.HTTPError as error:
            pytest.fail(f"not served: {error!r}")
