"""Google accounts of providers: whether one is connected, and no token anywhere."""

import gc
import json
import logging
import traceback
from typing import Any

import httpx
import pytest

from bookings.waldur import errors
from bookings.waldur.client import WaldurClient
from bookings.waldur.models import GoogleCredentials

TOKEN = "1//canary-refresh-token"
ACCESS = "canary-access-token"
UUID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
OTHER = "1a1b2c3d4e5f60718293a4b5c6d7e8f9"
CUSTOMER = "c" * 32
ADDRESS = "https://accounts.google.com/o/oauth2/auth?client_id=x&redirect_uri=https%3A%2F%2Fw%2F"


def client_of(*answers: httpx.Response) -> WaldurClient:
    """A client whose server gives these answers, the last one for ever."""
    pending = list(answers)

    def handle(_: httpx.Request) -> httpx.Response:
        return pending.pop(0) if len(pending) > 1 else pending[0]

    return WaldurClient(
        "https://waldur.test/",
        "0" * 40,
        transport=httpx.MockTransport(handle),
        sleep=lambda _: None,
    )


def row(**fields: Any) -> dict[str, Any]:
    """A provider with an account, as the server lists it."""
    return {
        "uuid": UUID,
        "customer_uuid": CUSTOMER,
        "customer_name": "Lab",
        "offering_count": 7,
        "calendar_token": ACCESS,
        "calendar_refresh_token": TOKEN,
        "google_auth_url": "https://accounts.google.com/",
    } | fields


def page(*rows: Any, **headers: str) -> httpx.Response:
    """A page of the list."""
    return httpx.Response(200, json=list(rows), headers=headers)


def test_a_provider_with_an_account() -> None:
    """What is kept has no place for a token."""
    (found,) = client_of(page(row())).google_credentials()

    assert found == GoogleCredentials(
        uuid=UUID, customer_uuid=CUSTOMER, customer_name="Lab", offering_count=7, connected=True
    )
    assert found.model_extra is None
    assert "canary" not in repr(found) + found.model_dump_json()


def test_a_model_made_of_a_whole_row_keeps_no_token() -> None:
    """Even where somebody reads the row past the client."""
    assert "canary" not in repr(GoogleCredentials.model_validate(row()))


@pytest.mark.parametrize(
    ("token", "connected"),
    [
        (TOKEN, True), ("", False), ("  ", False), (None, False),
        # No text and no null: the server says something that is not understood.
        (7, None), (True, None), ([TOKEN], None), ({"value": TOKEN}, None),
    ],
)  # fmt: skip
def test_connected_is_a_refresh_token(token: Any, connected: bool | None) -> None:
    """A row with an empty one gives 400 for every action, although the filter counts it."""
    (found,) = client_of(page(row(calendar_refresh_token=token))).google_credentials()

    assert found.connected is connected
    assert "canary" not in repr(found)


def test_a_server_that_keeps_the_tokens_to_itself() -> None:
    """An absent field is not known; it is not "not connected"."""
    given = row()
    del given["calendar_refresh_token"]
    (found,) = client_of(page(given)).google_credentials()

    assert found.connected is None


def test_the_whole_list() -> None:
    """Every page is read."""
    rows = [row(), row(uuid=OTHER)]

    def handle(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("page", "1"))
        headers = {"X-Result-Count": "2"}
        if number == 1:
            headers["Link"] = '<https://elsewhere.test/?page=2>; rel="next"'
        return page(rows[number - 1], **headers)

    client = WaldurClient("https://waldur.test/", transport=httpx.MockTransport(handle))
    assert [each.uuid for each in client.google_credentials()] == [UUID, OTHER]


