"""The validity check of entries, work items and names: each rule at its boundary."""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.store_kit import DAY, NOW_EPOCH, entry

from tracker.domain import names, times
from tracker.domain.errors import BadValue
from tracker.domain.names import normalise_name
from tracker.domain.records import Entry, Rollout, Task, WorkItem
from tracker.domain.validation import (
    MAX_SECONDS,
    NAME_FIELDS,
    Fault,
    check_entry,
    check_texts,
    check_work_item,
    entry_fault,
    normalise_entry,
    normalise_record,
)

STARTED = entry(1).started_epoch
NOON = NOW_EPOCH  # 2026-03-01 12:00 UTC
DECOMPOSED = unicodedata.normalize("NFD", "Zoë")
COMPOSED = unicodedata.normalize("NFC", "Zoë")


def fault(**fields: Any) -> Fault | None:
    """The fault of an entry with these fields."""
    return entry_fault(entry(1, **fields), now_epoch=NOW_EPOCH)


def test_an_ordinary_entry_is_valid() -> None:
    """An entry with every field filled in has no fault."""
    full = entry(
        1,
        team="blue",
        assisted="yes",
        basis="flag",
        assistant="Spark 3",
        note="first line\nsecond\tline",
        tags="ui,api",
        source="jira",
        source_key="7",
        row_hash="0af3",
        interruption_seconds=60,
    )
    assert entry_fault(full, now_epoch=NOW_EPOCH) is None
    check_entry(full, now_epoch=NOW_EPOCH)


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"id": "seven"}, "id", "not a UUID"),
        ({"id": entry(0xAB).id.upper()}, "id", "not a UUID"),
        ({"id": None}, "id", "not a UUID"),
        ({"developer": ""}, "developer", "missing"),
        ({"task": "  "}, "task", "missing"),
        ({"activity": None}, "activity", "missing"),
        ({"zone": ""}, "zone", "missing"),
        ({"zone": "Europe/Berln"}, "zone", "did you mean Europe/Berlin"),
        ({"team": 7}, "team", "give a text"),
        ({"row_hash": 7}, "row_hash", "give a text"),
        ({"task": "a\x1b[31mb"}, "task", "a control character"),
        ({"task": "a\nb"}, "task", "a line break"),
        ({"tags": "a\nb"}, "tags", "a line break"),
        ({"note": "nul\0"}, "note", "a control character"),
        ({"task": "caf\udce9"}, "task", "U+DCE9"),
        ({"assistant": "a\u202eb"}, "assistant", "direction"),
        ({"assisted": "maybe"}, "assisted", "yes, no, unknown"),
        ({"assisted": None}, "assisted", "yes, no, unknown"),
        ({"basis": "hearsay"}, "basis", "flag, tag"),
        ({"started_epoch": 1.5}, "started_epoch", "whole number"),
        ({"logged_epoch": None}, "logged_epoch", "whole number"),
        ({"local_day": True}, "local_day", "whole number"),
        ({"ended_epoch": "noon"}, "ended_epoch", "whole number"),
        ({"seconds": 1.5}, "seconds", "whole number"),
        ({"seconds": True}, "seconds", "whole number"),
        ({"interruption_seconds": None}, "interruption_seconds", "whole number"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_fault(
    fields: dict[str, Any], field: str, reason: str
) -> None:
    """The fault names the field and says what to give."""
    result = fault(**fields)
    assert result is not None
    assert result.field == field
    assert reason in result.reason


@pytest.mark.parametrize("name", [*NAME_FIELDS, "tags", "note"])
def test_a_text_has_a_longest_length(name: str) -> None:
    """A name of the greatest length is valid, and one character more is a fault."""
    longest = names.LONGEST_NOTE if name in ("tags", "note") else names.LONGEST_NAME
    assert fault(**{name: "é" * longest}) is None
    result = fault(**{name: "é" * (longest + 1)})
    assert result is not None
    assert result.field == name
    assert f"at most {longest:,}" in result.reason


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("seconds", 0, MAX_SECONDS),
        ("interruption_seconds", 0, MAX_SECONDS),
        ("started_epoch", 0, STARTED + 1800),
        ("ended_epoch", STARTED, STARTED + MAX_SECONDS),
        ("local_day", 0, 10**6),
    ],
)
def test_a_number_has_bounds(name: str, lowest: int, highest: int) -> None:
    """The bounds themselves are valid, except that a start has to be within a year of the end."""
    inside = {"ended_epoch": None} if name == "started_epoch" else {}
    now = STARTED + MAX_SECONDS
    for value in (lowest, highest):
        assert entry_fault(entry(1, **(inside | {name: value})), now_epoch=now) is None
    assert entry_fault(entry(1, **(inside | {name: lowest - 1})), now_epoch=now) is not None
    if name not in ("started_epoch", "local_day"):
        above = entry(1, **{name: highest + 1})
        assert entry_fault(above, now_epoch=now + 10) is not None


