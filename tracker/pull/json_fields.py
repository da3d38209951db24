"""Access to the fields of an answer, which may be of any shape."""

from __future__ import annotations

from typing import Any

from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.pull.client import Client


def objects(client: Client, value: Any, what: str) -> list[dict[str, Any]]:
    """Return a list of objects.

    Args:
        client: The client, for its address.
        value: The value, which should be such a list.
        what: What the list holds, for the message.

    Raises:
        BadValue: It is something else.
    """
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadValue(
            f"{client.address.origin} answered with {quote(value)} in place of {what}: check that "
            "URL is the address of that tool. Nothing was kept."
        )
    return value


def at(value: Any, *path: str) -> Any:
    """Return the value at a path of keys; None where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def key_of(client: Client, item: dict[str, Any], field: str = "id") -> str:
    """Return the id of an object as a text.

    Raises:
        BadValue: It has none.
    """
    value = item.get(field)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise BadValue(
            f"{client.address.origin} gave an item without {field} ({quote(item)}): it is not the "
            "tool's documented interface. Nothing was kept."
        )
    return str(value)
