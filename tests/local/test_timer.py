"""The running timer and the outbox: nothing is lost, nothing is made twice, by crashes, races or a full disk."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.records import ACTIVITIES, Entry
from tracker.local.activity_cache import ActivityCache
from tracker.local.outbox import Outbox
from tracker.local.record_files import Record
from tracker.local.timer import Timer, TimerFile

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


class Desk:
    """A developer's folder, as the command line puts it together, and what was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.outbox = Outbox(str(folder), self.told.append)
        self.timer = TimerFile(str(folder), self.outbox, self.told.append)

    def records(self) -> list[Record]:
        return [record for _, record in self.outbox.pending()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def test_a_stopped_timer_is_one_entry_in_the_outbox(desk: Desk) -> None:
    """Start, stop: the record has every field of an entry, with the timer's id, zone and local day."""
    assert desk.timer.start(DESIGN, NINE) is None
    assert desk.timer.running() == DESIGN
    made = desk.timer.stop(NINE + 90 * MINUTE, NINE + 90 * MINUTE)
    assert desk.records() == [made]
    entry = Entry(**{key: value for key, value in made.items() if key != "kind"})
    assert (entry.id, entry.seconds, entry.local_day, entry.basis) == (
        DESIGN_ID,
        5400,
        20614,
        "flag",
    )
    assert (entry.ended_epoch, entry.logged_epoch) == (NINE + 90 * MINUTE, NINE + 90 * MINUTE)
    assert desk.timer.running() is None


def test_no_sign_of_assistance_is_unknown(desk: Desk) -> None:
    """Without --ai or --no-ai the entry says unknown, and rests on nothing."""
    desk.timer.start(TESTING, TESTING.started_epoch)
    made = desk.timer.stop(TESTING.started_epoch + MINUTE, TESTING.started_epoch + MINUTE)
    assert (made["assisted"], made["basis"]) == ("unknown", None)


def test_starting_stops_the_one_that_runs(desk: Desk) -> None:
    """The first timer ends where the second begins, and its entry is handed back so that it can be said."""
    desk.timer.start(DESIGN, NINE)
    stopped = desk.timer.start(TESTING, NINE + 50 * MINUTE)
    assert stopped is not None
    assert (stopped["id"], stopped["seconds"]) == (DESIGN.id, 40 * MINUTE)
    assert desk.timer.running() == TESTING
    assert len(desk.records()) == 1


def test_a_pause_is_taken_off(desk: Desk) -> None:
    """Ten minutes of pause are interruption, not effort."""
    desk.timer.start(DESIGN, NINE)
    desk.timer.pause(NINE + 20 * MINUTE)
    assert desk.timer.running().paused_epoch == NINE + 20 * MINUTE
    desk.timer.resume(NINE + 30 * MINUTE)
    made = desk.timer.stop(NINE + 60 * MINUTE, NINE + 60 * MINUTE)
    assert (made["seconds"], made["interruption_seconds"]) == (50 * MINUTE, 10 * MINUTE)


def test_work_that_was_paused_ended_with_the_pause(desk: Desk) -> None:
    """Forgotten over night while paused: the entry ends when the pause began."""
    desk.timer.start(DESIGN, NINE)
    desk.timer.pause(NINE + 20 * MINUTE)
    made = desk.timer.stop(NINE + 900 * MINUTE, NINE + 900 * MINUTE)
    assert (made["seconds"], made["ended_epoch"]) == (20 * MINUTE, NINE + 20 * MINUTE)


def test_stopping_earlier_leaves_out_what_came_later(desk: Desk) -> None:
    """`stop --at` before, inside and after a pause counts only the work up to then."""
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
def test_effort_is_the_sum_of_the_stretches_that_ran(stretches: list[int], until: int) -> None:
    """Whatever is paused when: effort up to an instant equals the seconds that lay outside all pauses."""
    marks = [NINE]
    for stretch in stretches:
        marks.append(marks[-1] + stretch)
    turns = marks[1:]
    pauses = tuple(
        (turns[i], turns[i + 1] if i + 1 < len(turns) else None) for i in range(0, len(turns), 2)
    )
    timer = DESIGN._replace(pauses=pauses)
    edges = [*turns, NINE + 10**6]
    running = [(begin, end) for begin, end in zip([NINE, *turns[1::2]], edges[::2], strict=False)]
    expected = sum(max(0, min(end, NINE + until) - begin) for begin, end in running)
    made = timer.entry(NINE + until, NINE + until)
    assert timer.seconds(NINE + until) == made["seconds"] == expected
    assert made["seconds"] + made["interruption_seconds"] == made["ended_epoch"] - NINE


@pytest.mark.parametrize("verb", ["stop", "pause", "resume", "cancel"])
def test_without_a_timer_the_verbs_refuse(desk: Desk, verb: str) -> None:
    """One line that says what to do instead."""
    call = getattr(desk.timer, verb)
    with pytest.raises(NothingToDo, match="tracker start"):
        call(*{"stop": (NINE, NINE), "cancel": ()}.get(verb, (NINE,)))


def test_pausing_twice_and_resuming_twice_refuse(desk: Desk) -> None:
    """The second one changes nothing and says since when it is so."""
    desk.timer.start(DESIGN, NINE)
    with pytest.raises(NothingToDo, match="runs since 2026-06-10 09:00"):
        desk.timer.resume(NINE + 5)
    desk.timer.pause(NINE + 600)
    with pytest.raises(NothingToDo, match="paused since 2026-06-10 09:10"):
        desk.timer.pause(NINE + 900)


def test_the_future_and_the_time_before_the_start_are_refused(desk: Desk) -> None:
    """A refusal leaves the timer as it was."""
    with pytest.raises(BadValue, match="that has passed"):
        desk.timer.start(DESIGN, NINE - 1)
    desk.timer.start(DESIGN, NINE)
    with pytest.raises(BadValue, match="that has passed"):
        desk.timer.stop(NINE + 60, NINE + 120)
    with pytest.raises(BadValue, match="before its start at 2026-06-10 09:00"):
        desk.timer.stop(NINE + 60, NINE - 60)
    with pytest.raises(BadValue, match="before its start"):
        desk.timer.start(TESTING._replace(started_epoch=NINE - 60), NINE + 60)
    assert desk.timer.running() == DESIGN
    assert desk.records() == []


def test_a_clock_set_back_while_pausing_makes_no_negative_effort(desk: Desk) -> None:
    """Pause and resume never go behind what happened before."""
    desk.timer.start(DESIGN, NINE)
    desk.timer.pause(NINE - 100)
    desk.timer.resume(NINE - 200)
    made = desk.timer.stop(NINE + 60, NINE + 60)
    assert (made["seconds"], made["interruption_seconds"]) == (60, 0)


def test_the_estimate_is_in_the_outbox_before_the_timer_runs(desk: Desk) -> None:
    """With an estimate that cannot be kept there is no timer; with one that can, both."""
    estimate = {
        "kind": "estimate",
        "developer": "ada",
        "task": "PAY-12",
        "activity": "design",
        "estimate_minutes": 180.0,
    }
    desk.timer.start(DESIGN, NINE, ("00e", estimate))
    assert desk.records() == [estimate]
    assert desk.timer.running() == DESIGN


def test_cancel_makes_no_entry_but_is_remembered(desk: Desk) -> None:
    """`continue` after a slip begins the same again."""
    desk.timer.start(DESIGN, NINE)
    assert desk.timer.cancel() == DESIGN
    assert desk.records() == []
    assert desk.timer.last() == DESIGN


def test_the_last_timer_is_known_once_it_is_stopped(desk: Desk) -> None:
    """Before any, and while one runs, there is nothing to continue."""
    with pytest.raises(NothingToDo, match="no timer was stopped"):
        desk.timer.last()
    desk.timer.start(DESIGN, NINE)
    with pytest.raises(NothingToDo, match="has not been stopped"):
        desk.timer.last()
    desk.timer.stop(NINE + 60, NINE + 60)
    assert desk.timer.last() == DESIGN


@pytest.mark.parametrize(
    "damage",
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
def test_a_damaged_timer_is_set_aside_and_told(desk: Desk, damage: bytes) -> None:
    """Its bytes are kept, one line says where, and a new timer can start; a second damage keeps both."""
    for count in (1, 2):
        desk.folder.mkdir(exist_ok=True)
        (desk.folder / "timer.json").write_bytes(damage)
        assert desk.timer.running() is None
        assert len(desk.told) == count
        assert "\n" not in desk.told[-1]
    kept = list(desk.folder.glob("timer.json*.bad"))
    assert [file.read_bytes() for file in kept] == [damage, damage]
    assert all(str(file) in " ".join(desk.told) for file in kept)
    desk.timer.start(DESIGN, NINE)
    assert desk.timer.running() == DESIGN


def test_a_record_that_cannot_be_read_is_set_aside_and_the_others_come(desk: Desk) -> None:
    """One bad file in the outbox holds nothing up and is not deleted."""
    desk.outbox.put("01", {"kind": "estimate", "id": "01"})
    desk.outbox.put("03", {"kind": "estimate", "id": "03"})
    for name, content in {"00": "", "02": '{"kind": "what"}', "04": "[1]"}.items():
        (desk.folder / "outbox" / f"{name}.json").write_text(content)
    assert [record["id"] for record in desk.records()] == ["01", "03"]
    assert len(desk.told) == 3
    assert sorted(file.name for file in (desk.folder / "outbox").glob("*.bad")) == [
        "00.json.bad",
        "02.json.bad",
        "04.json.bad",
    ]
    assert desk.outbox.count() == 2


def test_a_folder_in_the_outbox_is_passed_by_and_told(desk: Desk) -> None:
    """It is nobody's record, and it blocks none."""
    desk.outbox.put("01", {"kind": "estimate", "id": "01"})
    (desk.folder / "outbox" / "e.json").mkdir()
    assert [record["id"] for record in desk.records()] == ["01"]
    assert "e.json could not be read (Is a directory): it is passed by" in desk.told[0]
    assert desk.outbox.count() == 1


def test_records_come_oldest_first_and_leave_when_discarded(desk: Desk) -> None:
    """Discarding twice is discarding once; an outbox that was never used is empty."""
    assert desk.outbox.count() == 0
    assert desk.records() == []
    for id_ in ("02", "01"):
        desk.outbox.put(id_, {"kind": "estimate", "id": id_})
    paths = [path for path, _ in desk.outbox.pending()]
    assert [Path(path).stem for path in paths] == ["01", "02"]
    desk.outbox.discard(paths)
    desk.outbox.discard(paths)
    assert desk.outbox.count() == 0


def test_files_are_for_their_owner_only(desk: Desk) -> None:
    """Nobody else on the machine reads what somebody works on."""
    desk.timer.start(DESIGN, NINE)
    desk.timer.stop(NINE + 60, NINE + 60)
    desk.timer.start(TESTING, NINE + 4000)
    modes = {oct(path.stat().st_mode & 0o777) for path in desk.folder.rglob("*") if path.is_file()}
    assert modes == {"0o600"}
    assert desk.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("call", ["write", "fsync", "open"])
@pytest.mark.parametrize("verb", ["start", "switch", "stop", "pause", "cancel"])
def test_a_full_disk_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, verb: str, call: str
) -> None:
    """Where nothing can be written the verb fails, the running timer is as before, and no half file lies about."""
    if verb != "start":
        desk.timer.start(DESIGN, NINE)
    real = getattr(os, call)

    def full(*arguments: object, **options: object) -> object:
        if call == "open" and not str(arguments[0]).endswith(".tmp"):
            return real(*arguments, **options)
        if call == "write":  # a disk fills up in the middle of a file
            real(arguments[0], bytes(arguments[1])[:7])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    actions = {
        "start": lambda: desk.timer.start(DESIGN, NINE),
        "switch": lambda: desk.timer.start(TESTING, NINE + 9999),
        "stop": lambda: desk.timer.stop(NINE + 60, NINE + 60),
        "pause": lambda: desk.timer.pause(NINE + 60),
        "cancel": desk.timer.cancel,
    }
    if (
        verb == "cancel"
    ):  # a rename needs no room; only a disk that fails altogether tells of itself
        if call == "fsync":
            with pytest.raises(OSError, match="No space left"):
                actions[verb]()
        else:
            actions[verb]()
    else:
        with pytest.raises(OSError, match="No space left"):
            actions[verb]()
    monkeypatch.undo()
    assert not list(desk.folder.rglob("*.tmp"))
    assert desk.told == []
    assert desk.records() == []
    assert desk.timer.running() == (DESIGN if verb in ("switch", "stop", "pause") else None)


CHILD = """
import os, signal, sys
from tracker.local.timer import *; from tracker.local.outbox import *
folder, verb, deadly = sys.argv[1], sys.argv[2], int(sys.argv[3])
calls = 0
def dying(real, before):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == deadly and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **options)
        if calls == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call
before = sys.argv[4] == "before"
for name in ("write", "fsync", "replace", "open", "close", "unlink"):
    setattr(os, name, dying(getattr(os, name), before))
outbox = Outbox(folder, print)
file = TimerFile(folder, outbox, print)
second = Timer("01b20917-19ee-7000-8000-00000000000b", "ada", "PAY-13", "testing", 1781077200, "Europe/Berlin")
now = 1781078400
{
    "stop": lambda: file.stop(now, now),
    "start": lambda: file.start(second, now),
    "pause": lambda: file.pause(now),
    "cancel": file.cancel,
}[verb]()
"""


def child(*arguments: str) -> subprocess.Popen[bytes]:
    """A process of its own that does one verb; it is killed at the n-th call to the system, if there are so many."""
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments])


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("verb", ["stop", "start", "pause", "cancel"])
def test_a_kill_at_any_moment_leaves_the_old_state_or_the_new(
    tmp_path: Path, verb: str, moment: str
) -> None:
    """kill -9 around every single call that touches the disk: one entry at most, never a damaged file, never a loss."""
    for deadly in range(1, 100):
        desk = Desk(tmp_path / str(deadly))
        desk.timer.start(DESIGN, NINE)
        code = child(str(desk.folder), verb, str(deadly), moment).wait()
        assert code in (0, -signal.SIGKILL)
        running, made = desk.timer.running(), [record["id"] for record in desk.records()]
        assert desk.told == []
        if verb == "pause":
            assert made == []
            assert running._replace(pauses=()) == DESIGN
        elif verb == "cancel":
            assert made == []
            assert running in (DESIGN, None)
        else:
            assert made == ([] if running == DESIGN else [DESIGN.id])
        if running is not None:
            last = desk.timer.stop(NINE + 9999, NINE + 9999)
            assert [record["id"] for record in desk.records()] == [*made, last["id"]]
        if code == 0:
            break
    assert 4 < deadly < 99


