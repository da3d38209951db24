"""The timer: crashes, races and a full disk neither lose an entry nor make one twice."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from itertools import accumulate, zip_longest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.local_state import LocalState

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.records import Entry
from tracker.local.timer import Timer

NINE = 1_781_074_800
"""2026-06-10 09:00 in Berlin."""
MINUTE = 60
DESIGN_ID, TESTING_ID = (
    "01a20917-19ee-7000-8000-00000000000a",
    "01b20917-19ee-7000-8000-00000000000b",
)
DESIGN = Timer(
    DESIGN_ID,
    "ada",
    "PAY-12",
    "design",
    NINE,
    "Europe/Berlin",
    assisted="yes",
    assistant="Spark Desk 3",
)
TESTING = Timer(TESTING_ID, "ada", "PAY-13", "testing", NINE + 40 * MINUTE, "Europe/Berlin")


def test_a_stopped_timer_is_one_entry_in_the_outbox(local_state: LocalState) -> None:
    """The record has all fields of an entry, with the timer's id, zone and local day."""
    assert local_state.timer.start(DESIGN, NINE) is None
    assert local_state.timer.running() == DESIGN
    record = local_state.timer.stop(NINE + 90 * MINUTE, NINE + 90 * MINUTE)
    assert local_state.records() == [record]
    entry = Entry(**{key: value for key, value in record.items() if key != "kind"})
    assert (entry.id, entry.seconds, entry.local_day, entry.basis) == (
        DESIGN_ID,
        5400,
        20614,
        "flag",
    )
    assert (entry.ended_epoch, entry.logged_epoch) == (NINE + 90 * MINUTE, NINE + 90 * MINUTE)
    assert local_state.timer.running() is None


def test_without_a_flag_assistance_is_unknown(local_state: LocalState) -> None:
    """Without --ai or --no-ai the entry is ``unknown`` and has no basis."""
    local_state.timer.start(TESTING, TESTING.started_epoch)
    entry = local_state.timer.stop(TESTING.started_epoch + MINUTE, TESTING.started_epoch + MINUTE)
    assert (entry["assisted"], entry["basis"]) == ("unknown", None)


def test_starting_a_timer_stops_the_running_one(local_state: LocalState) -> None:
    """The first timer ends when the second starts, and its entry is returned."""
    local_state.timer.start(DESIGN, NINE)
    entry = local_state.timer.start(TESTING, NINE + 50 * MINUTE)
    assert entry is not None
    assert (entry["id"], entry["seconds"]) == (DESIGN.id, 40 * MINUTE)
    assert local_state.timer.running() == TESTING
    assert len(local_state.records()) == 1


def test_a_pause_is_not_effort(local_state: LocalState) -> None:
    """Ten minutes of pause are stored as interruption."""
    local_state.timer.start(DESIGN, NINE)
    local_state.timer.pause(NINE + 20 * MINUTE)
    assert local_state.timer.running().paused_epoch == NINE + 20 * MINUTE
    local_state.timer.resume(NINE + 30 * MINUTE)
    entry = local_state.timer.stop(NINE + 60 * MINUTE, NINE + 60 * MINUTE)
    assert (entry["seconds"], entry["interruption_seconds"]) == (50 * MINUTE, 10 * MINUTE)


def test_stopping_a_paused_timer_ends_the_entry_at_the_pause(local_state: LocalState) -> None:
    """A timer that stays paused over night makes an entry that ends when the pause began."""
    local_state.timer.start(DESIGN, NINE)
    local_state.timer.pause(NINE + 20 * MINUTE)
    entry = local_state.timer.stop(NINE + 900 * MINUTE, NINE + 900 * MINUTE)
    assert (entry["seconds"], entry["ended_epoch"]) == (20 * MINUTE, NINE + 20 * MINUTE)


def test_stopping_at_an_earlier_time_excludes_later_work(local_state: LocalState) -> None:
    """`stop --at` before, in and after a pause counts only the work up to that time."""
    timer = DESIGN._replace(pauses=((NINE + 600, NINE + 1200), (NINE + 1800, NINE + 2400)))
    efforts = {
        minute: timer.entry(NINE + minute * 60, NINE + 9999)["seconds"] // 60
        for minute in (5, 15, 25, 30, 35, 45)
    }
    assert efforts == {5: 5, 15: 10, 25: 15, 30: 20, 35: 20, 45: 25}


