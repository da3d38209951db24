"""What of a log a result covers: the whole log, whole cells, or the reader's own work."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, product
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, update
from support import made_logs
from support.store_kit import NOW, NOW_EPOCH, open_test_database, table_rows

from tracker.analysis.disclosure import permitted_part
from tracker.analysis.export import exported_moments
from tracker.domain.disclosure import Limits
from tracker.domain.errors import NothingToDo
from tracker.domain.question import Question
from tracker.domain.records import ArmRule, MaturityRule, Selection
from tracker.domain.times import first_day_of_month, month_of_day
from tracker.store.database import Database
from tracker.store.read import aggregates, entry_aggregates
from tracker.store.schema import entries, tasks
from tracker.store.write import entry_totals

RUNNING_MONTH = month_of_day(NOW_EPOCH // made_logs.DAY)
PAST_MONTHS = range(RUNNING_MONTH - 3, RUNNING_MONTH)
Covered = frozenset[tuple[Any, ...]]
CLOSED = MaturityRule(NOW_EPOCH + 100 * made_logs.DAY)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database on each engine; the clock is at 2026-03-01 12:00 UTC."""
    with open_test_database(database_url) as opened:
        yield opened


def store(
    database: Database, entry_rows: list[made_logs.Row], task_rows: Sequence[made_logs.Row] = ()
) -> None:
    """Store rows as they are."""
    with database.writing() as connection:
        connection.execute(insert(entries), entry_rows)
        entry_totals.rebuild(connection)
        if task_rows:
            connection.execute(insert(tasks), task_rows)


def work(name: str, task: str, day: int, minutes: float = 30, **fields: Any) -> made_logs.Row:
    """Return an entry of the baseline arm, unless ``assisted`` is given."""
    return made_logs.entry(name, task, day, minutes, **{"assisted": "no", "basis": "flag"} | fields)


def day_in(month: int, day: int = 3) -> int:
    """Return a local day of a month."""
    return first_day_of_month(month) + day


def random_log(seed: int) -> tuple[list[made_logs.Row], list[made_logs.Row]]:
    """Return entries of nine developers in three months and in the running one, and tasks.

    Work items last over months, change teams, and are on projects written in two Unicode forms.
    """
    rng = random.Random(seed)
    names = [f"t{number}" for number in range(12)]
    projects = ["p", "café", "cafe\u0301", None]
    task_rows = [made_logs.task(name, project=rng.choice(projects)) for name in names[:-2]]
    entry_rows = [
        work(
            f"d{rng.randrange(9)}",
            rng.choice(names),
            day_in(rng.choice([*PAST_MONTHS, *PAST_MONTHS, RUNNING_MONTH]), rng.randrange(28)),
            team=rng.choice([None, "A", "A", "B"]),
            activity=rng.choice(["design", "design", "testing"]),
            started_epoch=rng.randrange(10**6),
        )
        for _ in range(rng.choice([20, 60, 160]))
    ]
    for row in entry_rows:
        row["started_epoch"] += row["local_day"] * made_logs.DAY
    return entry_rows, task_rows


def covered_entries(database: Database, selection: Selection) -> Covered | None:
    """Return the entries that a result covers; None where it is refused.

    The work items of the same result are those of these entries.
    """
    try:
        with permitted_part(database, Question(selection=selection)) as part:
            selected = part.question.selection
            frame = entry_aggregates.entry_frame(part.connection, selected)
            items = aggregates.items(part.connection, selected, ArmRule("assisted"), CLOSED)
            span = aggregates.log_span(part.connection, selected)
    except NothingToDo:
        return None
    names = ["developer", "task", "activity"]
    assert {*frame[names].itertuples(index=False)} == {*items[names].itertuples(index=False)}
    assert round(items["minutes"].sum() * 60) == frame["seconds"].sum()
    assert span.entries == len(frame)
    columns = [*names, "started_epoch", "local_day", "team"]
    return frozenset(tuple(row) for row in frame[columns].astype(str).to_numpy())