def test_stopped_by_many_at_once_it_is_one_entry(desk: Desk) -> None:
    """Eight processes stop the same timer: one does, the others find none."""
    desk.timer.start(DESIGN, NINE)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(desk.folder), "stop", "0", "before"],
            stderr=subprocess.DEVNULL,
        )
        for _ in range(8)
    ]
    codes = sorted(process.wait() for process in processes)
    assert codes == [0] + [1] * 7
    assert [record["id"] for record in desk.records()] == [DESIGN.id]


STARTER = """
import sys
from tracker.local.timer import *; from tracker.local.outbox import *
folder, name = sys.argv[1:]
outbox = Outbox(folder, print)
TimerFile(folder, outbox, print).start(Timer(name, "ada", name, "design", 1781074800, "Europe/Berlin"), 1781074800)
"""


def test_started_by_many_at_once_each_is_kept_once(desk: Desk) -> None:
    """Eight processes start a timer each: seven become entries, one runs, none is lost."""
    names = [f"01a20917-19ee-7000-8000-{number:012}" for number in range(8)]
    processes = [
        subprocess.Popen([sys.executable, "-c", STARTER, str(desk.folder), name]) for name in names
    ]
    assert [process.wait() for process in processes] == [0] * 8
    running = desk.timer.running()
    assert sorted([running.id, *(record["id"] for record in desk.records())]) == names


