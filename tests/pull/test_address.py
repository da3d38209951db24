"""Addresses that a token may be sent to, and tokens."""

from __future__ import annotations

import pytest

from tracker.domain.errors import BadValue
from tracker.pull.address import (
    Address,
    basic_of_toggl,
    basic_with_user,
    bearer,
    kimai_headers,
    origin_of,
    parse_address,
    read_credentials,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://Jira.Example.org/", Address("https://jira.example.org", "")),
        ("https://jira.example.org:443/jira/", Address("https://jira.example.org", "/jira")),
        (" https://e.org:8443/a/b", Address("https://e.org:8443", "/a/b")),
        ("http://localhost:80", Address("http://localhost", "")),
        ("http://[::1]:8080/x", Address("http://[::1]:8080", "/x")),
    ],
)
def test_an_address_is_parsed(text: str, address: Address) -> None:
    """In one form, whatever way it is written."""
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("jira.example.org", "ftp://e.org", "https://", "https:///x", "", "https://e.org:x"),
        *("https://e.org:99999", "https://[::1", "file:///etc/passwd", "https://e\u0301.org"),
        *("http://jira.example.org", "http://127.0.0.2", "http://localhost.evil.org"),
        *("https://me:s3cret@e.org", "https://s3cret@e.org", "https://e.org?token=s3cret"),
        *("https://e.org/#s3cret", "https://e.org/\n"[:-1] + "\x1b"),
    ],
)
def test_what_a_token_may_not_be_sent_to_is_refused(text: str) -> None:
    """No encryption, no host, or a secret in the address, which the message does not repeat."""
    with pytest.raises(BadValue) as error:
        parse_address(text)
    assert "s3cret" not in str(error.value)
    assert "\x1b" not in str(error.value)


@pytest.mark.parametrize("url", ["", "x:", "/path", "http://[", "mailto:a@b"])
def test_what_has_no_origin(url: str) -> None:
    """A relative or broken URL has none."""
    assert origin_of(url) is None


def test_credentials_come_from_the_environment() -> None:
    """As each tool wants them; they are not in the object's text."""
    environ = {"TRACKER_JIRA_TOKEN": " s3cret\n", "TRACKER_JIRA_USER": "ada@example.org"}
    credentials = read_credentials(environ, "jira", basic_with_user)
    assert credentials.headers == {"Authorization": "Basic YWRhQGV4YW1wbGUub3JnOnMzY3JldA=="}
    assert credentials.advice == "TRACKER_JIRA_TOKEN and TRACKER_JIRA_USER"
    assert "s3cret" not in repr(credentials)
    assert basic_with_user("t", None) == bearer("t", None) == {"Authorization": "Bearer t"}
    assert basic_of_toggl("t", None) == {"Authorization": "Basic dDphcGlfdG9rZW4="}
    assert kimai_headers("t", "ada") == {"X-AUTH-USER": "ada", "X-AUTH-TOKEN": "t"}


@pytest.mark.parametrize("token", ["", "  ", "s3cr\net", "s3crét", "s3cret\x00"])
def test_a_token_that_cannot_be_sent_is_refused(token: str) -> None:
    """By the name of its variable."""
    with pytest.raises(BadValue, match="TRACKER_KIMAI_TOKEN") as error:
        read_credentials({"TRACKER_KIMAI_TOKEN": token}, "kimai", bearer)
    assert "s3cr" not in str(error.value)
