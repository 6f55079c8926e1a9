"""The manners of the server, as observed on a Waldur 7.0.7 server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.costs import page_cost
from demo.people import PASSWORD, TOKENS

ROOT = Path(__file__).parents[2]
LIST = "/api/booking-offerings/"
PROVIDER_LIST = "/api/marketplace-provider-offerings/"
NOT_GIVEN = "Authentication credentials were not provided."
STAFF = TOKENS["staff"]


def uuids(response: httpx.Response) -> list[str]:
    return [item["uuid"] for item in response.json()]


# Credentials


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({"Authorization": f"Token {STAFF}"}, 200, None),
        ({"Authorization": f"token {STAFF}"}, 200, None),
        ({}, 401, NOT_GIVEN),
        ({"Authorization": f"Bearer {STAFF}"}, 401, NOT_GIVEN),
        ({"Authorization": STAFF}, 401, NOT_GIVEN),
        ({"X-Auth-Token": STAFF}, 401, NOT_GIVEN),
        ({"Authorization": "Token " + "0" * 40}, 401, "Invalid token."),
        ({"Authorization": "Token"}, 401, "Invalid token. No credentials provided."),
        (
            {"Authorization": "Token a b"},
            401,
            "Invalid token. Token string should not contain spaces.",
        ),
    ],
)
def test_token_forms(shared_demo, client_of, headers, status, text):
    """Only the Token scheme signs a request in, and each 401 says why."""
    response = client_of(shared_demo, None).get("/api/users/me/", headers=headers)

    assert status == response.status_code
    if text:
        assert {"detail": text} == response.json()
        assert response.headers["WWW-Authenticate"] == "Token"


def test_query_token_does_not_work(shared_demo, client_of):
    """A token in the query is documented, and refused."""
    response = client_of(shared_demo, None).get("/api/users/me/", params={"x-auth-token": STAFF})

    assert response.status_code == 401


def test_expired_and_revoked_tokens(start, client_of):
    """An expired token is told from a withdrawn one, and a new sign-in gives another token."""
    server = start()
    client = client_of(server, "owner")
    server.world.revoke("owner", expired=True)

    assert client.get("/api/users/me/").json() == {"detail": "Token has expired."}

    answer = client.post("/api-auth/password/", json={"username": "owner", "password": PASSWORD})
    token = answer.json()["token"]
    assert token != TOKENS["owner"]

    headers = {"Authorization": f"Token {token}"}
    assert client.get("/api/users/me/", headers=headers).status_code == 200

    server.world.revoke("owner")
    assert client.get("/api/users/me/", headers=headers).json() == {"detail": "Invalid token."}


def test_texts_follow_the_language(shared_demo, client_of):
    """A client that matches English texts must ask for English."""
    client = client_of(shared_demo, None)
    headers = {"Authorization": "Token x", "Accept-Language": "de"}
    response = client.get("/api/users/me/", headers=headers)

    assert response.json() == {"detail": "Ungültiges Token"}
    assert response.headers["Content-Language"] == "de"


def test_staff_may_act_as_somebody(staff):
    """The impersonation header makes staff see with another person's eyes."""
    me = staff.get("/api/users/me/").json()
    assert me["username"] == "staff"

    owner = staff.get(
        "/api/users/me/", headers={"X-Impersonated-User-Uuid": _uuid_of("owner")}
    ).json()

    assert owner["username"] == "owner"


def _uuid_of(username: str) -> str:
    from demo.people import ACCOUNTS

    return ACCOUNTS[username].uuid


# Sign-in


@pytest.mark.parametrize("form", [True, False])
def test_sign_in(shared_demo, client_of, form):
    """A sign-in by JSON or form gives the fixed token, and a cookie that is worth nothing."""
    client = client_of(shared_demo, None)
    given = {"username": "owner", "password": PASSWORD}
    response = client.post("/api-auth/password/", **{"data" if form else "json": given})

    assert {"token": TOKENS["owner"]} == response.json()
    assert "sessionid" in response.cookies
    assert client.get("/api/users/me/").status_code == 401