@pytest.mark.parametrize(
    "misfit",
    [
        row(uuid=TOKEN), row(uuid={"x": TOKEN}), row(offering_count=TOKEN),
        row(customer_name={"x": TOKEN}), [TOKEN], TOKEN, None, 7,
    ],
)  # fmt: skip
def test_a_misfit_costs_itself_only(misfit: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It is left out, and nobody reads a token in a reason."""
    caplog.set_level(logging.DEBUG)
    found = client_of(page(misfit, row(uuid=OTHER))).google_credentials()

    assert [each.uuid for each in found] == [OTHER]
    assert "canary" not in repr(found) + caplog.text


def held_by(error: BaseException) -> str:
    """All that an error keeps alive: its words, its causes, and the variables of its frames."""
    parts = [repr(error), str(error), repr(vars(error)), "".join(traceback.format_exception(error))]
    for each, _ in traceback.walk_tb(error.__traceback__):
        if each.f_globals.get("__name__", "").startswith(("bookings", "tenacity")):
            parts += [repr(value) for value in each.f_locals.values()]
    for cause in (error.__cause__, error.__context__):
        if cause is not None:
            parts += [held_by(cause), repr(getattr(cause, "doc", ""))]
    return "\n".join(parts)


BODY = json.dumps([row()]).encode()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, content=BODY[:-5]), errors.UnreadableAnswer),
        (httpx.Response(200, content=BODY + b"x"), errors.UnreadableAnswer),
        (httpx.Response(200, json=row()), errors.UnreadableAnswer),
        (httpx.Response(200, json=TOKEN), errors.UnreadableAnswer),
        (httpx.Response(200, content=TOKEN.encode()), errors.UnreadableAnswer),
        (httpx.Response(400, json=[f"bad token {TOKEN}"]), errors.Refused),
        (httpx.Response(401, json={"detail": TOKEN}), errors.SignedOut),
        (httpx.Response(403, json={"detail": TOKEN}), errors.Forbidden),
        (httpx.Response(404, json={"detail": TOKEN}), errors.Gone),
        (httpx.Response(500, json={"calendar_refresh_token": TOKEN}), errors.ServerBroken),
        (httpx.Response(503, text=TOKEN), errors.Busy),
        (httpx.Response(302, headers={"location": f"/{TOKEN}"}), errors.NotWaldur),
    ],
)
def test_no_error_holds_a_token(
    answer: httpx.Response, kind: type[errors.WaldurError], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither its words, nor a cause, nor a variable of its traceback, nor the log."""
    caplog.set_level(logging.DEBUG)
    client = client_of(answer)
    with pytest.raises(errors.WaldurError) as caught:
        client.google_credentials()
    error = caught.value

    assert type(error) is kind
    assert error.path == "/api/google-auth/"
    assert error.__context__ is None
    assert "canary" not in held_by(error)
    assert "canary" not in caplog.text


def test_nothing_of_the_answer_stays_in_memory() -> None:
    """After the call no object of ours holds a row with its tokens."""
    token = "1//canary-of-this-test"
    client = client_of(page(row(calendar_refresh_token=token)))
    found = client.google_credentials()
    gc.collect()
    kept = [
        each
        for each in gc.get_objects()
        if isinstance(each, dict) and each.get("calendar_refresh_token") == token
    ]

    assert found
    assert not kept


def test_the_authorize_address() -> None:
    """The one that the server gives for this provider."""
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"request_url": ADDRESS})

    client = WaldurClient("https://waldur.test/", transport=httpx.MockTransport(handle))

    assert client.authorize_address(UUID) == ADDRESS
    assert asked == [f"/api/google-auth/{UUID}/authorize/"]


@pytest.mark.parametrize(
    "data",
    [
        {"request_url": "http://accounts.google.com/"},
        {"request_url": "javascript:alert(1)"},
        {"request_url": "https:///x"},
        {"request_url": "https://user:canary@accounts.google.com/"},
        {"request_url": "https://accounts.google.com/ x"},
        {"request_url": "https://accounts.google.com/\nx"},
        {"request_url": "https://[canary/"},
        {"request_url": "https://google.com\\@evil.example/"},
        {"request_url": "//accounts.google.com/"},
        {"request_url": None},
        {},
        [],
        "https://accounts.google.com/",
        None,
    ],
)
def test_only_an_https_address_is_taken(data: Any) -> None:
    """Anything else is not repeated, and becomes no link."""
    with pytest.raises(errors.UnreadableAnswer) as caught:
        client_of(httpx.Response(200, json=data)).authorize_address(UUID)

    assert "canary" not in str(caught.value)


def test_a_uuid_that_is_none_is_not_sent() -> None:
    """It could change the path."""
    with pytest.raises(errors.Gone) as caught:
        client_of(httpx.Response(500)).authorize_address("../users/me")

    assert caught.value.sent is False
