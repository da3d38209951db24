"""The tools that can be pulled from, each loaded when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.domain.errors import BadValue
from tracker.pull import gitlab, jira, kimai, toggl
from tracker.pull.address import (
    Address,
    Scheme,
    basic_of_toggl,
    basic_with_user,
    bearer,
    kimai_headers,
    read_credentials,
)
from tracker.pull.client import Client, Limits, Surroundings
from tracker.pull.spool import Spool

Items = Iterator[tuple[str, Mapping[str, Any] | None]]
"""Items of the tool's JSON, each with its key; None for one that was deleted."""

Fetch = Callable[[Client, datetime | None, datetime], Items]
"""Client, the instant since which, and the clock → the items."""


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of server."""

    prepare: Callable[[Address], tuple[Address, Fetch]]
    """Address as typed → the address of the interface, and what fetches from it."""
    scheme: Scheme
    overlap: timedelta
    """How much earlier than the last pull the next one begins: clocks differ, and some tools say
    only when the work was done, not when it was written down.
    """


def _prepare_gitlab(address: Address) -> tuple[Address, Fetch]:
    server, path = gitlab.split_address(address)
    return server, lambda client, since, _now: gitlab.fetch_path(client, path, since)


def _prepare_toggl(address: Address) -> tuple[Address, Fetch]:
    server, workspace = toggl.split_address(address)
    if workspace is None:
        return server, toggl.fetch_own
    return server, lambda client, since, now: toggl.fetch_workspace(client, workspace, since, now)


SERVICES = {
    "jira": Service(lambda address: (address, jira.fetch), basic_with_user, timedelta(days=1)),
    "gitlab": Service(_prepare_gitlab, bearer, timedelta(days=31)),
    "toggl": Service(_prepare_toggl, basic_of_toggl, timedelta(days=31)),
    "kimai": Service(lambda address: (address, kimai.fetch), kimai_headers, timedelta(days=1)),
}
"""Every kind of server, by its name in ``tracker pull``, which is its source's name too."""


@dataclass(frozen=True, slots=True)
class Request:
    """A pull: from where, what, and since when."""

    kind: str
    address: Address
    """As typed, which is how the list of imports names the pull."""
    since: datetime | None


def fetch_to(
    spool: Spool,
    request: Request,
    environ: Mapping[str, str],
    surroundings: Surroundings,
    limits: Limits = Limits(),  # noqa: B008 - immutable
) -> None:
    """Fetch everything that was asked for.

    Args:
        spool: Where the items go.
        request: What to fetch.
        environ: The environment, which holds the token.
        surroundings: Clock, sleep and messages.
        limits: How long and how much.

    Raises:
        BadValue: There is no token; the server refuses, fails for good, or gives something else.
        NotFound: The server has no such path.
    """
    service = SERVICES[request.kind]
    credentials = read_credentials(environ, request.kind, service.scheme)
    address, fetch = service.prepare(request.address)
    now = surroundings.clock()
    if request.since is not None and request.since > now:
        raise BadValue(
            f"--since is {request.since:%Y-%m-%d}: it is in the future; give a day that has passed."
        )
    with Client(address, credentials, surroundings, limits) as client:
        for key, item in fetch(client, request.since, now):
            spool.add(key, item)
