"""Cells: five developers in each difference of results, and a partition that is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.disclosure import (
    CellKey,
    form_cells,
    limits_of,
    merge_names,
    merge_periods,
    month_spans,
    select_cells,
    selectable_cells,
)
from tracker.domain.records import Selection
from tracker.domain.times import first_day_of_month

LAST_MONTH = 674
"""The last month that has ended."""
TEAMS = ("", "A", "B")
PROJECTS = ("", "p", "q")
MONTHS = range(672, LAST_MONTH + 1)


class Item(NamedTuple):
    """A work item of the months until LAST_MONTH, or of the running month after it."""

    key: CellKey
    developer: str
    continues: bool
    """Whether it has entries in the running month."""


drawn_items = st.lists(
    st.builds(
        Item,
        st.builds(
            CellKey,
            st.sampled_from(TEAMS),
            st.integers(MONTHS[0], LAST_MONTH + 1),
            st.sampled_from(PROJECTS),
        ),
        st.sampled_from("abcdefghij"),
        st.booleans(),
    ),
    max_size=70,
)


def people(items: Iterable[Item]) -> dict[CellKey, set[str]]:
    """Return the developers of each part of the past months."""
    developers: dict[CellKey, set[str]] = {}
    for item in items:
        if item.key.month <= LAST_MONTH:
            developers.setdefault(item.key, set()).add(item.developer)
    return developers


def present(items: Iterable[Item]) -> set[str]:
    """Return the developers with entries in the running month."""
    return {item.developer for item in items if item.continues or item.key.month > LAST_MONTH}


def selections() -> Iterator[Selection]:
    """Yield every filter of these logs, with months as limits of the days."""
    days = [None, *map(first_day_of_month, (*MONTHS, LAST_MONTH + 1))]
    for team, project, first, last in product((None, *TEAMS), (None, *PROJECTS), days, days):
        if team != "" and project != "":
            last_day = None if last is None else last - 1
            yield Selection(team=team, project=project, first_day=first, last_day=last_day)


def smallest_difference(items: list[Item], partition: dict[CellKey, int]) -> int | None:
    """Return the fewest developers of what any combination of permitted results tells apart.

    Parts that are in the same results cannot be told apart by adding and subtracting results. The
    whole log is one of the results. None if there is nothing.
    """
    developers, others = people(items), present(items)
    cells = selectable_cells(developers, partition, others)
    results = [set(select_cells(cells, selection)) for selection in selections()]
    groups: dict[tuple[bool, ...], set[str]] = {}
    for key, names in developers.items():
        number = partition.get(key)
        membership = tuple(number in result for result in results)
        groups.setdefault(membership, set()).update(names)
    groups.setdefault((False,) * len(results), set()).update(others)
    return min((len(names) for names in groups.values() if names), default=None)


@settings(deadline=None, max_examples=60)
@given(drawn_items)
def test_no_two_results_differ_by_fewer_than_five_developers(items: list[Item]) -> None:
    """Whatever filters are combined with the whole log, five developers stand behind each part."""
    everybody = {item.developer for item in items}
    smallest = smallest_difference(items, form_cells(people(items), {}))
    assert smallest is None or smallest >= min(5, len(everybody))


@settings(deadline=None, max_examples=60)
@given(drawn_items, drawn_items, st.data())
def test_a_partition_is_fixed_and_stays_safe(
    items: list[Item], later_items: list[Item], data: st.DataObject
) -> None:
    """Later entries of past months change no cell, and deleted ones leave no cell too small."""
    partition = form_cells(people(items), {})
    kept_items = [item for item in items if data.draw(st.booleans())]
    grown = [*kept_items, *later_items]
    new_cells = form_cells(people(grown), partition)
    assert not partition.keys() & new_cells.keys()
    everybody = {item.developer for item in grown}
    smallest = smallest_difference(grown, partition | new_cells)
    assert smallest is None or smallest >= min(5, len(everybody))


@settings(deadline=None, max_examples=30)
@given(drawn_items, st.randoms(use_true_random=False))
def test_cells_do_not_depend_on_the_order_of_entries(items: list[Item], random: object) -> None:
    """The same log has the same cells, whichever entry is read first."""
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert form_cells(people(items), {}) == form_cells(people(shuffled), {})


def test_small_projects_are_merged_before_months() -> None:
    """Two projects of three make one cell; a month of four waits for the month after it."""
    developers = {
        CellKey("A", 672, "p"): set("abc"),
        CellKey("A", 672, "q"): set("def"),
        CellKey("A", 672, "r"): set("abcdefg"),
        CellKey("A", 673, "p"): set("abcd"),
        CellKey("A", 674, "p"): set("de"),
        CellKey("B", 674, "p"): set("xyz"),
    }
    cells = form_cells(developers, {})
    assert cells[CellKey("A", 672, "p")] == cells[CellKey("A", 672, "q")]
    assert cells[CellKey("A", 672, "r")] not in (cells[CellKey("A", 672, "p")], None)
    assert cells[CellKey("A", 673, "p")] == cells[CellKey("A", 674, "p")]
    assert CellKey("B", 674, "p") not in cells


def test_a_small_project_joins_the_smallest_cell_of_its_month() -> None:
    """One developer beside projects of five and six is in the cell of five."""
    developers = {
        CellKey("A", 672, "p"): set("abcdef"),
        CellKey("A", 672, "q"): set("ghijk"),
        CellKey("A", 672, "r"): set("a"),
    }
    cells = form_cells(developers, {})
    assert cells[CellKey("A", 672, "r")] == cells[CellKey("A", 672, "q")]
    assert cells[CellKey("A", 672, "p")] != cells[CellKey("A", 672, "q")]


def test_late_work_of_a_month_joins_a_cell_of_that_month() -> None:
    """An entry for a past month on a project that the month did not have is in an existing cell."""
    developers = {CellKey("A", 672, "p"): set("abcde")}
    partition = form_cells(developers, {})
    late = {CellKey("A", 672, "q"): {"a"}}
    assert form_cells(developers | late, partition) == {CellKey("A", 672, "q"): 1}


def test_a_cell_that_has_become_small_is_left_out() -> None:
    """After two of five developers deleted their entries, no filter selects what is left."""
    p, q, r = (CellKey("A", 672, project) for project in "pqr")
    partition = {p: 1, q: 2, r: 3}
    developers = {p: set("abcde"), q: set("fgh"), r: set("ijklm")}
    assert set(selectable_cells(developers, partition, set("abcde"))) == {1}
    assert set(selectable_cells(developers, partition, set())) == {1}
    more = {**developers, CellKey("B", 672, "p"): set("no")}
    assert set(selectable_cells(more, partition, set("abcde"))) == {1, 3}


def test_filters_select_whole_cells() -> None:
    """A cell of two projects is in neither; a month that begins before --from is left out."""
    cells = {
        1: [CellKey("A", 672, "p"), CellKey("A", 672, "q")],
        2: [CellKey("A", 673, "p")],
        3: [CellKey("B", 673, "p"), CellKey("B", 674, "p")],
    }
    first, last = first_day_of_month(673), first_day_of_month(674) - 1
    expected = {
        Selection(project="p"): {2, 3},
        Selection(project="q"): set(),
        Selection(team="A"): {1, 2},
        Selection(first_day=first): {2, 3},
        Selection(first_day=first + 1): set(),
        Selection(last_day=last): {1, 2},
        Selection(last_day=last - 1): {1},
        Selection(first_day=first, last_day=last): {2},
    }
    assert {part: set(select_cells(cells, part)) for part in expected} == expected
    limits = limits_of({1: cells[1], 2: cells[2]}, 0)
    assert (limits.teams, limits.projects) == (("A",), ("p", "q"))
    assert (limits.first_month, limits.last_month, limits.cells) == (672, 673, 2)


def test_periods_that_complete_no_group_are_merged_or_left_out() -> None:
    """The last period joins the group before it, or waits for more."""
    periods = [(1, set("abc"), 0.0), (2, set("cde"), 0.0), (3, set("a"), 0.0)]
    assert merge_periods(periods) == {1: 1, 2: 1, 3: 1}
    assert merge_periods(periods, merge_rest=False) == {1: 1, 2: 1}


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.sets(st.integers(0, 9).map(str), min_size=1)),
)
def test_names_are_merged_until_five_developers_stand_behind_each_group(
    developers: dict[str, set[str]],
) -> None:
    """Every name is in one group; only a group of all names may be of fewer developers."""
    groups = merge_names(developers)
    assert sorted(name for names in groups for name in names) == sorted(developers)
    behind = [set().union(*(developers[name] for name in names)) for names in groups]
    assert len(groups) <= 1 or min(map(len, behind)) >= 5
    if all(len(names) >= 5 for names in developers.values()):
        assert len(groups) == len(developers)


def test_months_of_cells_that_overlap_are_one_group() -> None:
    """A group consists of whole cells; adjacent cells stay apart."""

    def cell(*months: int) -> list[CellKey]:
        return [CellKey("A", month, "") for month in months]

    assert month_spans({1: cell(672, 674), 2: cell(673), 3: cell(675), 4: cell(676, 677)}) == {
        672: (672, 674),
        673: (672, 674),
        674: (672, 674),
        675: (675, 675),
        676: (676, 677),
        677: (676, 677),
    }