@pytest.mark.parametrize(
    ("request_options", "status", "body"),
    [
        ({"json": {"username": "owner"}}, 400, {"password": ["This field is required."]}),
        (
            {"json": {"username": "", "password": "x"}},
            400,
            {"username": ["This field may not be blank."]},
        ),
        (
            {"json": []},
            400,
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]},
        ),
        (
            {"json": {"username": "unknown", "password": "x"}},
            401,
            {"detail": "Invalid username/password."},
        ),
    ],
)
def test_sign_in_refusals(shared_demo, client_of, request_options, status, body):
    """Each wrong sign-in has its own answer, and none of them challenges."""
    response = client_of(shared_demo, None).post("/api-auth/password/", **request_options)

    assert (status, body) == (response.status_code, response.json())
    assert "WWW-Authenticate" not in response.headers


def test_sign_in_with_broken_json(shared_demo, client_of):
    """JSON that does not parse is a 400 with the parser's words."""
    response = client_of(shared_demo, None).post(
        "/api-auth/password/", content=b"{", headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 400
    assert response.json()["detail"].startswith("JSON parse error - ")


def test_sign_in_by_get(shared_demo, client_of):
    """The sign-in address knows POST only."""
    response = client_of(shared_demo, None).get("/api-auth/password/")

    assert response.json() == {"detail": 'Method "GET" not allowed.'}
    assert response.status_code == 405


def test_lockout(start, client_of, clock):
    """Four failures lock a username for ten minutes, which tries during the lock do not extend."""
    client = client_of(start(), None)

    def try_with(password: str) -> httpx.Response:
        given = {"username": "staff", "password": password}
        return client.post("/api-auth/password/", json=given)

    for _ in range(4):
        assert try_with("wrong").json()["detail"] == "Invalid username/password."

    locked = try_with(PASSWORD)
    assert locked.status_code == 401
    assert locked.json() == {"detail": "Username is locked out. Try in 10 minutes."}

    clock.advance(599)
    assert try_with(PASSWORD).status_code == 401

    clock.advance(2)
    assert try_with(PASSWORD).status_code == 200


def test_lockout_is_per_username_and_spares_tokens(start, client_of):
    """Another username, and a token that exists, are not locked."""
    client = client_of(start(), None)
    for _ in range(5):
        client.post("/api-auth/password/", json={"username": "staff", "password": "wrong"})
    other = client.post("/api-auth/password/", json={"username": "owner", "password": PASSWORD})

    assert other.status_code == 200
    headers = {"Authorization": f"Token {STAFF}"}
    assert client.get("/api/users/me/", headers=headers).status_code == 200


# Addresses and methods


@pytest.mark.parametrize("path", ["/api/foo/", "/", "/demo-control/requests/", "/api/schema/"])
def test_unknown_address(staff, path):
    """An unknown address is an HTML page, also without a token."""
    response = staff.get(path)

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Not Found" in response.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_missing_slash(staff, method):
    """An address without its slash redirects to a relative one."""
    response = staff.request(method, "/api/booking-offerings?page_size=5")

    assert response.status_code == 301
    assert response.headers["Location"] == "/api/booking-offerings/?page_size=5"
    assert response.content == b""


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", LIST), ("PUT", LIST + "0" * 32 + "/"), ("DELETE", LIST + "0" * 32 + "/")],
)
def test_method_not_allowed(staff, client_of, shared_demo, method, path):
    """A wrong method is refused after the token was looked at."""
    response = staff.request(method, path)

    assert response.status_code == 405
    assert {"detail": f'Method "{method}" not allowed.'} == response.json()
    assert client_of(shared_demo, None).request(method, path).status_code == 401


def test_action_addresses(staff):
    """Actions are POST only, and one without an identifier is taken for an identifier."""
    response = staff.get(f"{LIST}{'0' * 32}/google_calendar_sync/")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST, OPTIONS")

    assert staff.post(f"{LIST}google_calendar_sync/").status_code == 405
    unknown = staff.post(f"{LIST}{'0' * 32}/publish/")
    assert (
        unknown.status_code,
        unknown.headers["Content-Type"],
    ) == (404, "text/html; charset=utf-8")


