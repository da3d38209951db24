"""The client of pulls: retries, waits, redirects, limits, and one-line refusals."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from support.web_server import Answer, WebServer, web_server

from tracker.domain.errors import BadValue, TrackerError
from tracker.pull.address import basic_with_user, bearer, parse_address, read_credentials
from tracker.pull.client import Client, Limits, Surroundings

TOKEN = "s3cret-t0ken"
NOW = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)


class World:
    """A clock that stands still, and a sleep that records how long it should last."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.messages: list[str] = []
        self.seconds = 0.0

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(lambda: NOW, self.tick, self.slept.append, self.messages.append)

    def tick(self) -> float:
        return self.seconds


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server(lambda _request: Answer({"ok": True})) as server:
        yield server


def client(server: WebServer, world: World, **limits: Any) -> Client:
    credentials = read_credentials({"TRACKER_JIRA_TOKEN": TOKEN}, "jira", bearer)
    return Client(parse_address(server.url), credentials, world.surroundings, Limits(**limits))


def refusal(server: WebServer, world: World, **limits: Any) -> str:
    """Return the message of a refused request: one line without the token."""
    with client(server, world, **limits) as web, pytest.raises(TrackerError) as error:
        web.get("/x")
    message = str(error.value)
    assert "\n" not in message
    assert TOKEN not in message + repr(error.value)
    return message


def test_the_token_is_sent_in_the_header_alone(server: WebServer, world: World) -> None:
    """It is in no address and no body."""
    with client(server, world) as web:
        assert web.get("/x", since=3).body == {"ok": True}
        web.post("/y", {"a": 1})
    assert [request.headers["Authorization"] for request in server.requests] == [
        f"Bearer {TOKEN}"
    ] * 2
    assert [(r.method, r.path, r.query, r.body) for r in server.requests] == [
        ("GET", "/x", {"since": "3"}, None),
        ("POST", "/y", {}, {"a": 1}),
    ]


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7.0), ("Wed, 10 Jun 2026 10:01:30 GMT", 90.0), ("Wed, 10 Jun 2026 09:00:00 GMT", 0.0)],
)
def test_a_busy_server_is_given_the_time_it_asks_for(
    server: WebServer, world: World, retry_after: str, seconds: float
) -> None:
    """Retry-After may be seconds or a date; the user is told why nothing happens."""
    server.faults = [Answer(status=429, headers={"Retry-After": retry_after})]
    with client(server, world) as web:
        assert web.get("/x").body == {"ok": True}
    assert world.slept == [seconds]
    assert world.messages == [
        f"{server.url} is asked too often (429): trying again in {seconds:,.0f} s."
    ]


@pytest.mark.parametrize(
    "retry_after", ["", "soon", "-5", "1e3", "Mon, 01 Jan 99999999999 00:00:00 GMT"]
)
def test_without_a_usable_time_the_wait_doubles(
    server: WebServer, world: World, retry_after: str
) -> None:
    """1, 2, 4, 8 seconds."""
    server.faults = [Answer(status=503, headers={"Retry-After": retry_after})] * 4
    with client(server, world) as web:
        assert web.get("/x").body == {"ok": True}
    assert world.slept == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("retry_after", ["301", "9" * 400, "Thu, 11 Jun 2026 10:00:00 GMT"])
def test_a_long_wait_is_left_to_the_user(server: WebServer, world: World, retry_after: str) -> None:
    """What asks for more than five minutes is refused at once."""
    server.faults = [Answer(status=429, headers={"Retry-After": retry_after})]
    assert "asks to wait" in refusal(server, world)
    assert world.slept == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_fault_that_does_not_pass_is_refused(
    server: WebServer, world: World, status: int
) -> None:
    """After five attempts."""
    server.faults = [Answer(status=status)] * 9
    message = refusal(server, world)
    assert f"({status})" in message
    assert "5 times: try again later. Nothing was kept." in message
    assert len(server.requests) == 5


def test_a_cut_connection_is_repeated(server: WebServer, world: World) -> None:
    """A body that breaks off is never taken for a whole one."""
    body = [{"id": 1}, {"id": 2}]
    server.faults = [Answer(body, cut_after=cut) for cut in (0, 9, 19)]
    server.handler = lambda _request: Answer(body)
    with client(server, world) as web:
        assert web.get("/x").body == body
    assert len(server.requests) == 4