@pytest.mark.parametrize(
    ("started", "ended", "result"),
    [
        (NOON - 60, NOON, None),
        (NOON - 60, NOON + 1, "ended_epoch"),
        (NOON, NOON, None),
        (NOON + 1, NOON + 1, "started_epoch"),
        (NOON + 1, None, None),
        (NOON + 12 * 3600 - 1, None, None),
        (NOON + 12 * 3600, None, "started_epoch"),
        (2**63, None, "started_epoch"),
        (2**63, 2**63, "started_epoch"),
    ],
)
def test_nothing_lies_in_the_future(started: int, ended: int | None, result: str | None) -> None:
    """Start and end may be the present second; a bare start may be any time of the current day."""
    reached = fault(started_epoch=started, ended_epoch=ended, local_day=started // DAY)
    assert (reached and reached.field) == result


def test_the_current_day_is_that_of_the_entrys_zone() -> None:
    """At 12:00 UTC it is the next day in Kiritimati, and its noon has come in UTC."""
    tomorrow = (NOON // DAY + 1) * DAY
    bare = {"started_epoch": tomorrow, "ended_epoch": None, "local_day": tomorrow // DAY}
    assert fault(zone="UTC", **bare) == Fault(
        "started_epoch", "it lies in the future; give a time that has passed"
    )
    assert fault(zone="Pacific/Kiritimati", **bare) is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seconds": -1}, "seconds is -1: it is negative; give 0 or more."),
        (
            {"ended_epoch": NOW_EPOCH + 1, "started_epoch": NOW_EPOCH, "zone": "Asia/Kolkata"},
            "ended_at is 2026-03-01T17:30:01+05:30: "
            "it lies in the future; give a time that has passed.",
        ),
        (
            {"started_epoch": 2**63, "ended_epoch": None},
            f"started_at is {2**63}: it lies in the future; give a time that has passed.",
        ),
        (
            {"task": "x" * 501},
            f"task is '{'x' * 60}'…: it has 501 characters; give at most 500.",
        ),
        ({"zone": "Mars"}, "zone is 'Mars': did you mean Europe/Paris?"),
        ({"ended_epoch": "noon"}, "ended_epoch is 'noon': give a whole number."),
    ],
)
def test_a_message_is_one_line_with_field_value_and_remedy(
    fields: dict[str, Any], message: str
) -> None:
    """Instants are printed as dates in the entry's zone; long values are cut."""
    with pytest.raises(BadValue) as caught:
        check_entry(entry(1, **fields), now_epoch=NOW_EPOCH)
    assert str(caught.value) == message


@given(
    started=st.integers(0, NOW_EPOCH),
    seconds=st.integers(0, MAX_SECONDS),
    task=st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=50),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
)
def test_whatever_is_possible_is_valid(started: int, seconds: int, task: str, zone: str) -> None:
    """Any past start, any effort up to a year and any printable name are accepted."""
    day = max(0, times.local_day(started, times.zone(zone)))
    possible = entry(
        1,
        started_epoch=started,
        ended_epoch=min(started + seconds, NOW_EPOCH),
        seconds=seconds,
        local_day=day,
        task=task,
        zone=zone,
    )
    assert entry_fault(possible, now_epoch=NOW_EPOCH) is None