def all_selections() -> Iterator[Selection]:
    """Yield filters by team, project, first and last month."""
    first_days = [None, *(first_day_of_month(month) for month in PAST_MONTHS)]
    last_days = [None, *(first_day_of_month(month + 1) - 1 for month in PAST_MONTHS)]
    for team, project, first, last in product(
        (None, "A", "B"), (None, "p", "café"), first_days[:3], last_days[:3]
    ):
        if first is None or last is None or first <= last:
            yield Selection(team=team, project=project, first_day=first, last_day=last)


@pytest.mark.parametrize("seed", range(3))
def test_every_difference_of_results_is_of_five_developers(database: Database, seed: int) -> None:
    """Entries that the same results cover are of five developers, the whole log included."""
    store(database, *random_log(seed))
    results = [covered_entries(database, selection) for selection in all_selections()]
    whole_log = results[0]
    assert whole_log is not None
    groups: dict[tuple[bool, ...], set[str]] = {}
    for entry in whole_log:
        membership = tuple(entry in result for result in results if result is not None)
        groups.setdefault(membership, set()).add(entry[0])
    assert all(len(developers) >= 5 for developers in groups.values())
    assert seed == 0 or len(groups) > 2


def team_of_six(month: int = RUNNING_MONTH - 1) -> list[made_logs.Row]:
    """Return a month of six developers, five of them on a project and one on another."""
    return [
        work(name, f"{'P' if name != 'f' else 'Q'}-{month}-{n}", day_in(month, n), team="A")
        for name in "abcdef"
        for n in range(3)
    ]


PROJECTS = [
    made_logs.task(f"{key}-{month}-{n}", project=key)
    for key in "PQ"
    for month in PAST_MONTHS
    for n in range(3)
]
LAST = PAST_MONTHS[-1]


def test_a_team_of_six_and_five_of_them_are_not_both_answered(database: Database) -> None:
    """The five on a project are withheld, since the sixth would be the difference to the team.

    With a second team, the rest of the log is of more than five developers in both cases.
    """
    others = [work(name, f"X-{n}", day_in(LAST, n), team="B") for name in "pqrst" for n in range(3)]
    store(database, [*team_of_six(), *others], PROJECTS)
    team = covered_entries(database, Selection(team="A"))
    assert team is not None
    assert {row[0] for row in team} == set("abcdef")
    for project in ("P", "Q"):
        assert covered_entries(database, Selection(project=project)) is None
        assert covered_entries(database, Selection(team="A", project=project)) is None


def test_a_month_that_begins_before_the_filter_is_left_out(database: Database) -> None:
    """One day more or less in --from or --to never changes a result by a day's work."""
    months = [RUNNING_MONTH - 2, RUNNING_MONTH - 1]
    store(database, [row for month in months for row in team_of_six(month)], PROJECTS)
    first = first_day_of_month(months[1])
    late_days = {covered_entries(database, Selection(first_day=first + n)) for n in range(1, 4)}
    assert late_days == {None}
    later_month = covered_entries(database, Selection(first_day=first))
    assert later_month is not None
    assert later_month == covered_entries(database, Selection(first_day=first - 5))
    assert len(later_month) == 18


def test_the_running_month_is_in_the_whole_log_only(database: Database) -> None:
    """A new entry of the running month, also on an old work item, changes no filtered result."""
    store(database, team_of_six(), PROJECTS)
    running = [work(name, f"P-{LAST}-1", day_in(RUNNING_MONTH, 0), team="A") for name in "abcde"]
    store(database, running)
    before = covered_entries(database, Selection(team="A"))
    store(database, [work("f", f"Q-{LAST}-1", day_in(RUNNING_MONTH, 0), team="A", minutes=77)])
    assert covered_entries(database, Selection(team="A")) == before
    whole_log = covered_entries(database, Selection())
    assert before is not None
    assert whole_log is not None
    assert len(whole_log - before) == 6


