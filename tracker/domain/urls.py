"""A database's URL as text: what it names, and how it is shown. No driver and no SQLAlchemy: the timer reads it too."""

from __future__ import annotations

import os
import re

from tracker.domain.errors import BadValue, StoreError

_SECRET = re.compile(r"([?&](?:ssl)?(?:password|key)=)[^&]*")
_POSTGRES_PORT = "5432"


def without_password(url: str) -> str:
    """The URL as it may be printed.

    From the first ``:`` of the user to the last ``@`` all is taken for the password: one that was not escaped too.
    """
    shown = _SECRET.sub(r"\1***", url)
    scheme, mark, rest = shown.partition("://")
    user, at, address = rest.rpartition("@")
    if "@" in url and not at:
        return f"{scheme}://***"  # a password that looks like a query
    name, colon, _ = user.partition(":")
    return f"{scheme}{mark}{name}{colon and ':***'}{at}{address}"


def check_address(url: str) -> None:
    """Refuse a URL of whose password a part would be taken for the host, and be told as one."""
    if "@" in url.partition("://")[2].partition("?")[0].rpartition("@")[0]:
        raise StoreError("the database URL has an @ in its password: write @ as %40 there.")


def check_password(url: str) -> None:
    """Refuse a password that may be read as a part of the address; the refusal does not print it."""
    user = url.partition("://")[2].rpartition("@")[0]
    _, _, password = user.partition(":")
    if "@" in user or "/" in password:
        raise BadValue("database_url has an @ or / in its password: write @ as %40 and / as %2F.")


def target(url: str) -> str:
    """What a URL names, without driver and credentials: a file's absolute path, or a server's host, port, database."""
    scheme, _, rest = url.partition("://")
    kind = scheme.partition("+")[0]
    place, _, query = rest.partition("?")
    if kind == "sqlite":
        return f"sqlite {os.path.realpath(place[1:])}"
    host, _, database = rest.rpartition("@")[2].partition("?")[0].partition("/")
    said = dict(pair.partition("=")[::2] for pair in query.split("&"))
    host, _, port = host.rpartition(":") if re.search(r":\d*$", host) else (host, "", "")
    host, port = host or said.get("host", ""), port or said.get("port", "") or _POSTGRES_PORT
    return f"{kind} {host.lower()} {port} {database or said.get('dbname', '')}"