@given(
    st.lists(st.integers(min_value=0, max_value=5000), max_size=9),
    st.integers(min_value=0, max_value=50_000),
)
def test_effort_is_the_time_outside_all_pauses(durations: list[int], elapsed: int) -> None:
    """For any pauses, the effort up to an instant is the number of seconds outside all of them."""
    changes = list(accumulate(durations, initial=NINE))[1:]  # pause, resume, pause, …
    pauses = tuple(zip_longest(changes[::2], changes[1::2]))
    timer = DESIGN._replace(pauses=pauses)
    work = zip([NINE, *changes[1::2]], [*changes[::2], NINE + 10**6], strict=False)
    until = NINE + elapsed
    expected = sum(max(0, min(end, until) - start) for start, end in work)
    entry = timer.entry(until, until)
    assert timer.seconds(until) == entry["seconds"] == expected
    assert entry["seconds"] + entry["interruption_seconds"] == entry["ended_epoch"] - NINE


@pytest.mark.parametrize("verb", ["stop", "pause", "resume", "cancel"])
def test_without_a_timer_there_is_nothing_to_do(local_state: LocalState, verb: str) -> None:
    """The message says how to start a timer."""
    call = getattr(local_state.timer, verb)
    with pytest.raises(NothingToDo, match="tracker start"):
        call(*{"stop": (NINE, NINE), "cancel": ()}.get(verb, (NINE,)))


def test_pausing_twice_or_resuming_twice_is_refused(local_state: LocalState) -> None:
    """The message says since when the timer is paused or runs."""
    local_state.timer.start(DESIGN, NINE)
    with pytest.raises(NothingToDo, match="runs since 2026-06-10 09:00"):
        local_state.timer.resume(NINE + 5)
    local_state.timer.pause(NINE + 600)
    with pytest.raises(NothingToDo, match="paused since 2026-06-10 09:10"):
        local_state.timer.pause(NINE + 900)


def test_times_in_the_future_or_before_the_start_are_refused(local_state: LocalState) -> None:
    """A refusal does not change the timer."""
    with pytest.raises(BadValue, match="that has passed"):
        local_state.timer.start(DESIGN, NINE - 1)
    local_state.timer.start(DESIGN, NINE)
    with pytest.raises(BadValue, match="that has passed"):
        local_state.timer.stop(NINE + 60, NINE + 120)
    with pytest.raises(BadValue, match="before its start at 2026-06-10 09:00"):
        local_state.timer.stop(NINE + 60, NINE - 60)
    with pytest.raises(BadValue, match="before its start"):
        local_state.timer.start(TESTING._replace(started_epoch=NINE - 60), NINE + 60)
    assert local_state.timer.running() == DESIGN
    assert local_state.records() == []


def test_a_clock_that_is_set_back_makes_no_negative_effort(local_state: LocalState) -> None:
    """A pause or its end is never stored before the previous event."""
    local_state.timer.start(DESIGN, NINE)
    local_state.timer.pause(NINE - 100)
    local_state.timer.resume(NINE - 200)
    entry = local_state.timer.stop(NINE + 60, NINE + 60)
    assert (entry["seconds"], entry["interruption_seconds"]) == (60, 0)


def test_an_estimate_is_stored_with_the_start_of_a_timer(local_state: LocalState) -> None:
    """`start --estimate` puts the estimate into the outbox and starts the timer."""
    estimate = {
        "kind": "estimate",
        "developer": "ada",
        "task": "PAY-12",
        "activity": "design",
        "estimate_minutes": 180.0,
    }
    local_state.timer.start(DESIGN, NINE, ("00e", estimate))
    assert local_state.records() == [estimate]
    assert local_state.timer.running() == DESIGN


def test_a_cancelled_timer_makes_no_entry_but_can_be_continued(local_state: LocalState) -> None:
    """After a mistaken `cancel`, `continue` starts the same timer again."""
    local_state.timer.start(DESIGN, NINE)
    assert local_state.timer.cancel() == DESIGN
    assert local_state.records() == []
    assert local_state.timer.last() == DESIGN