def test_few_developers_in_the_running_month_withhold_the_latest_cell(database: Database) -> None:
    """One person's work of today is not the difference between the whole log and its past."""
    months = [RUNNING_MONTH - 2, RUNNING_MONTH - 1]
    store(database, [row for month in months for row in team_of_six(month)], PROJECTS)
    assert len(covered_entries(database, Selection(team="A")) or ()) == 36
    store(database, [work("f", "new", day_in(RUNNING_MONTH, 0), team="A")])
    assert len(covered_entries(database, Selection(team="A")) or ()) == 18


def test_the_partition_of_a_past_month_is_fixed(database: Database) -> None:
    """Late entries, a renamed project and a developer who changed teams move no cell."""
    big = [
        work(name, f"{key}-{LAST}-{n}", day_in(LAST, n), team="A")
        for key, names in (("P", "abcdef"), ("Q", "ghijklm"))
        for name in names
        for n in range(3)
    ]
    store(database, big, PROJECTS)
    before = covered_entries(database, Selection(project="P"))
    assert before is not None
    assert {row[0] for row in before} == set("abcdef")
    cells = table_rows(database, "disclosure_cells")
    assert len(cells["disclosure_cells"]) == 2
    late = work("h", "new", day_in(RUNNING_MONTH - 1), team="A")
    with database.writing() as connection:
        connection.execute(insert(entries), [late])
        connection.execute(update(entries).where(entries.c.developer == "m").values(team="B"))
        connection.execute(update(tasks).where(tasks.c.task == f"Q-{LAST}-1").values(project="R"))
        entry_totals.rebuild(connection)
    assert covered_entries(database, Selection(project="P")) == before
    grown = table_rows(database, "disclosure_cells")["disclosure_cells"]
    assert all(row in grown for row in cells["disclosure_cells"])
    with database.writing() as connection:
        connection.execute(delete(entries).where(entries.c.developer.in_(["h", "i", "j", "k"])))
        entry_totals.rebuild(connection)
    assert covered_entries(database, Selection(project="Q")) is None
    assert table_rows(database, "disclosure_cells")["disclosure_cells"] == grown


def make_read_only(database: Database) -> None:
    """Let every further connection refuse to write, as a read-only mount or a replica does."""
    statement = (
        "PRAGMA query_only = ON" if database.sqlite else "SET default_transaction_read_only = on"
    )

    def restrict(connection: Any, _record: object) -> None:
        connection.cursor().execute(statement)
        if not database.sqlite:
            connection.commit()

    database.engine.dispose()
    event.listen(database.engine, "connect", restrict)


def test_a_database_that_cannot_be_written_is_answered_alike(
    database: Database, database_url: str
) -> None:
    """On a read-only database the cells are computed and used, but not stored."""
    store(database, *random_log(2))
    make_read_only(database)
    read_only = [covered_entries(database, selection) for selection in all_selections()]
    assert table_rows(database, "disclosure_cells")["disclosure_cells"] == []
    assert sum(result is not None for result in read_only) > 2
    with open_test_database(database_url) as writable:
        assert read_only == [covered_entries(writable, selection) for selection in all_selections()]
        assert table_rows(writable, "disclosure_cells")["disclosure_cells"]


def test_a_question_without_filters_needs_no_cells(database: Database) -> None:
    """The whole log is judged without a partition, so it costs nothing."""
    store(database, team_of_six(), PROJECTS)
    with permitted_part(database, Question()) as part:
        assert part.limits is None
        assert part.question == Question(selection=Selection(clock_epoch=NOW_EPOCH))
    assert table_rows(database, "disclosure_cells")["disclosure_cells"] == []