def test_negotiation(staff):
    """What cannot be JSON is refused before anything else."""
    response = staff.get(LIST, headers={"Accept": "text/html"})
    assert (
        response.status_code,
        response.json(),
    ) == (406, {"detail": "Could not satisfy the request Accept header."})

    response = staff.get(LIST, params={"format": "api"})
    assert (response.status_code, response.json()) == (404, {"detail": "Not found."})


def test_options_and_preflight(staff):
    """OPTIONS describes the address; a preflight gets nothing that would allow it."""
    assert staff.options(LIST).json()["name"] == "Offering List"

    preflight = staff.options(LIST, headers={"Access-Control-Request-Method": "GET"})
    assert (preflight.status_code, preflight.content) == (200, b"")
    assert not [name for name in preflight.headers if name.startswith("access-control")]


def test_configuration_is_open(shared_demo, client_of):
    """The configuration needs no token and names the currency."""
    body = client_of(shared_demo, None).get("/api/configuration/").json()

    assert body["WALDUR_CORE"]["CURRENCY_NAME"] == "EUR"
    assert {"FEATURES", "LANGUAGES"} <= set(body)


@pytest.mark.parametrize(
    ("username", "status"), [(None, 401), ("nobody", 403), ("owner", 403), ("staff", 200)]
)
def test_version(shared_demo, client_of, username, status):
    """Only staff learn the version."""
    assert status == client_of(shared_demo, username).get("/api/version/").status_code


# Visibility


@pytest.mark.parametrize(
    ("username", "bookable", "provided"),
    [("staff", True, True), ("owner", True, True), ("manager", False, True), (None, False, False)],
)
def test_visibility_by_role(shared_demo, client_of, username, bookable, provided):
    """A manager sees offerings at the provider's endpoint only; a stranger sees none."""
    client = client_of(shared_demo, username or "nobody")
    for path, visible in ((LIST, bookable), (PROVIDER_LIST, provided)):
        response = client.get(path, params={"page_size": 300, "field": "uuid"})

        assert response.status_code == 200
        assert visible == bool(response.json())
        assert str(len(response.json())) == response.headers["X-Result-Count"]


def test_counts_by_role(shared_demo, client_of):
    """The shares of owner and manager are those of three providers and of one."""
    counts = {
        username: int(
            client_of(shared_demo, username).head(PROVIDER_LIST).headers["X-Result-Count"]
        )
        for username in TOKENS
    }

    assert counts["staff"] == 300
    assert 100 <= counts["owner"] <= 140
    assert 60 <= counts["manager"] <= 90
    assert counts["nobody"] == 0


@pytest.mark.parametrize(
    ("username", "role", "status"),
    [
        ("staff", "no_customer", 200),
        ("owner", "no_customer", 404),
        ("owner", "rich", 200),
        ("owner", "not_owned", 404),
        ("manager", "rich", 404),
        ("nobody", "rich", 404),
    ],
)
def test_retrieve_by_role(shared_demo, client_of, username, role, status):
    """What is not for a person does not exist for them."""
    path = f"{LIST}{shared_demo.world.notable[role]}/"
    response = client_of(shared_demo, username).get(path, params={"field": "uuid"})

    assert status == response.status_code
    if status == 404:
        assert response.json() == {"detail": "No Offering matches the given query."}