def test_this_machine_is_reached_without_a_proxy(
    server: WebServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token, which is not encrypted here, is given to no proxy of the environment."""
    with web_server(lambda _request: Answer({"proxy": True})) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with client(server, world) as web:
            assert web.get("/x").body == {"ok": True}
        assert proxy.requests == []


def test_no_server_is_named(world: World, server: WebServer) -> None:
    """An address where nothing listens is tried again, and then refused."""
    server.close()
    assert "cannot be reached" in refusal(server, world)
    assert world.slept == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "does not accept the token (401): check TRACKER_JIRA_TOKEN."),
        (403, "forbids this (403): give the token in TRACKER_JIRA_TOKEN the right"),
        (404, "has no such interface (404): check URL."),
        (402, "allows no more requests (402): try again later."),
        (400, "refused the request (400)"),
        (410, "has no such interface (410): check URL."),
    ],
)
def test_a_refusal_names_what_to_check(
    server: WebServer, world: World, status: int, words: str
) -> None:
    """It repeats the server's own message, without the token, and does not try again."""
    body = {"errorMessages": [f"no \x1b[31m{TOKEN}\n{'x' * 500}"], "error": 7}
    server.faults = [Answer(body, status=status)]
    message = refusal(server, world)
    assert words in message
    assert r"It says: no \x1b[31m***" in message
    assert len(message) < 500
    assert len(server.requests) == 1


@pytest.mark.parametrize(("wait", "words"), [("90", "in 90 seconds"), ("9" * 6_000, "later")])
def test_a_spent_quota_of_toggl_is_told(
    server: WebServer, world: World, wait: str, words: str
) -> None:
    """The wait is left to the user; one of any number of digits is no error."""
    server.faults = [Answer({}, status=402, headers={"X-Toggl-Quota-Resets-In": wait})]
    assert f"(402): try again {words}." in refusal(server, world)


def test_a_web_page_is_no_log(server: WebServer, world: World) -> None:
    """A page to log in on, answered with 200, is named as such."""
    server.faults = [Answer(b"\n<!doctype html><title>Log in</title>")]
    assert "answered with a web page" in refusal(server, world)


@pytest.mark.parametrize("body", [b"", b"ok", b'{"a":', b"[" * 100_000, b"\xff\xfe", b"1" * 9999])
def test_no_json_is_refused(server: WebServer, world: World, body: bytes) -> None:
    """Whatever it is."""
    server.faults = [Answer(body)]
    assert "answered with no JSON" in refusal(server, world)


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/x",
        "https://127.0.0.1:{port}/x",
        "//evil.example/x",
        f"https://{TOKEN.upper()}.example/x",
        "x:",
    ],
)
def test_a_redirect_elsewhere_is_refused(server: WebServer, world: World, target: str) -> None:
    """Another host, port or scheme is never given the token."""
    location = target.format(port=server.url.rpartition(":")[2])
    server.faults = [Answer(status=302, headers={"Location": location})]
    assert "the token is not sent there" in refusal(server, world)
    assert len(server.requests) == 1


def test_a_token_that_the_server_repeats_goes_nowhere(server: WebServer, world: World) -> None:
    """It is taken out of an answer before anything is read from it, in every form it was sent."""
    encoded = base64.b64encode(f"ada:{TOKEN}".encode()).decode()
    server.faults = [Answer({"note": f"PAY-1 {TOKEN} Basic {encoded}"})]
    environ = {"TRACKER_JIRA_TOKEN": TOKEN, "TRACKER_JIRA_USER": "ada"}
    credentials = read_credentials(environ, "jira", basic_with_user)
    with Client(parse_address(server.url), credentials, world.surroundings) as web:
        assert web.get("/x").body == {"note": "PAY-1 *** Basic ***"}


def test_a_redirect_within_the_server_is_followed(server: WebServer, world: World) -> None:
    """Such as to the path below which the tool lives."""
    server.faults = [Answer(status=308, headers={"Location": "/jira/x"})]
    with client(server, world) as web:
        web.post("/x", {"a": 1})
    assert [(r.method, r.path, r.body) for r in server.requests] == [
        ("POST", "/x", {"a": 1}),
        ("POST", "/jira/x", {"a": 1}),
    ]


def test_redirects_in_a_circle_end(server: WebServer, world: World) -> None:
    """After five."""
    server.handler = lambda _request: Answer(status=302, headers={"Location": "/x"})
    assert "redirects without end" in refusal(server, world)


def test_a_large_answer_is_refused(server: WebServer, world: World) -> None:
    """While it is read, not after."""
    server.faults = [Answer(b" " * 5_000)]
    assert "more than 1,000 bytes" in refusal(server, world, response_bytes=1_000)


def test_a_slow_answer_is_given_up(server: WebServer, world: World) -> None:
    """One that lasts longer than the limit, although every part of it comes in time."""
    seconds = iter(range(0, 10_000, 400))
    world.tick = lambda: float(next(seconds))  # type: ignore[method-assign]
    assert "took too long to answer" in refusal(server, world)


def test_an_endless_list_is_refused(server: WebServer, world: World) -> None:
    """A pull may need so many requests and no more."""
    with client(server, world, requests=3) as web:
        for _ in range(3):
            web.get("/x")
        with pytest.raises(BadValue, match="has still more after 3 requests"):
            web.get("/x")
