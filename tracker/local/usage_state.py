"""The state of `collect` between its runs, in ``state.json`` in the folder of the marks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from tracker.domain.usage_rule import Inference


class UsageState(NamedTuple):
    """The state on this machine."""

    runs: dict[str, int] = {}  # noqa: RUF012 - never changed
    """When each log was read last, by reader and home."""
    covered: frozenset[int] = frozenset()
    """The covered days of this machine."""
    covered_by_log: dict[str, frozenset[int]] = {}  # noqa: RUF012
    """The days that each log with prompts covers, by reader and home."""
    inferred: dict[str, Inference] = {}  # noqa: RUF012
    """Id of an entry → what this machine inferred for it."""
    dropped: tuple[str, ...] = ()
    """The marks of proposals that a person has decided upon."""
    retired: dict[str, int] = {}  # noqa: RUF012
    """The day of the last use of machines, and of assistants here, that are not used any more."""
    developer: str | None = None
    """The developer of the marks; None before the first run."""


def state_text(state: UsageState) -> str:
    """Return the content of the file."""
    content = {
        **state._asdict(),
        "covered": sorted(state.covered),
        "covered_by_log": {key: sorted(days) for key, days in state.covered_by_log.items()},
        "inferred": {id_: list(map(list, pair)) for id_, pair in state.inferred.items()},
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def state_of(content: Mapping[str, Any]) -> UsageState:
    """Return the state in a JSON object, without what is damaged."""
    inferred = _mapping(content.get("inferred"))
    return UsageState(
        _numbers(content.get("runs")),
        _days(content.get("covered")),
        {key: _days(days) for key, days in _mapping(content.get("covered_by_log")).items()},
        {id_: _inference(pair) for id_, pair in inferred.items() if _is_inference(pair)},
        tuple(event for event in _list(content.get("dropped")) if isinstance(event, str)),
        _numbers(content.get("retired")),
        content["developer"] if isinstance(content.get("developer"), str) else None,
    )


def _is_inference(pair: Any) -> bool:
    return len(_list(pair)) == 2 and all(len(_list(answer)) == 2 for answer in pair)


def _inference(pair: Any) -> Inference:
    answer, before = map(tuple, pair)
    return Inference(answer, before)


def _days(content: object) -> frozenset[int]:
    return frozenset(day for day in _list(content) if isinstance(day, int))


def _numbers(content: object) -> dict[str, int]:
    return {key: value for key, value in _mapping(content).items() if isinstance(value, int)}


def _mapping(content: object) -> dict[str, Any]:
    return content if isinstance(content, dict) else {}


def _list(content: object) -> list[Any]:
    return content if isinstance(content, list) else []
