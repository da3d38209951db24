"""A web client for pulls: patient with a busy server, and short with a wrong one.

It repeats a request that failed for a passing reason, waits as long as the server asks, follows no
redirect to another server, and refuses what is not JSON or has no end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpx

from tracker import __version__
from tracker.domain.errors import BadValue, NotFound
from tracker.domain.printing import printable, quote
from tracker.pull.address import Address, Credentials, origin_of

_PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_MAX_DIGITS = 10
"""Digits of a number of seconds; a number with as many is centuries."""
_MAX_REASON = 200
"""Characters of a server's own message that an error repeats."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much a pull accepts."""

    attempts: int = 5
    """How often a request is sent before it is given up."""
    first_wait_seconds: float = 1.0
    """The wait before the second attempt; each further one is twice as long."""
    longest_wait_seconds: float = 300.0
    """The longest wait that a server may ask for."""
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    """How long the server may be silent."""
    response_seconds: float = 300.0
    """How long one answer may take in all."""
    response_bytes: int = 64 * 1024 * 1024
    requests: int = 20_000
    """How many requests a pull may need."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the server."""

    body: Any
    """The JSON."""
    headers: Mapping[str, str]
    """With names in lower case."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The clock, the waiting and the messages of a client, which tests replace."""

    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    notify: Callable[[str], None]
    """Tells the user why nothing seems to happen."""