def test_spellings_of_an_identifier(shared_demo, staff):
    """The offerings take an identifier in any spelling, the slots in one only."""
    digits = shared_demo.world.notable["rich"]
    dashed = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    for spelling in (digits, dashed, digits.upper(), f"urn:uuid:{dashed}", f"{{{dashed}}}"):
        assert staff.get(f"{LIST}{spelling}/", params={"field": "uuid"}).status_code == 200
    for wrong in ("abc", "zzzz", digits + "0"):
        response = staff.get(f"{LIST}{wrong}/")
        assert response.json() == {"detail": "No Offering matches the given query."}
    assert staff.get(f"{LIST}a.b/").json() == {"detail": "Not found."}

    assert staff.get(f"/api/marketplace-bookings/{digits}/").status_code == 200
    html = staff.get(f"/api/marketplace-bookings/{dashed}/")
    assert (html.status_code, html.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


# Lists


def test_list_headers(staff):
    """A list is a bare array with its count and links, which keep the query."""
    response = staff.get(f"{LIST}?page_size=5&field=uuid&field=name")
    base = f"{staff.base_url}api/booking-offerings/?field=uuid&field=name"

    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Result-Count"] == "300"
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert response.headers["Vary"] == "Accept-Language, Cookie"
    assert response.headers["Content-Language"] == "en"
    assert (
        f'<{base}&page_size=5>; rel="first", '
        f'<{base}&page=2&page_size=5>; rel="next", '
        f'<{base}&page=60&page_size=5>; rel="last"'
    ) == response.headers["Link"]


def test_links_in_the_middle_and_at_the_end(staff):
    """A middle page links to both neighbours, the last one to no next."""

    def rels(page: str) -> list[str]:
        link = staff.get(LIST, params={"page": page, "field": "uuid"}).headers["Link"]
        return re.findall(r'rel="(\w+)"', link)

    assert rels("2") == ["first", "prev", "next", "last"]
    assert rels("30") == ["first", "prev", "last"]
    assert rels("last") == ["first", "prev", "last"]


@pytest.mark.parametrize(
    ("page_size", "rows"),
    [(None, 10), ("0", 10), ("-5", 10), ("abc", 10), ("25", 25), ("300", 300), ("100000", 300)],
)
def test_page_sizes(staff, page_size, rows):
    """A size that makes no sense is the default, and no page has more than 300."""
    params = {"field": "uuid"} | ({"page_size": page_size} if page_size else {})
    response = staff.get(LIST, params=params)

    assert rows == len(response.json())
    if page_size == "100000":
        assert "page_size=100000" in response.headers["Link"]


@pytest.mark.parametrize("page", ["0", "abc", "999", "-1"])
def test_pages_that_do_not_exist(staff, page):
    """A page that is not there is a 404."""
    response = staff.get(LIST, params={"page": page, "field": "uuid"})

    assert (response.status_code, response.json()) == (404, {"detail": "Invalid page."})


def test_empty_list(shared_demo, client_of):
    """An empty list has a count of 0 and the links to its only page."""
    response = client_of(shared_demo, "nobody").get(LIST)

    assert response.json() == []
    assert response.headers["X-Result-Count"] == "0"
    assert re.findall(r'rel="(\w+)"', response.headers["Link"]) == ["first", "last"]


def test_head(staff):
    """HEAD gives the headers of GET and no body."""
    response = staff.head(LIST, params={"page_size": 1, "field": "uuid"})

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["X-Result-Count"] == "300"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("field=uuid&field=name", ["uuid", "name"]),
        ("field=uuid&field=uuid&field=bogus", ["uuid"]),
        ("field=bogus", None),
        ("field=uuid,name", None),
    ],
)
def test_field(staff, shared_demo, query, expected):
    """Unknown fields are ignored, and when none is known all come."""
    item = staff.get(f"{LIST}{shared_demo.world.notable['rich']}/?{query}").json()

    if expected is None:
        assert len(item) > 60
    else:
        assert expected == list(item)


def test_empty_relations_are_absent(staff, shared_demo):
    """Keys of an empty relation are missing, even when asked for."""
    uuid = shared_demo.world.notable["no_customer"]
    item = staff.get(f"{LIST}{uuid}/").json()

    assert item["customer"] is None
    assert not {"customer_uuid", "customer_name", "project_uuid", "parent_uuid"} & set(item)
    assert staff.get(f"{LIST}{uuid}/", params={"field": "project_uuid"}).json() == {}


def test_parameters_that_are_ignored(staff, shared_demo):
    """The booking endpoint filters and sorts by nothing."""
    plain = staff.get(LIST, params={"field": "uuid"})
    params = {"field": "uuid", "o": "-name", "state": "Draft", "name": "sauna", "uuid": "x"}
    filtered = staff.get(LIST, params=params)

    assert uuids(plain) == uuids(filtered)
    assert plain.headers["X-Result-Count"] == filtered.headers["X-Result-Count"]


