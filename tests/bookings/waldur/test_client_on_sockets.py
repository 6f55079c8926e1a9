"""The client on real connections: certificates, proxies, reuse, and breaking off."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bookings.waldur.client import WaldurClient
from bookings.waldur.errors import SignedOut, Unreachable

UUID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Server(ThreadingHTTPServer):
    """A small HTTP server that answers every request and remembers it."""

    def __init__(self, name: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.asked: list[str] = []
        self.connections: list[object] = []
        self.half = False
        self.hanging = threading.Event()
        self.go_on = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """Answers with a list or, when told so, with half of one."""

    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.append(self.client_address)

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = b'[{"start": null}]'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.half:
            self.wfile.write(body[:3])
            self.wfile.flush()
            self.server.hanging.set()
            self.server.go_on.wait(timeout=20)
            self.close_connection = True
        else:
            self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


Serve = Callable[..., Server]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts servers that end with the test."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    running: list[tuple[Server, threading.Thread]] = []

    def start(context: ssl.SSLContext | None = None) -> Server:
        server = Server()
        if context:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


@pytest.fixture
def ask() -> Iterator[Callable[..., WaldurClient]]:
    """Makes clients that do not wait between tries and are closed with the test."""
    clients: list[WaldurClient] = []

    def make(root: str, ca_bundle: str | None = None) -> WaldurClient:
        clients.append(
            WaldurClient(root, "0" * 40, ca_bundle=ca_bundle, sleep=lambda seconds: None)
        )
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1 that nobody else trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, pem = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=waldur.test", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, pem


@pytest.fixture
def tls(certificate: tuple[Path, Path], serve: Serve) -> Server:
    """A server whose certificate is made by its own operator."""
    key, pem = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    return serve(context)


def test_an_unknown_certificate_is_not_trusted(
    tls: Server, ask: Callable[..., WaldurClient]
) -> None:
    """Nothing is sent to a server that cannot prove who it is, and it is asked only once."""
    with pytest.raises(Unreachable, match=r"certificate.*WALDUR_CA_BUNDLE") as caught:
        ask(f"https://127.0.0.1:{tls.port}/").slots(UUID)

    assert not caught.value.sent
    assert tls.asked == []
    assert len(tls.connections) <= 1


def test_a_ca_bundle_is_trusted(
    tls: Server, certificate: tuple[Path, Path], ask: Callable[..., WaldurClient]
) -> None:
    """With the operator's own certificates the same server is asked."""
    client = ask(f"https://127.0.0.1:{tls.port}/", ca_bundle=str(certificate[1]))

    assert len(client.slots(UUID)) == 1
    assert tls.asked == [f"/api/marketplace-bookings/{UUID}/"]


def test_a_certificate_of_another_host_is_not_trusted(
    tls: Server, certificate: tuple[Path, Path], ask: Callable[..., WaldurClient]
) -> None:
    """The name has to be right as well."""
    client = ask(f"https://localhost:{tls.port}/", ca_bundle=str(certificate[1]))
    with pytest.raises(Unreachable, match="certificate"):
        client.slots(UUID)

    assert tls.asked == []


def test_nobody_listens(ask: Callable[..., WaldurClient]) -> None:
    """A refused connection is unreachable, and nothing was sent."""
    with socket.socket() as taken:  # bound, so that nobody else listens there either
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="refused the connection") as caught:
            ask(f"http://127.0.0.1:{taken.getsockname()[1]}/").act(UUID, "google_calendar_sync")

    assert not caught.value.sent


def test_gets_share_a_connection_and_posts_do_not(
    serve: Serve, ask: Callable[..., WaldurClient]
) -> None:
    """A kept connection may die at the moment a POST is written to it; a GET is tried again."""
    server = serve()
    client = ask(f"http://127.0.0.1:{server.port}/")
    for _ in range(3):
        client.slots(UUID)
    assert len(server.connections) == 1

    for _ in range(2):
        client.act(UUID, "google_calendar_sync")

    assert len(server.connections) == 3


def test_a_proxy_is_for_other_machines(
    serve: Serve, ask: Callable[..., WaldurClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy of the environment is used, but not to reach a server on this machine."""
    proxy, server = serve(), serve()
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}/")
    for host in ("127.0.0.1", "localhost"):
        ask(f"http://{host}:{server.port}/").slots(UUID)
    assert (len(proxy.asked), len(server.asked)) == (0, 2)

    ask("http://waldur.test/").slots(UUID)

    assert proxy.asked == [f"http://waldur.test/api/marketplace-bookings/{UUID}/"]


def test_an_answer_that_breaks_off_is_tried_again(
    serve: Serve, ask: Callable[..., WaldurClient]
) -> None:
    """Half an answer is no answer; a GET has three more tries, a POST none."""
    server = serve()
    server.half = True
    server.go_on.set()
    client = ask(f"http://127.0.0.1:{server.port}/")
    with pytest.raises(Unreachable, match="broke before"):
        client.slots(UUID)
    assert len(server.asked) == 4

    with pytest.raises(Unreachable, match="broke before") as caught:
        client.act(UUID, "google_calendar_sync")

    assert caught.value.sent
    assert len(server.asked) == 5


def test_a_client_closed_while_it_waits_is_signed_out(
    serve: Serve, ask: Callable[..., WaldurClient]
) -> None:
    """Whoever signs out in one tab leaves an error of ours in another, and no second try."""
    server = serve()
    server.half = True
    client = ask(f"http://127.0.0.1:{server.port}/")
    raised: list[Exception] = []

    def wait() -> None:
        with pytest.raises(SignedOut) as caught:
            client.slots(UUID)
        raised.append(caught.value)

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert server.hanging.wait(timeout=20)
    client.close()
    server.go_on.set()
    waiting.join(timeout=20)

    assert len(raised) == 1
    assert len(server.asked) == 1
