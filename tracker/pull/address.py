"""The address of a server, and what authorises a pull there."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are reached without leaving the machine, so that they need no https."""

_SHORTEST_SECRET = 8
"""Characters."""
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address: scheme, host, port, and the path that its interface is below."""

    origin: str
    """Such as ``https://jira.example.org:8443``, in lower case and without a default port."""
    path: str
    """Without a slash at its end; "" for the root."""

    @property
    def url(self) -> str:
        """The address as a URL."""
        return self.origin + self.path

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.origin).hostname in LOCAL_HOSTS

    @property
    def name(self) -> str:
        """The address without its scheme, as messages and the list of imports show it."""
        return self.url.partition("://")[2]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The headers that authorise a request, and what to check where they are refused."""

    headers: Mapping[str, str] = field(repr=False)
    advice: str
    """The variables of the environment that they come from."""
    secret: str = field(repr=False)
    """The token, so that no message repeats it."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token, and the word of a header that holds it, if they are long enough to be one.

        A shorter word could stand in an answer by chance.
        """
        authorization = self.headers.get("Authorization", "").rpartition(" ")[2]
        words = dict.fromkeys((self.secret, authorization))
        return tuple(word for word in words if len(word) >= _SHORTEST_SECRET)


Scheme = Callable[[str, str | None], dict[str, str]]
"""Token and user name → headers."""


def parse_address(text: str) -> Address:
    """Return the address that a text names.

    Raises:
        BadValue: It is not a web address, is not encrypted, or holds a user name, a password, a
            query or a fragment. The message does not repeat what may be a secret.
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadValue(
            "URL is not a web address: give one such as https://jira.example.org."
        ) from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise BadValue(
            "URL holds more than an address (a user name, a password, a query or a fragment): "
            "give the address alone; tokens belong in the environment."
        )
    if parts.scheme not in _PORTS or not host or not _is_plain(text):
        raise BadValue(
            f"URL is {quote(text)}: give a web address such as https://jira.example.org."
        )
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        raise BadValue(f"URL is {quote(text)}: a token is sent over https only; write https://.")
    return Address(_origin(parts, host, port), parts.path.rstrip("/"))


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def origin_of(url: str) -> str | None:
    """Return the origin of an absolute URL; None where it has none."""
    try:
        parts = urlsplit(url)
        return _origin(parts, parts.hostname, parts.port) if parts.hostname else None
    except ValueError:
        return None


def _origin(parts: SplitResult, host: str, port: int | None) -> str:
    shown_host = f"[{host}]" if ":" in host else host
    is_default = port in (None, _PORTS.get(parts.scheme))
    return f"{parts.scheme}://{shown_host}" + ("" if is_default else f":{port}")


def read_credentials(environ: Mapping[str, str], kind: str, scheme: Scheme) -> Credentials:
    """Return the credentials of a pull from the environment.

    Args:
        environ: The environment.
        kind: The kind of server; its variables are ``TRACKER_KIND_TOKEN`` and, where the server
            wants a user name too, ``TRACKER_KIND_USER``.
        scheme: How the server wants to be given them.

    Raises:
        BadValue: There is no token, or a value holds what no header may hold.
    """
    token_name, user_name = f"TRACKER_{kind.upper()}_TOKEN", f"TRACKER_{kind.upper()}_USER"
    token, user = environ.get(token_name, "").strip(), environ.get(user_name, "").strip()
    if not token:
        raise BadValue(f"{token_name} is not set: put the token of your {kind} account there.")
    for name, value in ((token_name, token), (user_name, user)):
        if not (value.isascii() and value.isprintable()):
            raise BadValue(f"{name} holds a character that it cannot have: copy it again.")
    advice = f"{token_name} and {user_name}" if user else token_name
    return Credentials(scheme(token, user or None), advice, token)


def bearer(token: str, user: str | None) -> dict[str, str]:  # noqa: ARG001 - a Scheme
    """Return the header of a bearer token."""
    return {"Authorization": f"Bearer {token}"}


def basic_with_user(token: str, user: str | None) -> dict[str, str]:
    """Return the header of a user name with a token; of a bearer token where there is no user."""
    return bearer(token, user) if user is None else _basic(user, token)


def basic_of_toggl(token: str, user: str | None) -> dict[str, str]:  # noqa: ARG001 - a Scheme
    """Return Toggl's header: the token is the user name, and the password is a fixed word."""
    return _basic(token, "api_token")


def kimai_headers(token: str, user: str | None) -> dict[str, str]:
    """Return Kimai's headers: a bearer token, or with a user name the older pair of headers."""
    return bearer(token, user) if user is None else {"X-AUTH-USER": user, "X-AUTH-TOKEN": token}


def _basic(user: str, password: str) -> dict[str, str]:
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}