def test_the_readers_own_work_is_filtered_as_asked(database: Database) -> None:
    """--mine, and a log of the reader alone, take exact limits; nobody else's name is a filter."""
    store(database, team_of_six(), PROJECTS)
    part = Selection(developer="f", first_day=day_in(RUNNING_MONTH - 1, 2))
    with permitted_part(database, Question(selection=part, reader="f")) as own:
        assert own.question.selection == replace(part, clock_epoch=NOW_EPOCH)
    with (
        pytest.raises(NothingToDo, match="withheld"),
        permitted_part(database, Question(selection=part, reader="a")),
    ):
        pass
    with database.writing() as connection:
        connection.execute(delete(entries).where(entries.c.developer != "f"))
        entry_totals.rebuild(connection)
    without_name = replace(part, developer=None)
    with permitted_part(database, Question(selection=without_name, reader="f")) as own:
        assert own.question.selection == replace(without_name, clock_epoch=NOW_EPOCH)


def test_a_log_of_four_takes_no_filters(database: Database) -> None:
    """Its whole is judged as "these developers only", no part of it is."""
    store(database, [row for row in team_of_six() if row["developer"] in "abcd"], PROJECTS)
    assert covered_entries(database, Selection()) is not None
    assert covered_entries(database, Selection(team="A")) is None


def test_another_now_takes_the_cells_of_months_that_ended_before_it(database: Database) -> None:
    """Two instants between which one work item was finished would show that item."""
    months = [RUNNING_MONTH - 2, RUNNING_MONTH - 1]
    store(database, [row for month in months for row in team_of_six(month)], PROJECTS)
    instant = int(datetime(2026, 2, 17, 9, 30, tzinfo=UTC).timestamp())
    with permitted_part(database, Question(selection=Selection(team="A"))) as part:
        now_epoch = part.question.now_epoch
        assert now_epoch is not None
    for question in (Question(), Question(selection=Selection(team="A"))):
        with permitted_part(database, replace(question, now_epoch=instant)) as part:
            assert part.question.now_epoch == now_epoch
            assert part.limits == Limits(1, ("A",), ("P", "Q"), months[0], months[0], now_epoch)
    start = first_day_of_month(RUNNING_MONTH) * made_logs.DAY
    with permitted_part(database, Question(now_epoch=NOW_EPOCH)) as part:
        assert part.question.now_epoch == start
        assert part.limits == Limits(None, (), (), None, None, start)


@pytest.mark.parametrize("filters", [{}, {"team": "A"}], ids=["whole-log", "team"])
def test_results_at_two_instants_differ_by_whole_cells(
    database: Database, filters: dict[str, str]
) -> None:
    """An item that alone was finished in a month is not the difference between two months."""
    first, second, _ = PAST_MONTHS
    late = work("f", f"Q-{first}-1", day_in(second), team="A")
    store(database, [*team_of_six(first), *team_of_six(LAST), late], PROJECTS)
    finished: list[Covered] = []
    for month in (*PAST_MONTHS[1:], RUNNING_MONTH):
        instant = first_day_of_month(month) * made_logs.DAY
        question = Question(selection=Selection(**filters), now_epoch=instant)
        with permitted_part(database, question) as part:
            now_epoch = part.question.now_epoch
            assert now_epoch is not None
            items = aggregates.items(
                part.connection,
                part.question.selection,
                ArmRule("assisted"),
                MaturityRule(now_epoch, quiet_days=7),
            )
        columns = ["developer", "task"]
        complete = items[items["status"] == "closed"]
        finished.append(frozenset(tuple(row) for row in complete[columns].to_numpy()))
    for earlier, later in pairwise(finished):
        assert len({row[0] for row in earlier ^ later}) in {0, 5, 6}