def test_only_a_stopped_timer_can_be_continued(local_state: LocalState) -> None:
    """There is none before the first timer was stopped."""
    with pytest.raises(NothingToDo, match="no timer was stopped"):
        local_state.timer.last()
    local_state.timer.start(DESIGN, NINE)
    with pytest.raises(NothingToDo, match="no timer was stopped"):
        local_state.timer.last()
    local_state.timer.stop(NINE + 60, NINE + 60)
    assert local_state.timer.last() == DESIGN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"id": "x"}',
        b'{"kind": "claim"}',
        b'{"kind": "entry"}',
        b'{"kind": "entry", "id": "../../evil"}',
        b'{"kind": "entry", "id": 5}',
        json.dumps(DESIGN._replace(id="../../evil")._asdict()).encode(),
        json.dumps(DESIGN._replace(task=["x"])._asdict()).encode(),
        json.dumps(DESIGN._replace(note=7)._asdict()).encode(),
        json.dumps(DESIGN._replace(assisted="perhaps")._asdict()).encode(),
        json.dumps(DESIGN._replace(zone="Mars/Base")._asdict()).encode(),
        json.dumps(DESIGN._replace(started_epoch="nine")._asdict()).encode(),
        json.dumps(DESIGN._replace(pauses=[1])._asdict()).encode(),
    ],
)
def test_a_damaged_timer_is_quarantined(local_state: LocalState, content: bytes) -> None:
    """One message names the new file, a new timer can start, and a second one is kept too."""
    for count in (1, 2):
        local_state.folder.mkdir(exist_ok=True)
        (local_state.folder / "timer.json").write_bytes(content)
        assert local_state.timer.running() is None
        assert len(local_state.messages) == count
        assert "\n" not in local_state.messages[-1]
    files = list(local_state.folder.glob("timer.json*.bad"))
    assert [file.read_bytes() for file in files] == [content, content]
    assert all(str(file) in " ".join(local_state.messages) for file in files)
    local_state.timer.start(DESIGN, NINE)
    assert local_state.timer.running() == DESIGN