def test_an_unknown_activity_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """`desgin` does not become a new activity; without a near one the known ones are named."""
    known = ActivityCache(str(tmp_path))
    assert known.check("design") == "design"
    with pytest.raises(BadValue, match=r"'desgin': did you mean design\?"):
        known.check("desgin")
    with pytest.raises(BadValue, match=r"did you mean testing\?"):
        known.check("TESTING")
    with pytest.raises(BadValue, match="known are design, testing, "):
        known.check("xyz")


def test_known_activities_are_remembered(tmp_path: Path) -> None:
    """What the database said last counts; a damaged memory is as good as none, and is written anew."""
    known = ActivityCache(str(tmp_path))
    assert tuple(known.names()) == ACTIVITIES
    known.remember(["design", "deployment"])
    assert known.check("deployment") == "deployment"
    (tmp_path / "activities.json").write_text("{")
    assert tuple(known.names()) == ACTIVITIES
    known.remember(ACTIVITIES)
    assert json.loads((tmp_path / "activities.json").read_text()) == list(ACTIVITIES)


def test_what_is_remembered_already_is_not_written_again(tmp_path: Path) -> None:
    """Every command remembers; only a change touches the disk."""
    known = ActivityCache(str(tmp_path))
    known.remember(["design"])
    before = (tmp_path / "activities.json").stat().st_ino
    known.remember(["design"])
    assert (tmp_path / "activities.json").stat().st_ino == before
    known.remember(["design", "review"])
    assert (tmp_path / "activities.json").stat().st_ino != before