def test_a_small_team_is_not_the_past_of_the_log_without_its_cells(database: Database) -> None:
    """A person without a cell is not what the export of the past has more than all cells.

    In the running month everybody works, so what lies in no cell is of more than five developers.
    """
    months = [RUNNING_MONTH - 2, RUNNING_MONTH - 1]
    alone = work("z", "Z-1", day_in(months[0]), team="Z")
    today = [work(name, f"new-{name}", day_in(RUNNING_MONTH, 0), team="A") for name in "abcdef"]
    store(database, [*(row for month in months for row in team_of_six(month)), alone], PROJECTS)
    store(database, today)
    filtered = covered_entries(database, Selection(last_day=first_day_of_month(RUNNING_MONTH) - 1))
    whole_log = covered_entries(database, Selection())
    assert filtered is not None
    assert whole_log is not None
    past = {row for row in whole_log - filtered if row[1] not in {f"new-{n}" for n in "abcdef"}}
    assert len({row[0] for row in past}) >= 5


def test_filtered_results_have_one_now(database: Database) -> None:
    """What counts as finished does not depend on the filter, so no item enters by the filter."""
    months = [RUNNING_MONTH - 2, RUNNING_MONTH - 1]
    store(database, [row for month in months for row in team_of_six(month)], PROJECTS)
    instants = set()
    for month in months:
        with permitted_part(
            database, Question(selection=Selection(last_day=first_day_of_month(month + 1) - 1))
        ) as part:
            instants.add(part.question.now_epoch)
    assert len(instants) == 1


def test_two_exports_of_moments_do_not_show_a_new_work_item(database: Database) -> None:
    """An item begun or finished in the running month appears in no export before the next month."""
    early = PAST_MONTHS[0]
    rows = [
        work(name, f"{answer}-{n}", day_in(early, n), assisted=answer)
        for name in "abcdef"
        for answer in ("yes", "no")
        for n in range(4)
    ]
    still_open = work("a", "open", day_in(RUNNING_MONTH - 1, 20), 45, assisted="yes")
    store(database, [*rows, still_open])
    before, limits = exported_moments(database, ["design"], reader="z")
    assert limits is not None
    assert limits.last_month == RUNNING_MONTH - 1
    assert before["n"].sum() == 48
    today = NOW_EPOCH // made_logs.DAY
    store(
        database,
        [work("b", "new", today, 77, assisted="yes")],
        [made_logs.task(name, completed_epoch=NOW_EPOCH) for name in ("new", "open")],
    )
    after, _ = exported_moments(database, ["design"], reader="z")
    assert after.equals(before)


def test_an_export_a_month_later_adds_whole_groups(database_url: str) -> None:
    """What fewer than five developers finished since the last export waits for others."""
    early = PAST_MONTHS[0]
    rows = [
        work(name, f"{answer}-{n}", day_in(early, n), assisted=answer)
        for name in "abcdef"
        for answer in ("yes", "no")
        for n in range(4)
    ]
    late = [work("a", "late", day_in(RUNNING_MONTH - 1, 20), 45, assisted="yes")]
    with open_test_database(database_url) as database:
        store(database, [*rows, *late])
        before, _ = exported_moments(database, ["design"], reader="z")
        next_month = replace(database, now=lambda: datetime(2026, 4, 2, tzinfo=UTC))
        after, _ = exported_moments(next_month, ["design"], reader="z")
        assert after.equals(before)
        store(
            database,
            [work(name, "more", day_in(RUNNING_MONTH, 1), 50, assisted="yes") for name in "bcde"],
        )
        in_may = replace(database, now=lambda: datetime(2026, 5, 2, tzinfo=UTC))
        later, _ = exported_moments(in_may, ["design"], reader="z")
        old = later.merge(before, how="left", indicator=True)["_merge"] == "both"
        assert old.sum() == len(before)
        assert later.loc[~old, ["arm", "n", "developers"]].to_numpy().tolist() == [
            ["assistance", 5, 5]
        ]


def test_the_clock_of_these_tests_is_early_in_a_month() -> None:
    """The running month is March 2026."""
    assert NOW.day == 1