@given(
    st.fixed_dictionaries(
        {
            field.name: st.none() | st.integers() | st.text(max_size=3) | st.floats()
            for field in dataclasses.fields(Entry)
        }
    )
)
def test_any_values_at_all_give_a_fault_in_one_line(values: dict[str, Any]) -> None:
    """Values of any type are reported, never a traceback."""
    with pytest.raises(BadValue) as caught:
        check_entry(Entry(**values), now_epoch=NOW_EPOCH)
    assert len(str(caught.value).splitlines()) == 1


# names in NFC


def test_names_are_stored_in_nfc() -> None:
    """Every identifying field is normalised; a note stays as it was typed."""
    typed = entry(1, **dict.fromkeys((*NAME_FIELDS, "note"), DECOMPOSED))
    stored = normalise_entry(typed)
    assert {getattr(stored, name) for name in NAME_FIELDS} == {COMPOSED}
    assert stored.note == DECOMPOSED
    assert normalise_entry(stored) == stored


def test_tasks_work_items_and_rollouts_are_normalised_too() -> None:
    """Task, project, developer, activity, assistant and team; a title stays as it was typed."""
    assert normalise_record(Task(DECOMPOSED, DECOMPOSED, DECOMPOSED)) == Task(
        COMPOSED, DECOMPOSED, COMPOSED
    )
    assert normalise_record(WorkItem(DECOMPOSED, DECOMPOSED, DECOMPOSED)) == WorkItem(
        COMPOSED, COMPOSED, COMPOSED
    )
    assert normalise_record(Rollout(DECOMPOSED, 1, team=DECOMPOSED)) == Rollout(
        COMPOSED, 1, team=COMPOSED
    )


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """Both spellings of a name give the same one."""
    assert normalise_name(normalise_name(text)) == normalise_name(text)
    assert normalise_name(unicodedata.normalize("NFD", text)) == normalise_name(text)


# work items and texts


def item(**fields: Any) -> WorkItem:
    """A work item with an estimate of an hour."""
    return WorkItem(
        **({"developer": "ann", "task": "T-1", "activity": "design"} | fields)  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"developer": None}, "developer is None: it is missing; fill it in."),
        ({"task": " "}, "task is ' ': it is missing; fill it in."),
        ({"activity": "a\tb"}, "a control character (U+0009)"),
        ({"estimate_minutes": 0}, "the estimate is 0 minutes: give more than 0, such as 45m."),
        ({"estimate_minutes": -5}, "give more than 0"),
        ({"estimate_ai_minutes": float("nan")}, "give more than 0"),
        ({"estimate_ai_minutes": float("inf")}, "give more than 0"),
        ({"estimate_minutes": "60"}, "give more than 0"),
        ({"estimated_epoch": "noon"}, "estimated_epoch is 'noon': give whole seconds since 1970."),
        ({"completed_epoch": 1.5}, "completed_epoch is 1.5"),
        ({"assigned": "both"}, "assigned is 'both': give one of baseline, assistance."),
    ],
)
def test_a_work_item_that_is_not_valid_is_refused(fields: dict[str, Any], message: str) -> None:
    """The message names the field, its value and what to do."""
    with pytest.raises(BadValue) as caught:
        check_work_item(item(**fields))
    assert message in str(caught.value)


def test_a_valid_work_item_passes() -> None:
    """With and without estimates, times and arm."""
    check_work_item(item())
    check_work_item(
        item(
            estimate_minutes=0.01,
            estimate_ai_minutes=45,
            estimated_epoch=1,
            completed_epoch=2,
            assigned="baseline",
            assigned_epoch=3,
        )
    )


def test_a_title_may_have_several_lines_and_a_task_may_not() -> None:
    """Texts that nobody compares may hold line breaks, but no other control characters."""
    check_texts(title="first\nsecond", project=None)
    with pytest.raises(BadValue, match="task is"):
        check_texts(task="first\nsecond")
    with pytest.raises(BadValue, match="title is"):
        check_texts(title="nul\0")
