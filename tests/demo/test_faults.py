"""The fault script: what a client meets when things go wrong on the way."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from demo.faults import Fault, Faults, parse_faults

CONFIGURATION = "/api/configuration/"
LIST = "/api/booking-offerings/"


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault("status", status=503), 503, b'{"detail": "Played by the fault script."}'),
        (Fault("status", status=429, body=["Slow down."]), 429, b'["Slow down."]'),
    ],
)
def test_status(start, client_of, fault, status, body):
    """A status fault answers with its status and body, once."""
    server = start()
    server.faults.add(fault)
    client = client_of(server)
    response = client.get(CONFIGURATION)

    assert (status, body) == (response.status_code, response.content)
    assert client.get(CONFIGURATION).status_code == 200


def test_html(start, client_of):
    """The error page is the real server's, byte for byte as long."""
    server = start()
    server.faults.add(Fault("html"))
    response = client_of(server).get(CONFIGURATION)

    assert (response.status_code, len(response.content)) == (500, 145)


def test_not_waldur(start, client_of):
    """Something else may answer with a page and a 200."""
    server = start()
    server.faults.add(Fault("not_waldur"))
    response = client_of(server).get(CONFIGURATION)

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")


def test_delay(start, client_of):
    """A delay makes a client with less patience give up, and the work is done all the same."""
    server = start()
    server.faults.add(Fault("delay", delay=0.3))
    client = client_of(server)
    with pytest.raises(httpx.ReadTimeout):
        client.get(CONFIGURATION, timeout=0.1)

    server.faults.add(Fault("delay", delay=0.1))
    began = time.monotonic()
    assert client.get(CONFIGURATION).status_code == 200
    assert time.monotonic() - began >= 0.1


def test_reset(start, client_of):
    """A reset connection is seen as such, and nothing was done."""
    server = start()
    uuid = server.world.notable["none"]
    server.faults.add(Fault("reset", method="POST"))
    with pytest.raises(httpx.ReadError):
        client_of(server).post(f"{LIST}{uuid}/google_calendar_sync/")

    assert server.world.offerings[uuid].calendar is None
    assert [request.status for request in server.posts()] == [None]


def test_lost(start, client_of):
    """The answer is lost after the work was done."""
    server = start()
    uuid = server.world.notable["none"]
    server.faults.add(Fault("lost", method="POST"))
    client = client_of(server)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(f"{LIST}{uuid}/google_calendar_sync/")

    assert server.world.offerings[uuid].calendar is not None
    assert [request.status for request in server.posts()] == [None]
    again = client.post(f"{LIST}{uuid}/google_calendar_sync/")
    assert again.json() == ["The calendar cannot be updated."]


def test_truncate(start, client_of):
    """A truncated answer announces more than comes."""
    server = start()
    server.faults.add(Fault("truncate", path=LIST))
    with pytest.raises(httpx.RemoteProtocolError):
        client_of(server).get(LIST, params={"field": "uuid"})


def test_after_and_times(start, client_of):
    """A rule lets some requests pass first and hits only so many."""
    server = start()
    server.faults.add(Fault("status", status=502, after=1, times=2))
    client = client_of(server)

    assert [client.get(CONFIGURATION).status_code for _ in range(4)] == [200, 502, 502, 200]


def test_forever_and_clear(start, client_of):
    """A rule without times hits until it is taken away."""
    server = start()
    server.faults.replace([Fault("status", status=502, times=None)])
    client = client_of(server)
    assert {502} == {client.get(CONFIGURATION).status_code for _ in range(3)}

    server.faults.clear()
    assert client.get(CONFIGURATION).status_code == 200


@pytest.mark.parametrize(
    ("fault", "method", "path", "expected"),
    [
        (Fault("html"), "GET", "/x/", True),
        (Fault("html", method="POST"), "GET", "/x/", False),
        (Fault("html", path="/api/"), "GET", "/api/x/", True),
        (Fault("html", path="/api/"), "GET", "/other/", False),
        (Fault("html", path=r"share_google_calendar/$"), "POST", "/a/share_google_calendar/", True),
        (Fault("html", path=r"^/api/[ab]/$"), "GET", "/api/c/", False),
    ],
)
def test_matching(fault, method, path, expected):
    """A rule goes by method and by the beginning of a path or an expression."""
    assert expected is fault.matches(method, path)


def test_order_of_rules():
    """The first rule that is not used up and not waiting takes a request."""
    faults = Faults([Fault("html"), Fault("reset", after=1), Fault("delay", times=None)])

    assert [fault.action for _ in range(4) if (fault := faults.take("GET", "/"))] == [
        "html",
        "delay",
        "reset",
        "delay",
    ]


def test_file(tmp_path):
    """A script is a JSON list of rules."""
    path = tmp_path / "faults.json"
    path.write_text(json.dumps([{"action": "lost", "method": "POST", "times": None}]))

    assert [Fault("lost", method="POST", times=None)] == list(Faults.load(path))


@pytest.mark.parametrize(
    "rules", [{}, ["html"], [{"action": "explode"}], [{"path": "/"}], [{"action": "html", "x": 1}]]
)
def test_wrong_scripts(rules):
    """A script with a mistake is refused, not half understood."""
    with pytest.raises(ValueError, match=r"fault|action"):
        parse_faults(rules)
