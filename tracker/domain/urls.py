"""Database URLs as text: which database they name, and how to print them without passwords.

The timer's commands load this module, so it uses neither a driver nor SQLAlchemy.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tracker.domain.errors import BadValue, StoreError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_AFTER_USER = r"(?s)(?<=://)([^:]*):.*(?=@)"
"""User and password up to the last @, because an unescaped password may hold any character."""
_AFTER_USER_IN_TEXT = r"(?s)(\w:/{1,2}[^\s:/?#]*):(?!\*\*\*@).+(?=@)"
"""The same in a text that holds a URL, also one with a slash less, as the path of a file has it.

``:***@`` is a password that is masked already.
"""
_AFTER_USER_WITHOUT_HOST = (
    r"(\w:/{1,2}[^\s:/?#@\[]*):(?!\*\*\*)(?![0-9]{1,5}[:.;)]{0,2}(?![^\s/?,'\"]))[^\s/?#@]+(?!\S*@)"
)
"""What follows a colon and is no port, where no @ follows it."""
_SECRETS = "password|passwd|passphrase|pwd|sslkey"
"""The ends of the names of secrets."""
_SECRET_PARAMETER = rf"(?i)([?&][^\s=&?]*(?:{_SECRETS})=)[^\s&]+"
_ENCODED_LETTER = r"%([46][1-9a-f]|[57][0-9a])"
"""A percent-encoded letter, with which the name of a parameter could be disguised."""
_SECRET_ASSIGNMENT = (
    rf"(?is)((?:{_SECRETS})(?:\s*(?:=|%3D)\s*|\\*['\"]\s*:\s*))(?!\*\*\*)"
    r"(?:\\['\"].*"  # a quoted value in a text that was quoted again: its end is unclear
    r"|'(?:\\+.|[^'\\])*'?"
    r'|"(?:\\+.|[^"\\])*"?'
    r"|(?:\\+.|\S)+)"
)
"""A keyword of libpq, an environment variable, or a key of a mapping, with its value."""
_CREDENTIALS = r"(?<=://)[^:/@]*(?::[^@]*(?:@[^?@]*)*)?(?=@)"
"""User and password as SQLAlchemy delimits them; a further @ before the query belongs to them."""
_SQLITE = r"sqlite(?:\+\w+)?:///"
_QUERY = r"\?\w+=[^/?&]*(?:&\w+=[^/?&]*)*$"
"""The query of a URL; another question mark belongs to a file's name."""
_POSTGRES_PORT = "5432"


def without_password(url: str) -> str:
    """Return the URL with every password replaced by ``***``, escaped or not."""
    text = _mask_parameters(url)
    if "@" in url:
        scheme = re.match(r"[\w+.-]+://", url)
        if not (scheme and "@" in text):
            return f"{scheme[0] if scheme else ''}***"  # where the password is, is unclear
        text = re.sub(_AFTER_USER, r"\1:***", text)
    return mask_passwords(text)


def mask_passwords(text: str) -> str:
    """Return any text with the passwords in it replaced by ``***``.

    It recognises URLs, whatever stands around them, and ``password=…`` as in libpq's connection
    strings. Where the end of a password is unclear, more than the password is replaced.
    """
    # A pattern is compiled where the text has what it looks for: most messages have nothing.
    if ":/" in text:
        text = _mask_parameters(text)
        if "@" in text:
            text = re.sub(_AFTER_USER_IN_TEXT, r"\1:***", text)
        if text.count(":") > 1:
            text = re.sub(_AFTER_USER_WITHOUT_HOST, r"\1:***", text)
    folded = text.casefold()
    may_assign = any(mark in text for mark in ("=", ":", "%3")) and any(
        name in folded for name in _SECRETS.split("|")
    )
    return re.sub(_SECRET_ASSIGNMENT, r"\1***", text) if may_assign else text


def _mask_parameters(text: str) -> str:
    """Return a text with the values of a query's secret parameters replaced."""
    if "?" not in text and "&" not in text:
        return text
    masked = re.sub(_SECRET_PARAMETER, r"\1***", text)
    if "%" not in masked:
        return masked
    decoded = re.sub(_ENCODED_LETTER, lambda match: chr(int(match[1], 16)), masked, flags=re.I)
    is_disguised = re.search(rf"{_SECRET_PARAMETER}(?<!=\*\*\*)", decoded)
    return re.sub(_SECRET_PARAMETER, r"\1***", decoded) if is_disguised else masked


def check_address(url: str) -> None:
    """Check that no part of the password would be read, and printed, as the host.

    Raises:
        StoreError: There is more than one @ before the query.

    """
    if url.split("?")[0].count("@") > 1:
        raise StoreError("the database URL has an @ in its password: write @ as %40 there.")


def check_password(url: str) -> None:
    """Check that no part of the password could be read as a part of the address.

    Raises:
        BadValue: The password holds an unescaped @ or /. The message does not repeat it.

    """
    credentials = re.search(_CREDENTIALS, url)
    if credentials and ("/" in credentials[0] or url.count("@") > 1):
        raise BadValue("database_url has an @ or / in its password: write @ as %40 and / as %2F.")


def sqlite_url(path: str) -> str:
    """Return the URL of a SQLite file, whatever characters its path has."""
    for character in "%?#":
        path = path.replace(character, f"%{ord(character):02X}")
    return f"sqlite:///{path}"


def sqlite_path(url: str) -> str | None:
    """Return the path that a URL of a SQLite file names; None for another URL.

    A URL is percent-encoded, but people type paths: a text that names a file as it is, or a new
    file in a folder that exists only as it is, is taken as it is.
    """
    path = url.removeprefix("sqlite:///")
    if path == url:
        match = re.match(_SQLITE, url) if url.startswith("sqlite+") else None
        if match is None:
            return None
        path = url[match.end() :]
    if "%" not in path and "?" not in path:
        return path
    from urllib.parse import unquote  # late: few paths need it

    decoded = unquote(re.sub(_QUERY, "", path), errors="surrogateescape")
    is_literal = os.path.exists(path) or (
        not os.path.exists(decoded)
        and os.path.isdir(os.path.dirname(path))
        and not os.path.isdir(os.path.dirname(decoded))
    )
    return path if is_literal else decoded


def database_identity(url: str) -> str:
    """Return the location in a URL, without driver and credentials, to compare URLs.

    The result holds the absolute path of a SQLite file, or host, port and database of a server.
    """
    if (path := sqlite_path(url)) is not None:
        return f"sqlite {os.path.realpath(path)}"
    try:
        parts = _split(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # an invalid host or port, which opening the database reports
        return without_password(url)
    dialect = parts.scheme.split("+")[0]
    parameters = dict(re.findall("([^&=]+)=([^&]*)", parts.query))
    host = f"[{host}]" if ":" in host else host or parameters.get("host", "").lower()
    database = parts.path[1:] or parameters.get("dbname", "")
    return f"{dialect} {host} {port or parameters.get('port') or _POSTGRES_PORT} {database}"


def _split(url: str) -> SplitResult:
    """Split a URL into its parts, with the credentials percent-encoded first if they were not."""
    from urllib.parse import quote, urlsplit  # late: few of the timer's commands need it

    encoded = re.sub(_CREDENTIALS, lambda match: quote(match[0], safe=":"), url, count=1)
    return urlsplit(encoded, allow_fragments=False)