def test_order_by_code_points(staff):
    """Names come in the order of a C collation: spaces first, capitals before small letters."""
    items = staff.get(LIST, params={"field": "name", "page_size": 300}).json()
    names = [item["name"] for item in items]

    assert sorted(names) == names


@pytest.mark.parametrize("page_size", [10, 25])
def test_walk_loses_namesakes(staff, page_size):
    """A walk in small pages returns every row's number but not every row, the same each time."""

    def walk() -> list[str]:
        params = {"field": "uuid", "page_size": page_size}
        pages = range(1, 300 // page_size + 1)
        return [uuid for n in pages for uuid in uuids(staff.get(LIST, params=params | {"page": n}))]

    seen = walk()

    assert len(seen) == 300
    assert len(set(seen)) < 300
    assert seen == walk()


def test_one_page_has_all(staff):
    """A single page of 300 is complete."""
    response = staff.get(LIST, params={"field": "uuid", "page_size": 300})

    assert len(set(uuids(response))) == 300


def test_list_item_equals_retrieve(staff, shared_demo):
    """The list shows what a retrieve shows."""
    params = [("field", name) for name in ("uuid", "plans", "partitions", "googlecalendar")]
    listed = staff.get(LIST, params=[*params, ("page_size", "300")]).json()
    uuid = shared_demo.world.notable["rich"]
    retrieved = staff.get(f"{LIST}{uuid}/", params=params).json()

    assert retrieved in listed


def test_addresses_carry_the_host_of_the_request(staff, shared_demo):
    """URLs in bodies and links repeat the Host and X-Forwarded-Proto of the request."""
    headers = {"Host": "waldur.test", "X-Forwarded-Proto": "https"}
    uuid = shared_demo.world.notable["rich"]
    item = staff.get(f"{LIST}{uuid}/", headers=headers).json()

    assert f"https://waldur.test/api/booking-offerings/{uuid}/" == item["url"]
    assert "demo.invalid/api" not in json.dumps(item)
    link = staff.get(LIST, headers=headers, params={"field": "uuid"}).headers["Link"]
    assert link.startswith("<https://waldur.test/api/")


def test_line_separators_are_escaped(staff, shared_demo):
    """JSON is not escaped but for line separators, and names come back as stored."""
    uuid = shared_demo.world.notable["hostile_6"]
    response = staff.get(f"{LIST}{uuid}/", params={"field": "name"})

    assert b"\\u2028" in response.content
    assert response.json()["name"] == "Line\u2028separator in the name"


# Schedules


@pytest.mark.parametrize("role", ["poisonous", "poisonous_null"])
@pytest.mark.parametrize("username", ["staff", "owner"])
def test_poisonous_schedule(shared_demo, client_of, role, username):
    """One broken schedule turns its retrieve and the whole list into the error page."""
    client = client_of(shared_demo, username)
    path = f"{LIST}{shared_demo.world.notable[role]}/"
    for broken in (client.get(path), client.get(LIST, params={"page_size": 300})):
        assert (broken.status_code, len(broken.content)) == (500, 145)
        assert broken.headers["Content-Type"].startswith("text/html")

    assert client.get(path, params={"field": "plans"}).status_code == 200


def test_schedules_are_rewritten(start, client_of, clock):
    """A slot that runs starts now, and one that is over is gone."""
    server = start()
    client = client_of(server)
    uuid = server.world.notable["rich"]
    day = "2030-05-0{}T08:00:00.000Z"
    server.world.offerings[uuid].heavy["attributes"]["schedules"] = [
        {"id": "a", "start": day.format(1), "end": day.format(2)},
        {"id": "b", "start": day.format(2), "end": day.format(4)},
        {"id": "c", "start": day.format(5), "end": day.format(6)},
    ]
    clock.now = 1_904_025_600.25  # 2030-05-03T08:00:00.250Z
    slots = client.get(f"{LIST}{uuid}/").json()["attributes"]["schedules"]

    assert [("b", "2030-05-03T08:00:00.250Z"), ("c", day.format(5))] == [
        (slot["id"], slot["start"]) for slot in slots
    ]


# Offerings of a provider


def test_provider_filters(staff):
    """The provider's endpoint filters by type, state and part of the name, and sorts."""

    def rows(**params: Any) -> list[dict[str, Any]]:
        wanted = {"page_size": 300, "field": ["name", "state"]} | params
        return staff.get(PROVIDER_LIST, params=wanted).json()

    assert len(rows(type="Marketplace.Booking")) == 300
    assert rows(type="Marketplace.Slurm") == []
    assert {"Draft", "Paused"} == {row["state"] for row in rows(state=["Draft", "Paused"])}
    saunas = rows(name="sauna")
    assert saunas
    assert all("sauna" in row["name"].lower() for row in saunas)
    names = [row["name"] for row in rows(o="-name")]
    assert sorted(names, reverse=True) == names


def test_provider_items(shared_demo, client_of):
    """A provider's item has the calendar in other keys, and the secrets in clear."""
    client = client_of(shared_demo, "owner")
    uuid = shared_demo.world.notable["public"]
    item = client.get(f"{PROVIDER_LIST}{uuid}/").json()

    assert "googlecalendar" not in item
    assert item["google_calendar_is_public"] is True
    assert item["google_calendar_link"].startswith("https://calendar.google.com/")
    assert "demo-canary-secret" in json.dumps(item["secret_options"])
    assert "canary" not in client.get(f"{LIST}{uuid}/").text


# Bookings


def test_slots(start, client_of):
    """Who shares an organisation with the booker learns the name, others see a time."""
    server = start()
    uuid = server.world.notable["rich"]
    path = f"/api/marketplace-bookings/{uuid}/"
    by_owner = client_of(server, "owner").get(path)
    by_stranger = client_of(server, "nobody").get(path)
    busy = {"google calendar", None}

    assert {"created_by_full_name", "start", "end"} == set(by_owner.json()[0])
    assert "X-Result-Count" not in by_owner.headers
    assert "Maarja Kask" in {row["created_by_full_name"] for row in by_owner.json()}
    assert busy >= {row["created_by_full_name"] for row in by_stranger.json()}
    assert len(by_owner.json()) == len(by_stranger.json())


def test_slots_of_a_draft(shared_demo, staff):
    """What cannot be ordered has no slots, even for staff."""
    uuid = shared_demo.world.notable["draft"]

    assert staff.get(f"/api/marketplace-bookings/{uuid}/").status_code == 404


def test_booking_filters(staff, shared_demo):
    """Bookings can be filtered by offering and states, and sorted by time."""
    path = "/api/booking-resources/"
    everything = staff.get(path, params={"page_size": 300}).json()
    assert 60 <= len(everything) <= 120

    uuid = shared_demo.world.notable["rich"]
    own = staff.get(path, params={"offering_uuid": uuid, "page_size": 300}).json()
    assert {uuid} == {item["offering_uuid"] for item in own}

    params = {"state": ["Creating", "Erred"], "page_size": 300, "field": ["state", "uuid"]}
    some = staff.get(path, params=params).json()
    assert {"Creating", "Erred"} == {item["state"] for item in some}
    assert {"state", "uuid"} == set(some[0])

    sorted_items = staff.get(path, params={"o": "schedules", "page_size": 300}).json()
    starts = [item["slots"][0]["start"] for item in sorted_items]
    assert sorted(starts) == starts


def test_bookings_by_role(shared_demo, client_of):
    """A manager sees the bookings of one provider, a stranger none."""
    counts = {
        username: len(
            client_of(shared_demo, username)
            .get("/api/booking-resources/", params={"page_size": 300, "field": "uuid"})
            .json()
        )
        for username in TOKENS
    }

    assert counts["staff"] > counts["owner"] > counts["manager"] > counts["nobody"] == 0


def _creating(server: Any, key: str = "A") -> str:
    return next(
        uuid
        for uuid, row in server.world.reservations.items()
        if row.item["state"] == "Creating" and row.offering.provider.key == key
    )


def test_accept(start, client_of):
    """A request is accepted once; then its state forbids it."""
    server = start()
    path = f"/api/booking-resources/{_creating(server)}/"
    client = client_of(server, "manager")
    accepted = client.post(f"{path}accept/")

    assert accepted.status_code == 200
    assert list(accepted.json()) == ["order_uuid"]
    assert client.get(path).json()["state"] == "OK"

    again = client.post(f"{path}accept/")
    assert (
        again.status_code,
        again.json(),
    ) == (409, {"detail": "Valid states for operation: Creating."})


def test_reject(start, client_of):
    """The provider's owner may not reject; staff may."""
    server = start()
    path = f"/api/booking-resources/{_creating(server)}/"
    refused = client_of(server, "owner").post(f"{path}reject/")

    assert (
        refused.status_code,
        refused.json(),
    ) == (403, {"detail": "You do not have permission to perform this action."})
    assert client_of(server).post(f"{path}reject/").status_code == 200
    assert client_of(server).get(path).json()["state"] == "Terminated"


def test_foreign_booking(start, client_of):
    """A booking at another's organisation does not exist."""
    server = start()
    path = f"/api/booking-resources/{_creating(server)}/accept/"

    assert client_of(server, "nobody").post(path).status_code == 404
    assert client_of(server).get(path).status_code == 405


# Credentials, categories, people


def test_google_credentials(shared_demo, client_of):
    """Owner and manager read the tokens in clear, whatever fields they ask for."""
    path = "/api/google-auth/"
    owned = client_of(shared_demo, "owner").get(path, params={"field": "uuid"}).json()
    by_name = {item["customer_name"][:8]: item for item in owned}

    assert by_name["Põhjatäh"]["calendar_token"] == "demo-canary-access-token-A"
    assert by_name["Fjordlab"]["calendar_token"] is None
    assert len(client_of(shared_demo, "manager").get(path).json()) == 1
    assert client_of(shared_demo, "nobody").get(path).json() == []


def test_google_credentials_filter(staff):
    """A row with an empty refresh token counts as credentials, though its actions fail."""
    rows = staff.get("/api/google-auth/", params={"has_credentials": "true"}).json()
    without = staff.get("/api/google-auth/", params={"has_credentials": "false"}).json()

    assert "" in {row["calendar_refresh_token"] for row in rows}
    assert [row["customer_name"] for row in without] == ["Fjordlab Shared Facilities AS"]


def test_google_authorize(staff):
    """Only the authorize address has the redirect that works."""
    item = staff.get("/api/google-auth/").json()[0]
    answer = staff.get(f"/api/google-auth/{item['uuid']}/authorize/").json()

    assert "%2Fapi%2Fgoogle-auth%2Fcallback%2F" in answer["request_url"]
    assert "%2Fapi%2Fgoogle-auth" not in item["google_auth_url"]
    assert staff.get(f"/api/google-auth/{'0' * 32}/").status_code == 404


def test_categories(shared_demo, client_of):
    """Anybody who is signed in reads the categories, and `field` works."""
    params = {"field": ["uuid", "title", "offering_count"]}
    items = client_of(shared_demo, "nobody").get("/api/marketplace-categories/", params=params)

    assert sum(item["offering_count"] for item in items.json()) == 300
    assert {"uuid", "title", "offering_count"} == set(items.json()[0])


def test_me(shared_demo, client_of):
    """A person reads their roles; staff marks appear for staff only."""
    owner = client_of(shared_demo, "owner").get("/api/users/me/").json()
    staff = client_of(shared_demo, "staff").get("/api/users/me/").json()
    manager = client_of(shared_demo, "manager").get("/api/users/me/").json()

    assert [p["role_name"] for p in owner["permissions"]] == ["CUSTOMER.OWNER"] * 3
    assert [p["role_name"] for p in manager["permissions"]] == ["CUSTOMER.MANAGER"]
    assert "is_staff" not in owner
    assert staff["is_staff"] is True
    assert TOKENS["owner"] == owner["token"]


# Costs and records


def test_cost_of_a_page():
    """A full item costs 50 ms, mostly for its plans; light columns cost a few."""
    light = [
        "uuid", "name", "state", "customer_name", "category_title", "googlecalendar",
        "latitude", "longitude", "country",
    ]  # fmt: skip

    assert pytest.approx(page_cost(1, None)) == 0.05
    assert pytest.approx(page_cost(100, ["uuid", "name"])) == 0.1
    assert 0.3 <= page_cost(100, light) <= 0.7
    assert pytest.approx(page_cost(100, ["uuid", "plans"])) == 3.6


def test_slow_server_has_one_worker(start, client_of):
    """Two pages at once take as long as one after the other."""
    server = start(slow=True)
    client = client_of(server)
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        params = {"page_size": 3, "field": ["uuid", "plans"]}
        list(pool.map(lambda _: client.get(LIST, params=params), range(2)))

    assert time.monotonic() - began >= 2 * 3 * 0.036


def test_latency(start, client_of):
    """Latency is added to every answer."""
    client = client_of(start(latency=60), None)
    began = time.monotonic()
    client.get("/api/configuration/")

    assert time.monotonic() - began >= 0.06


def test_gzip_is_optional(start, client_of, staff):
    """Nothing is compressed unless a proxy is played."""
    path = "/api/configuration/"

    assert "Content-Encoding" not in staff.get(path).headers
    assert client_of(start(gzip=True)).get(path).headers["Content-Encoding"] == "gzip"


def test_requests_are_recorded(start, client_of):
    """Requests are recorded with their person and status, and without the token."""
    server = start()
    client_of(server, "owner").get(f"{LIST}?field=uuid")
    client_of(server, None).post(f"{LIST}x/share_google_calendar/")
    first, second = server.requests

    assert (
        first.method,
        first.path,
        first.query,
        first.status,
        first.username,
    ) == ("GET", LIST, "field=uuid", 200, "owner")
    assert (second.status, second.username) == (401, None)
    assert TOKENS["owner"] not in repr(first)
    assert [second] == server.posts("share")

    server.clear_requests()
    assert len(server.requests) == 0


# The command line


@contextmanager
def running_process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demo server in a process of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )
    assert process.stdin
    assert process.stdout
    with process, process.stdin, process.stdout:
        try:
            ready = process.stdout.readline()
            assert re.fullmatch(r"READY http://127\.0\.0\.1:\d+/\n", ready)
            yield process, ready.split()[1]
        finally:
            process.kill()