class _Passing(Exception):
    """A request failed for a reason that may pass."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_seconds = wait_seconds


class Client:
    """The connection of one pull to its server. It is a context manager."""

    def __init__(
        self,
        address: Address,
        credentials: Credentials,
        surroundings: Surroundings,
        limits: Limits = Limits(),
    ) -> None:
        self.address = address
        self._credentials = credentials
        self._surroundings = surroundings
        self._limits = limits
        self._requests = 0
        self._http = httpx.Client(
            headers={
                "Accept": "application/json",
                "User-Agent": f"tracker/{__version__}",
                **credentials.headers,
            },
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
            follow_redirects=False,
            # A proxy of the environment is not on this machine.
            trust_env=not address.is_local,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **parameters: str | int) -> Page:
        """Return the answer to a GET request for a path below the address."""
        return self._send("GET", self.address.url + path, parameters, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Page:
        """Return the answer to a POST request, which must change nothing on the server."""
        return self._send("POST", self.address.url + path, {}, body)

    def notify(self, message: str) -> None:
        """Show the user a message about the pull."""
        self._surroundings.notify(message)

    def status_of(self, method: str, path: str, body: Mapping[str, Any]) -> int | Page:
        """Return the answer to a request, or 404, 405 or 410 where the server has no such path."""
        try:
            return self._send(method, self.address.url + path, {}, body)
        except _NoSuchPath as error:
            return error.status

    def _send(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str | int],
        body: Mapping[str, Any] | None,
    ) -> Page:
        """Send a request until it is answered, at most as often as the limits allow.

        Raises:
            BadValue: The server refuses, does not answer, or answers with something else.
            NotFound: The server has no such path.
        """
        limits = self._limits
        for attempt in range(limits.attempts):
            self._requests += 1
            if self._requests > limits.requests:
                raise BadValue(
                    f"{self.address.origin} has still more after {limits.requests:,} requests: "
                    "give a later --since, and pull the rest in parts. Nothing was kept."
                )
            try:
                return self._attempt(method, url, parameters, body)
            except _Passing as failure:
                if attempt + 1 == limits.attempts:
                    raise BadValue(
                        f"{self.address.origin} {failure.reason}, {limits.attempts} times: "
                        "try again later. Nothing was kept."
                    ) from None
                self._wait(failure, attempt)
        raise AssertionError  # not reached: the last attempt returns or raises

    def _wait(self, failure: _Passing, attempt: int) -> None:
        seconds = failure.wait_seconds
        if seconds is None:
            seconds = self._limits.first_wait_seconds * 2**attempt
        elif seconds > self._limits.longest_wait_seconds:
            raise BadValue(
                f"{self.address.origin} {failure.reason} and asks to wait {seconds:,.0f} seconds: "
                "try again then. Nothing was kept."
            )
        self._surroundings.notify(
            f"{self.address.origin} {failure.reason}: trying again in {seconds:,.0f} s."
        )
        self._surroundings.sleep(seconds)

    def _attempt(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str | int],
        body: Mapping[str, Any] | None,
    ) -> Page:
        """Send a request once, following redirects within the server."""
        query: Mapping[str, str | int] | None = parameters or None
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._exchange(method, url, query, body)
            if answer.status not in _REDIRECTS:
                return self._page(answer)
            url, query = self._redirected(url, answer.headers), None
            if answer.status == httpx.codes.SEE_OTHER:
                method, body = "GET", None
        raise BadValue(f"{self.address.origin} redirects without end: check URL.")

    def _exchange(
        self,
        method: str,
        url: str,
        query: Mapping[str, str | int] | None,
        body: Mapping[str, Any] | None,
    ) -> _Answer:
        """Send a request and read the answer to its end.

        Raises:
            _Passing: The connection failed.
            BadValue: The answer is too large.
        """
        try:
            with self._http.stream(method, url, params=query, json=body) as response:
                content = self._read(response)
                return _Answer(response.status_code, response.headers, content)
        except httpx.TimeoutException:
            raise _Passing("does not answer") from None
        except httpx.ConnectError as error:
            raise _Passing(f"cannot be reached ({printable(str(error))})") from None
        except httpx.TransportError:
            raise _Passing("broke off the connection") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise BadValue(f"{self.address.origin} gave an answer that is not HTTP.") from None

    def _read(self, response: httpx.Response) -> bytes:
        started = self._surroundings.monotonic()
        content = bytearray()
        for block in response.iter_bytes():
            content += block
            if len(content) > self._limits.response_bytes:
                raise BadValue(
                    f"{self.address.origin} gave an answer of more than "
                    f"{self._limits.response_bytes:,} bytes: check URL. Nothing was kept."
                )
            if self._surroundings.monotonic() - started > self._limits.response_seconds:
                raise _Passing("took too long to answer")
        return self._without_secrets(bytes(content))

    def _without_secrets(self, content: bytes) -> bytes:
        """Return an answer without the token, which a server may repeat in any place of it."""
        for secret in self._credentials.secrets:
            content = content.replace(secret.encode(), b"***")
        return content

    def _masked(self, text: str) -> str:
        """Return a text of the server's without the token, in lower or upper case."""
        return re.sub(re.escape(self._credentials.secret), "***", text, flags=re.IGNORECASE)

    def _redirected(self, url: str, headers: Mapping[str, str]) -> str:
        """Return the target of a redirect.

        Raises:
            BadValue: It leads to another server, which must not be given the token.
        """
        target = urljoin(url, headers.get("location", ""))
        origin = origin_of(target)
        if origin != self.address.origin:
            raise BadValue(
                f"{self.address.origin} redirects to {self._masked(quote(origin or 'nowhere'))}: "
                "the token is not sent there. Give that address as URL if it is yours."
            )
        return target

    def _page(self, answer: _Answer) -> Page:
        """Return the JSON of an answer.

        Raises:
            _Passing: The server is busy or failed.
            BadValue: The server refuses, or the answer is not JSON.
            NotFound: The server has no such path.
        """
        if answer.status in _PASSING_STATUSES:
            wait_seconds = _retry_after(answer.headers, self._surroundings.clock())
            raise _Passing(_PHRASES.get(answer.status, f"failed ({answer.status})"), wait_seconds)
        if not httpx.codes.is_success(answer.status):
            raise self._refusal(answer)
        try:
            body = json.loads(answer.content)
        except (ValueError, RecursionError):
            what = "a web page" if answer.content.lstrip()[:1] == b"<" else "no JSON"
            raise BadValue(
                f"{self.address.origin} answered with {what}: check that URL is the address of the "
                f"tool's interface, and {self._credentials.advice}. Nothing was kept."
            ) from None
        return Page(body, answer.headers)

    def _refusal(self, answer: _Answer) -> BadValue | NotFound:
        """Return the error that says what to do about a refused request."""
        origin, advice, status = self.address.origin, self._credentials.advice, answer.status
        reason = self._reason(answer.content)
        if status == httpx.codes.UNAUTHORIZED:
            return BadValue(f"{origin} does not accept the token (401): check {advice}.{reason}")
        if status == httpx.codes.FORBIDDEN:
            return BadValue(
                f"{origin} forbids this (403): give the token in {advice} the right to read the "
                f"time log.{reason}"
            )
        if status == httpx.codes.PAYMENT_REQUIRED:
            wait = answer.headers.get("x-toggl-quota-resets-in", "")
            is_usable = wait.isdecimal() and len(wait) < _MAX_DIGITS
            when = f" in {int(wait):,} seconds" if is_usable else " later"
            return BadValue(f"{origin} allows no more requests (402): try again{when}.{reason}")
        if status in _MISSING:
            return _NoSuchPath(origin, status, reason)
        return BadValue(f"{origin} refused the request ({status}): nothing was kept.{reason}")

    def _reason(self, content: bytes) -> str:
        """Return the server's own message, without the token; "" where it gave none."""
        texts = list(_messages(content))
        if not texts:
            return ""
        text = self._masked(printable(" ".join(texts)))
        return f" It says: {text[:_MAX_REASON]}{'…' if len(text) > _MAX_REASON else ''}"


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


class _NoSuchPath(NotFound):
    """The server has no such path."""

    def __init__(self, origin: str, status: int, reason: str) -> None:
        super().__init__(f"{origin} has no such interface ({status}): check URL.{reason}")
        self.status = status


_MISSING = frozenset({404, 405, 410})
_PHRASES = {429: "is asked too often (429)", 503: "is not available (503)"}


def _messages(content: bytes) -> Iterator[str]:
    """Yield the messages in an error's JSON, as Jira, GitLab, Kimai and Toggl write them."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(body, str):
        yield body
    if isinstance(body, dict):
        listed = body.get("errorMessages")
        yield from (
            (text for text in listed if isinstance(text, str)) if isinstance(listed, list) else ()
        )
        yield from (
            body[key]
            for key in ("message", "error", "error_description")
            if isinstance(body.get(key), str)
        )


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the header Retry-After asks for, given as seconds or as a date."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text) if len(text) < _MAX_DIGITS else float("inf")
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return max((instant - now).total_seconds(), 0.0)
