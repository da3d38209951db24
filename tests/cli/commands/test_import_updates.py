"""Importing a log again after it changed: what is unchanged, updated, doubtful or refused."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import unicodedata
from collections import Counter
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from support.person import Person

from tracker.store import revisions
from tracker.store.upgrade import connect

KEYLESS = """
source = "clock"
[columns]
developer = "who"
task = "issue"
activity = "phase"
started_at = "begin"
ended_at = "end"
tags = "tags"
[formats]
timezone = "Europe/Berlin"
"""
KEYED = KEYLESS.replace("[columns]", '[columns]\nkey = "id"')
HEADER = ["id", "who", "issue", "phase", "begin", "end", "tags"]

Row = list[str]


def row(number: int, tags: str = "", **fields: str) -> Row:
    """Return a row of half an hour on a day of its own."""
    day = f"2026-03-{number:02}"
    values = {
        "id": str(number),
        "who": "ann",
        "issue": f"T-{number}",
        "phase": "design",
        "begin": f"{day} 09:00",
        "end": f"{day} 09:30",
        "tags": tags,
    }
    return [(values | fields)[name] for name in HEADER]


def many(count: int, **fields: str) -> list[Row]:
    """Return rows on the first days of the month."""
    return [row(number, **fields) for number in range(1, count + 1)]


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Person:
    """Ada in a folder of her own, on either database."""
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path, TRACKER_DATABASE_URL=database_url)


@pytest.fixture(params=["with ids", "without ids"])
def map_(request: pytest.FixtureRequest) -> str:
    """A map with or without a column for the key."""
    return KEYED if request.param == "with ids" else KEYLESS


def import_rows(person: Person, rows: list[Row], map_: str, *options: str, code: int = 0) -> str:
    """Import rows as a CSV file; return the messages."""
    folder = person.home
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADER, *rows])
    (folder / "log.csv").write_text(stream.getvalue())
    (folder / "m.toml").write_text(map_)
    files = (str(folder / "log.csv"), "--map", str(folder / "m.toml"))
    return person.run("import", "csv", *files, *options, code=code).stderr


def stored(person: Person) -> list[dict[str, str]]:
    """Return the exported entries, ordered by start, task and end."""
    entries = csv.DictReader(io.StringIO(person.run("export").stdout))
    return sorted(
        entries, key=lambda entry: (entry["started_at"], entry["task"], entry["ended_at"])
    )


def log_of(person: Person) -> list[tuple[str, str, str | None, float]]:
    """Return task, start, tags and minutes of the stored entries."""
    names = ("task", "started_at", "tags")
    return [(*(e[name] for name in names), float(e["minutes"])) for e in stored(person)]


def query(person: Person, statement: str) -> list[Any]:
    """Run a query on the database."""
    engine = create_engine(person.environ["TRACKER_DATABASE_URL"])
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = list(result) if result.returns_rows else []
    engine.dispose()
    return rows


def test_text_that_is_not_stored_makes_no_other_row(ada: Person, map_: str) -> None:
    """The same names in NFD, or another value of a column that is not read, change nothing."""
    names = {"who": "José", "issue": "ÄRG-1"}
    import_rows(ada, [row(number, **names) for number in range(1, 4)], map_)
    nfd = {name: unicodedata.normalize("NFD", value) for name, value in names.items()}
    again = [row(number, **nfd) for number in range(1, 4)]
    for options in ((), ("--update",)):
        messages = import_rows(ada, again, map_, *options)
        assert "kept nothing; there already: 3 entries" in messages
        assert "warning" not in messages
        assert "updated" not in messages


def test_each_row_is_counted_once(ada: Person) -> None:
    """A row that replaces an entry is updated, and neither kept nor there already."""
    later = row(1, end="2026-03-01 09:40")
    import_rows(ada, many(3), KEYLESS)
    import_rows(ada, [later, row(2), row(3)], KEYLESS)
    assert len(stored(ada)) == 4
    changed = [later, row(2, tags="new"), row(3)]
    messages = import_rows(ada, changed, KEYLESS, "--update")
    assert "kept nothing, 2 updated; there already: 1 entry" in messages
    messages = import_rows(ada, many(3), KEYLESS, "--update")
    assert "kept nothing, 2 updated; there already: 1 entry" in messages
    assert len(stored(ada)) == 3


def test_a_row_that_a_file_repeats_is_told(ada: Person) -> None:
    """With another tag or not, both are kept; ids and amounts of a day tell two works apart."""
    rows = [row(1), row(2), row(1, tags="late")]
    messages = import_rows(ada, rows, KEYLESS)
    assert "1 row with the developer, start and end of an earlier row" in messages
    assert len(stored(ada)) == 3
    assert "earlier row" not in import_rows(ada, [row(1), [*("9"), *row(1)[1:]]], KEYED)


def test_a_changed_row_is_told_and_kept_out(ada: Person, map_: str) -> None:
    """A row exported again with another tag is not a second entry, with or without an id."""
    import_rows(ada, many(3), map_)
    before = log_of(ada)
    messages = import_rows(ada, [row(1), row(2, "urgent"), row(3)], map_)
    assert "kept nothing; there already: 2 entries" in messages
    assert "1 row has the key of another row, with other content: kept as it was" in messages
    assert "`--update` takes 1 of these" in messages
    assert log_of(ada) == before


def test_an_update_takes_the_new_form(ada: Person, map_: str) -> None:
    """With --update the entry has the new tag, the old form is logged, and undo restores it."""
    import_rows(ada, many(3), map_)
    before = stored(ada)
    messages = import_rows(ada, [row(1), row(2, "urgent"), row(3)], map_, "--update")
    assert "kept nothing, 1 updated; there already: 2 entries" in messages
    assert [entry["tags"] for entry in stored(ada)] == ["", "urgent", ""]
    ((verb, old, new),) = query(
        ada, "SELECT verb, before, after FROM changes WHERE table_name = 'entries'"
    )
    assert verb == "import"
    assert (json.loads(old)["tags"], json.loads(new)["tags"]) == (None, "urgent")
    assert "1 put back as it was" in ada.run("import", "--undo").stderr
    assert stored(ada) == before
    assert "cannot be undone: import that file again" in ada.refused("undo")


UNITS = """
source = "sheet"
[columns]
developer = "who"
task = "issue"
activity = "phase"
date = "begin"
minutes = "end"
[formats]
timezone = "UTC"
"""
IN_HOURS = UNITS + '[units]\nminutes = "hours"\n'


@pytest.mark.parametrize("key", ["", 'key = "id"\n'])
def test_a_corrected_unit_is_told_and_updated(ada: Person, key: str) -> None:
    """Rows of one text and another reading stay, or are updated, and never double.

    Without ids the minutes are part of the key: 60 minutes of one row are the hour of another.
    """
    rows = [
        row(number, issue=issue, begin="2026-03-02", end=end)
        for number, (issue, end) in enumerate(
            [("T-1", "1"), ("T-2", "60"), ("T-3", "1"), ("T-4", "2"), ("T-4", "2")], 1
        )
    ]
    minutes, hours = (
        map_.replace("[columns]\n", f"[columns]\n{key}") for map_ in (UNITS, IN_HOURS)
    )
    import_rows(ada, rows, minutes)
    before = stored(ada)
    messages = import_rows(ada, rows, hours, "--on-error", "skip")
    assert "5 rows are read otherwise than when they were imported" in messages
    assert "--update` takes 5 of these" in messages
    assert stored(ada) == before
    messages = import_rows(ada, rows, hours, "--update", "--on-error", "skip")
    assert "kept nothing, 5 updated" in messages
    actual = sorted((e["task"], float(e["minutes"])) for e in stored(ada))
    expected = [("T-1", 60), ("T-2", 3600), ("T-3", 60), ("T-4", 120), ("T-4", 120)]
    assert actual == expected
    assert "kept nothing; there already: 5 entries" in import_rows(ada, rows, hours, "--update")
    ada.run("import", "--undo")
    assert stored(ada) == before


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ('[values.activity]\n"design" = "review"\n', "activity", "review"),
        ('[values.task]\n"T-1" = "T-9"\n', "task", "T-9"),
        ('[constants]\nassisted = "yes"\n', "assisted", "yes"),
        ('[constants]\nteam = "web"\n', "team", "web"),
    ],
)
def test_another_reading_of_a_row_is_told_and_updated(
    ada: Person, map_: str, change: str, field: str, value: str
) -> None:
    """Also where the map translates a word; what a person edited stays."""
    import_rows(ada, many(2), map_)
    ada.environ["TRACKER_DEVELOPER"] = "ann"
    ada.run("edit", stored(ada)[1]["id"], "--note", "mine")
    messages = import_rows(ada, many(2), map_ + change)
    assert "1 row is read otherwise than when it was imported" in messages
    assert "1 updated; there already: 1 entry" in import_rows(
        ada, many(2), map_ + change, "--update"
    )
    assert stored(ada)[0][field] == value
    assert stored(ada)[1][field] != value


def test_an_update_changes_all_values_of_a_row_with_an_id(ada: Person) -> None:
    """Also its times, developer apart."""
    import_rows(ada, many(2), KEYED)
    later = row(1, begin="2026-03-01 10:00", end="2026-03-01 12:00", phase="testing")
    assert "1 updated" in import_rows(ada, [later, row(2)], KEYED, "--update")
    assert [(e["activity"], e["minutes"]) for e in stored(ada)] == [
        ("testing", "120"),
        ("design", "30"),
    ]


def test_an_edited_entry_is_not_overwritten(ada: Person, map_: str) -> None:
    """What a person edited after the import stays, and is counted."""
    import_rows(ada, many(2), map_)
    (entry_id, *_) = (entry["id"] for entry in stored(ada))
    ada.environ["TRACKER_DEVELOPER"] = "ann"
    ada.run("edit", entry_id, "--task", "T-9")
    messages = import_rows(ada, [row(1, "urgent"), row(2)], map_, "--update")
    assert "1 row differs from entries that were edited here since: kept as edited" in messages
    assert [(task, tags) for task, _, tags, _ in log_of(ada)] == [("T-9", ""), ("T-2", "")]


def test_a_row_with_another_end_is_a_possible_duplicate(ada: Person) -> None:
    """Without an id it is told and kept beside the old entry; --update then replaces that one."""
    import_rows(ada, many(2), KEYLESS)
    before = stored(ada)
    changed = [row(1, end="2026-03-01 10:00"), row(2)]
    messages = import_rows(ada, changed, KEYLESS)
    assert "kept 1 entry; there already: 1 entry" in messages
    assert "1 possible duplicate" in messages
    assert "both kept (ann 2026-03-01 09:00)" in messages
    assert "`--update` takes 1 of these" in messages
    assert [minutes for *_, minutes in log_of(ada)] == [30, 60, 30]
    messages = import_rows(ada, changed, KEYLESS, "--update")
    assert "kept nothing, 1 updated; there already: 1 entry" in messages
    assert [minutes for *_, minutes in log_of(ada)] == [60, 30]
    ada.run("import", "--undo")
    assert [minutes for *_, minutes in log_of(ada)] == [30, 60, 30]
    ada.run("import", "--undo")
    assert stored(ada) == before


def test_an_update_replaces_at_once(ada: Person) -> None:
    """The first import of the changed file may update; importing the old file takes it back."""
    import_rows(ada, many(2), KEYLESS)
    before = log_of(ada)
    changed = [row(1, end="2026-03-01 10:00"), row(2)]
    assert "1 updated" in import_rows(ada, changed, KEYLESS, "--update")
    assert [minutes for *_, minutes in log_of(ada)] == [60, 30]
    assert "1 updated" in import_rows(ada, many(2), KEYLESS, "--update")
    assert log_of(ada) == before


def test_a_new_id_of_the_same_work_is_a_possible_duplicate(ada: Person) -> None:
    """A tool that exports other ids than before does not double the log under --update."""
    import_rows(ada, many(3), KEYED)
    renamed = [row(number, id=f"new-{number}") for number in (1, 2, 3)]
    assert "3 possible duplicates" in import_rows(ada, renamed, KEYED, "--dry-run")
    assert "3 updated" in import_rows(ada, renamed, KEYED, "--update")
    assert [entry["key"] for entry in stored(ada)] == ["new-1", "new-2", "new-3"]


@pytest.mark.parametrize("other", ["logged by hand", "another source", "two rows", "two entries"])
def test_what_is_not_plainly_the_same_is_kept_and_told(ada: Person, other: str) -> None:
    """--update replaces nothing where one old and one new row of a source do not match."""
    file, rows = KEYED, [row(1)]
    match other:
        case "logged by hand":
            ada.environ["TRACKER_DEVELOPER"] = "ann"
            ada.run(
                "log", "design", "T-1", "--from", "2026-03-01 09:00", "--to", "2026-03-01 09:30"
            )
        case "another source":
            import_rows(ada, [row(1)], KEYED.replace("clock", "watch"))
        case "two rows":
            import_rows(ada, [row(1, id="a")], KEYED)
            rows = [row(1), row(1, id="2")]
        case "two entries":
            import_rows(ada, [row(1, id="a"), row(1, id="b", end="2026-03-01 09:20")], KEYED)
    before = len(stored(ada))
    messages = import_rows(ada, rows, file, "--update")
    assert f"{len(rows)} possible duplicate" in messages
    assert len(stored(ada)) == before + len(rows)
    assert "possible duplicates" not in import_rows(ada, rows, file)


def test_rows_of_one_file_are_no_duplicates_of_each_other(ada: Person) -> None:
    """A growing log may hold two rows of one start: both are in the file."""
    second = row(1, id="9", end="2026-03-01 09:10")
    import_rows(ada, [row(1)], KEYED)
    assert "possible" not in import_rows(ada, [row(1), second], KEYED, "--update")
    assert len(stored(ada)) == 2


DAYS = """
source = "days"
[columns]
developer = "who"
task = "issue"
activity = "phase"
date = "begin"
minutes = "end"
tags = "tags"
[formats]
timezone = "Europe/Berlin"
"""


def test_rows_of_a_day_keep_their_identity_in_any_order(ada: Person) -> None:
    """Rows that are equal in day and minutes may be sorted anew and get a new one among them."""
    rows = [row(n, begin="2026-03-01", end="60") for n in (1, 2, 3)]
    import_rows(ada, rows, DAYS)
    messages = import_rows(ada, [row(4, begin="2026-03-01", end="60"), *reversed(rows)], DAYS)
    assert "kept 1 entry; there already: 3 entries" in messages
    assert "warning" not in messages
    assert [task for task, *_ in log_of(ada)] == ["T-1", "T-2", "T-3", "T-4"]
    changed = [rows[2], [*rows[0][:-1], "urgent"], row(4, begin="2026-03-01", end="60"), rows[1]]
    assert "1 updated" in import_rows(ada, changed, DAYS, "--update")
    assert [(task, tags) for task, _, tags, _ in log_of(ada)] == [
        ("T-1", "urgent"),
        ("T-2", ""),
        ("T-3", ""),
        ("T-4", ""),
    ]


def test_a_day_without_a_time_is_told_and_not_replaced(ada: Person) -> None:
    """Of two rows that have no time of day nobody knows that they are one."""
    import_rows(ada, [row(1, begin="2026-03-01", end="60")], DAYS)
    messages = import_rows(ada, [row(1, begin="2026-03-01", end="90")], DAYS, "--update")
    assert "1 possible duplicate" in messages
    assert sorted(minutes for *_, minutes in log_of(ada)) == [60, 90]
    other = import_rows(ada, [row(2, begin="2026-03-01", end="30")], DAYS)
    assert "possible" not in other  # other work of that day


@pytest.mark.parametrize("options", [(), ("--update",), ("--dry-run",)])
def test_a_corrected_zone_is_refused(ada: Person, map_: str, options: tuple[str, ...]) -> None:
    """The same file read in another zone is not stored beside itself."""
    rows = [*many(20), row(29)]  # with the clock change of 29 March
    import_rows(ada, rows[:20], map_)
    before = stored(ada)
    messages = import_rows(ada, rows, map_, "--tz", "America/New_York", *options, code=1)
    assert "20 rows are stored already, but their times differ" in messages
    assert "imported with the zone Europe/Berlin, now read with America/New_York" in messages
    assert "`tracker import --undo` first" in messages
    assert stored(ada) == before


def test_a_few_rows_with_other_times_are_told(ada: Person, map_: str) -> None:
    """Fewer than five do not stop the import, and are not stored twice either."""
    import_rows(ada, many(2), map_)
    messages = import_rows(ada, many(8), map_, "--tz", "America/New_York")
    assert "kept 6 entries" in messages
    assert "2 rows are stored already, but their times differ: kept as they were" in messages
    assert len(stored(ada)) == 8


def test_a_dry_run_tells_the_same(ada: Person, map_: str) -> None:
    """It prints the counts and the report of the import, but no next step, and stores nothing."""
    import_rows(ada, many(3), map_)
    before = stored(ada)
    changed = [row(1), row(2, "urgent"), row(3, end="2026-03-03 10:00"), row(4)]
    for options in ((), ("--update",)):
        trial = import_rows(ada, changed, map_, *options, "--dry-run")
        assert stored(ada) == before
        real = import_rows(ada, changed, map_, *options)
        assert "  1 person, 2026-03-0" in trial
        report = re.sub(r"(you are ada): .* makes them yours", r"\1.", real.partition("next: ")[0])
        assert trial.replace("would keep", "kept") == report
        ada.run("import", "--undo")


def test_a_deleted_entry_stays_deleted_when_its_row_changes(ada: Person, map_: str) -> None:
    """Neither its old form nor its new one comes back."""
    import_rows(ada, many(2), map_)
    ada.environ["TRACKER_DEVELOPER"] = "ann"
    ada.run("delete", stored(ada)[0]["id"])
    for rows in (many(2), [row(1, "urgent"), row(2)]):
        assert "deleted here before: 1" in import_rows(ada, rows, map_, "--update")
    assert len(stored(ada)) == 1


def test_an_export_tells_of_changed_entries(ada: Person) -> None:
    """A row of an export is compared with the entry of its id."""
    import_rows(ada, many(2), KEYED)
    export = ada.run("export").stdout
    assert "there already: 2 entries" in import_export(ada, export)
    changed = export.replace("T-1", "T-9")
    assert "1 row has the key of another row" in import_export(ada, changed)
    assert "1 updated" in import_export(ada, changed, "--update")
    assert [task for task, *_ in log_of(ada)] == ["T-9", "T-2"]


def import_export(person: Person, export: str, *options: str) -> str:
    """Import an export; return the messages."""
    file = person.home / "export.csv"
    file.write_text(export)
    return person.run("import", "tracker", str(file), *options).stderr


def test_the_doctor_lists_possible_duplicates(ada: Person) -> None:
    """Entries of one developer and start from two imports, not those of one file."""
    import_rows(ada, [row(1), row(1, id="2", end="2026-03-01 10:00")], KEYED)
    assert "all plausible" in ada.run("db", "doctor", code=None).stdout
    import_rows(ada, [row(1, id="3")], KEYED)
    output = ada.run("db", "doctor", code=1).stdout
    assert "1 possible duplicate" in " ".join(output.split())
    assert "all plausible" not in output


def test_the_doctor_ignores_days_without_a_time(ada: Person) -> None:
    """All work of a day begins at noon where only the day is known."""
    import_rows(ada, [row(1, begin="2026-03-01", end="60")], DAYS)
    import_rows(ada, [row(2, begin="2026-03-01", end="30")], DAYS)
    assert "all plausible" in ada.run("db", "doctor", code=None).stdout


def old_database(person: Person, rows: list[Row]) -> None:
    """Import rows without ids, and make the database what revision 0001 would have made of it."""
    import_rows(person, rows, KEYLESS)
    hashes: Counter[str] = Counter()
    keys = []
    for cells in rows:
        row_hash = blake2b("\x1f".join(cells).encode(), digest_size=16).hexdigest()
        hashes[row_hash] += 1
        number = hashes[row_hash]
        keys.append((row_hash, row_hash if number == 1 else f"{row_hash}:{number}"))
    ids = [entry_id for (entry_id,) in query(person, "SELECT id FROM entries ORDER BY id")]
    for entry_id, (row_hash, key) in zip(ids, keys, strict=True):
        query(
            person,
            f"UPDATE entries SET source_key = '{key}', row_hash = '{row_hash}' "
            f"WHERE id = '{entry_id}'",
        )
    database = connect(person.environ["TRACKER_DATABASE_URL"], now=lambda: person.time)
    with database.writing() as connection:
        revisions.migrate(connection, "0001")
    database.close()


def test_a_file_imported_before_the_upgrade_adds_nothing(ada: Person) -> None:
    """Rows without an id had another key up to revision 0001, which is recognised."""
    rows = [*many(3), row(3), row(3), row(3, "x")]
    old_database(ada, rows)
    ada.run("db", "upgrade")
    before = stored(ada)
    assert "kept nothing; there already: 6 entries" in import_rows(ada, rows, KEYLESS)
    assert stored(ada) == before
    messages = import_rows(ada, [*rows, row(3), row(4)], KEYLESS)
    assert "kept 2 entries; there already: 6 entries" in messages
    assert "warning" not in messages


def test_a_row_changed_since_the_upgrade_is_recognised(ada: Person) -> None:
    """It is the entry of the same start and end, which --update gives the new form and key."""
    old_database(ada, many(3))
    ada.run("db", "upgrade")
    changed = [row(1, "urgent"), row(2), row(3, end="2026-03-03 10:00")]
    messages = import_rows(ada, changed, KEYLESS, "--dry-run")
    assert "1 row has the key of another row" in messages
    assert "1 possible duplicate" in messages
    assert "2 updated" in import_rows(ada, changed, KEYLESS, "--update")
    assert [(tags, minutes) for *_, tags, minutes in log_of(ada)] == [
        ("urgent", 30),
        ("", 30),
        ("", 60),
    ]
    assert "kept nothing; there already: 3 entries" in import_rows(
        ada, changed, KEYLESS, "--update"
    )


ROWS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from(["", "a", "b"])),
    min_size=1,
    max_size=6,
)
EDITS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["", "a", "b", "c"])), max_size=4)


@settings(max_examples=25, deadline=None)
@given(
    has_ids=st.booleans(),
    slots=ROWS,
    versions=st.lists(st.tuples(EDITS, st.randoms(use_true_random=False)), max_size=3),
)
def test_updates_end_in_the_latest_file(
    has_ids: bool, slots: list[tuple[int, int, str]], versions: list[tuple[Any, Any]]
) -> None:
    """Whatever tags are edited and however rows are sorted, the log is that of the latest file."""
    rows = [
        row(day, tags, id=str(index), end=f"2026-03-{day:02} 1{half}:00")
        for index, (day, half, tags) in enumerate(slots)
    ]
    check_versions(rows, versions, KEYED if has_ids else KEYLESS)


@settings(max_examples=15, deadline=None)
@given(
    has_ids=st.booleans(),
    versions=st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.integers(1, 4))),
            st.randoms(use_true_random=False),
        ),
        max_size=4,
    ),
)
def test_updates_end_in_the_latest_file_also_with_other_ends(
    has_ids: bool, versions: list[tuple[list[tuple[int, str, int]], Any]]
) -> None:
    """Where each start occurs once, changed ends are taken, too, with and without ids."""
    rows = [row(day) for day in range(1, 5)]
    with tempfile.TemporaryDirectory() as folder:
        person = Person(Path(folder))
        map_ = KEYED if has_ids else KEYLESS
        import_rows(person, rows, map_)
        for edits, order in versions:
            for index, tags, half_hours in edits:
                rows[index][5:] = [f"{rows[index][4][:11]}1{half_hours}:30", tags]
            order.shuffle(rows)
            import_rows(person, rows, map_, "--update")
            file = Counter((cells[2], cells[-1], cells[5][-5:]) for cells in rows)
            ends = [(e["task"], e["tags"], e["ended_at"][11:16]) for e in stored(person)]
            assert Counter(ends) == file


def test_an_edited_start_is_recognised_beside_a_new_row(ada: Person) -> None:
    """An entry that a person moved stays the entry of its row, in any order of the file."""
    rows = [row(n, begin="2026-03-01 09:00", end="2026-03-01 10:00") for n in (1, 2)]
    import_rows(ada, rows[:1], KEYLESS)
    ada.environ["TRACKER_DEVELOPER"] = "ann"
    ada.run("edit", stored(ada)[0]["id"], "--from", "2026-03-01 08:00")
    assert "kept 1 entry; there already: 1 entry" in import_rows(ada, rows[::-1], KEYLESS)
    assert [task for task, *_ in log_of(ada)] == ["T-1", "T-2"]


def check_versions(rows: list[Row], versions: list[tuple[Any, Any]], map_: str) -> None:
    """Import a file and its later versions; check entries, minutes and tags after each."""
    with tempfile.TemporaryDirectory() as folder:
        person = Person(Path(folder))
        import_rows(person, rows, map_)
        for edits, order in versions:
            for index, tags in edits:
                rows[index % len(rows)][-1] = tags
            order.shuffle(rows)
            import_rows(person, rows, map_, "--update")
            file = Counter((cells[2], cells[-1], cells[5][-5:]) for cells in rows)
            ends = [(e["task"], e["tags"], e["ended_at"][11:16]) for e in stored(person)]
            assert Counter(ends) == file