def test_command_line_and_signal():
    """The command prints one line, serves, and ends with status 0 at SIGTERM."""
    with running_process("--offerings", "3") as (process, url):
        headers = {"Authorization": f"Token {STAFF}"}
        response = httpx.get(f"{url}api/booking-offerings/?field=uuid", headers=headers)
        assert len(response.json()) == 3

        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stdout
        assert process.stdout.read() == ""


def test_end_with_parent_and_control():
    """The process can be steered from outside and ends with the pipe of its parent."""
    with running_process("--offerings", "1", "--control", "--exit-with-parent") as (process, url):
        rule = {"action": "status", "status": 503, "path": "/api/configuration/"}
        answer = httpx.put(f"{url}demo-control/faults/", json=[rule])
        assert answer.json() == {"faults": 1}
        assert httpx.get(f"{url}api/configuration/").status_code == 503

        recorded = httpx.get(f"{url}demo-control/requests/").json()
        assert [(r["path"], r["status"]) for r in recorded] == [("/api/configuration/", 503)]
        assert httpx.delete(f"{url}demo-control/requests/").status_code == 204
        assert httpx.get(f"{url}demo-control/requests/").json() == []

        httpx.post(f"{url}demo-control/tokens/staff/revoke/")
        headers = {"Authorization": f"Token {STAFF}"}
        assert httpx.get(f"{url}api/users/me/", headers=headers).status_code == 401
        assert httpx.put(f"{url}demo-control/faults/", json=[{"action": "x"}]).status_code == 400

        assert process.stdin
        process.stdin.close()
        assert process.wait(20) == 0