def test_files_are_readable_by_their_owner_only(local_state: LocalState) -> None:
    """Other users of the machine cannot read a developer's log."""
    local_state.timer.start(DESIGN, NINE)
    local_state.timer.stop(NINE + 60, NINE + 60)
    local_state.timer.start(TESTING, NINE + 4000)
    files = [path for path in local_state.folder.rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert local_state.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("call", ["write", "fsync", "open"])
@pytest.mark.parametrize("verb", ["start", "switch", "stop", "pause", "cancel"])
def test_a_full_disk_loses_nothing(
    local_state: LocalState, monkeypatch: pytest.MonkeyPatch, verb: str, call: str
) -> None:
    """If nothing can be written the verb fails, the timer is unchanged, and no file is partial."""
    if verb != "start":
        local_state.timer.start(DESIGN, NINE)
    system_call = getattr(os, call)

    def fail(*arguments: object, **options: object) -> object:
        if call == "open" and not str(arguments[0]).endswith(".tmp"):
            return system_call(*arguments, **options)
        if call == "write":  # the disk becomes full in the middle of a file
            system_call(arguments[0], bytes(arguments[1])[:7])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    actions = {
        "start": lambda: local_state.timer.start(DESIGN, NINE),
        "switch": lambda: local_state.timer.start(TESTING, NINE + 9999),
        "stop": lambda: local_state.timer.stop(NINE + 60, NINE + 60),
        "pause": lambda: local_state.timer.pause(NINE + 60),
        "cancel": local_state.timer.cancel,
    }
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        if verb == "cancel" and call != "fsync":
            actions[verb]()  # it renames a file, which needs no space
        else:
            with pytest.raises(OSError, match="No space left"):
                actions[verb]()
    assert not list(local_state.folder.rglob("*.tmp"))
    assert local_state.messages == []
    assert local_state.records() == []
    assert local_state.timer.running() == (DESIGN if verb in ("switch", "stop", "pause") else None)


KILLED_PROCESS = """
import os, signal, sys
from tracker.local.outbox import Outbox
from tracker.local.timer import Timer
from tracker.local.timer_file import TimerFile
folder, verb, kill_at, moment = sys.argv[1:]
calls = 0
def kill_at_call(system_call):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == int(kill_at) and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = system_call(*arguments, **options)
        if calls == int(kill_at):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call
for name in ("write", "fsync", "replace", "open", "close", "unlink"):
    setattr(os, name, kill_at_call(getattr(os, name)))
timer_file = TimerFile(folder, Outbox(folder, print), print)
id_ = "01b20917-19ee-7000-8000-00000000000b"
timer = Timer(id_, "ada", "PAY-13", "testing", 1781077200, "Europe/Berlin")
now = 1781078400
{
    "stop": lambda: timer_file.stop(now, now),
    "start": lambda: timer_file.start(timer, now),
    "pause": lambda: timer_file.pause(now),
    "cancel": timer_file.cancel,
}[verb]()
"""


def killed_process(folder: Path, verb: str, kill_at: int, moment: str) -> subprocess.Popen[bytes]:
    """Run a verb in a new process that is killed before or after its n-th system call."""
    arguments = [str(folder), verb, str(kill_at), moment]
    return subprocess.Popen(
        [sys.executable, "-c", KILLED_PROCESS, *arguments], stderr=subprocess.DEVNULL
    )


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("verb", ["stop", "start", "pause", "cancel"])
def test_a_kill_at_any_moment_leaves_the_old_state_or_the_new(
    tmp_path: Path, verb: str, moment: str
) -> None:
    """kill -9 at any call that touches the disk: no damaged file, no loss, one entry at most."""
    for kill_at in range(1, 100):
        local_state = LocalState(tmp_path / str(kill_at))
        local_state.timer.start(DESIGN, NINE)
        exit_code = killed_process(local_state.folder, verb, kill_at, moment).wait()
        assert exit_code in (0, -signal.SIGKILL)
        timer = local_state.timer.running()
        ids = [record["id"] for record in local_state.records()]
        assert local_state.messages == []
        if verb == "pause":
            assert ids == []
            assert timer._replace(pauses=()) == DESIGN
        elif verb == "cancel":
            assert ids == []
            assert timer in (DESIGN, None)
        else:
            assert ids == ([] if timer == DESIGN else [DESIGN.id])
        if timer is not None:
            entry = local_state.timer.stop(NINE + 9999, NINE + 9999)
            assert [record["id"] for record in local_state.records()] == [*ids, entry["id"]]
        if exit_code == 0:
            break
    assert 4 < kill_at < 99


def test_a_timer_stopped_by_many_processes_is_one_entry(local_state: LocalState) -> None:
    """Of eight processes one stops the timer, and the others find none."""
    local_state.timer.start(DESIGN, NINE)
    processes = [killed_process(local_state.folder, "stop", 0, "never") for _ in range(8)]
    exit_codes = sorted(process.wait() for process in processes)
    assert exit_codes == [0] + [1] * 7
    assert [record["id"] for record in local_state.records()] == [DESIGN.id]


STARTING_PROCESS = """
import sys
from tracker.local.outbox import Outbox
from tracker.local.timer import Timer
from tracker.local.timer_file import TimerFile
folder, name = sys.argv[1:]
timer = Timer(name, "ada", name, "design", 1781074800, "Europe/Berlin")
TimerFile(folder, Outbox(folder, print), print).start(timer, 1781074800)
"""


def test_timers_started_by_many_processes_are_all_stored_once(local_state: LocalState) -> None:
    """Of eight timers seven become entries and one runs."""
    ids = [f"01a20917-19ee-7000-8000-{number:012}" for number in range(8)]
    processes = [
        subprocess.Popen([sys.executable, "-c", STARTING_PROCESS, str(local_state.folder), id_])
        for id_ in ids
    ]
    assert [process.wait() for process in processes] == [0] * 8
    timer = local_state.timer.running()
    assert sorted([timer.id, *(record["id"] for record in local_state.records())]) == ids


@pytest.mark.parametrize(
    "values",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "a/" * 5_000},
        {"zone": 5},
        {"started_epoch": 10**30},
        {"started_epoch": 2**62},
        {"started_epoch": "9" * 5_000},
        {"started_epoch": float("nan")},
        {"pauses": [[2**62, None]]},
        {"pauses": [[NINE, 10**400]]},
        {"pauses": "."},
        {"task": "a\x1b[2J"},
        {"task": "a\ud800"},
        {"note": "\ud800"},
        {"assisted": ["\x1b"]},
    ],
    ids=lambda values: next(iter(values)),
)
def test_an_absurd_timer_is_quarantined(local_state: LocalState, values: dict[str, object]) -> None:
    """No timer runs then, and the message names the file that it is kept in."""
    local_state.timer.start(DESIGN, NINE)
    path = local_state.folder / "timer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    assert local_state.timer.running() is None
    (message,) = local_state.messages
    assert "timer.json.bad" in message
    assert len(message) < 1_000
    local_state.timer.start(DESIGN, NINE)
    assert local_state.timer.running() == DESIGN
