"""Infers from a developer's marks whether an assistant was used for their entries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.domain.names import normalise_name
from tracker.domain.usage_machines import MachineDays, last_run_day, retired_days
from tracker.domain.usage_proposals import proposals
from tracker.domain.usage_rule import (
    Answer,
    Finding,
    Inference,
    OwnEntry,
    days_with_unattributed_marks,
    new_answer,
)
from tracker.local.usage_state import UsageState
from tracker.sources.assistants.usage_log import DEFAULT_RETENTION_DAYS
from tracker.store.read.usage import covered_days, own_entries, undone_entries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tracker.cli.collecting import Collected, Collector


class Outcome(NamedTuple):
    """The findings about the entries, and the changes to store."""

    findings: list[Finding]
    answers: dict[str, Answer]
    """The new answers of the entries that change, by their ids."""
    state: UsageState
    machines: dict[str, MachineDays]
    """The days of coverage to be stored: of this machine and of retired ones."""
    unread_machines: dict[str, int]
    """The other machines whose logs may be deleted before they are read, with their last run."""
    proposed: int
    """Stretches of use in no entry."""


def state_after_reading(state: UsageState, collected: Collected, developer: str) -> UsageState:
    """Return a state with what was read, before anything is inferred from it."""
    coverage = collected.coverage
    return state._replace(
        developer=normalise_name(developer),
        runs=coverage.runs,
        covered=coverage.days,
        covered_by_log=coverage.by_log,
    )


def infer(
    connection: Connection,
    developer: str,
    collector: Collector,
    collected: Collected,
    state: UsageState,
) -> Outcome:
    """Return what the marks say about a developer's entries.

    Args:
        connection: A connection to the database.
        developer: The developer.
        collector: What has read the marks.
        collected: What was read.
        state: What was remembered before the run.
    """
    today = collector.day_of(collector.now_epoch)
    stored = covered_days(connection, developer)
    machines = _retired_machines(stored, state.retired, collector.machine, today)
    coverage: dict[str, Collection[int]] = {
        machine: {day for day, is_attributed in days.items() if is_attributed}
        for machine, days in (stored | machines).items()
    }
    if collected.coverage.runs:
        coverage[collector.machine] = collected.coverage.days
    entries = own_entries(connection, developer)
    findings = collector.rule(collected.marks, coverage).findings(entries)
    answers, inferred = _answers(findings, state, undone_entries(connection, developer))
    machines[collector.machine] = _own_days(collector, collected, findings, answers)
    still_retired = {
        machine: last_used
        for machine, last_used in state.retired.items()
        if not _is_used_again(stored.get(machine), last_used) and machine not in collected.in_use
    }
    after = state_after_reading(state, collected, developer)
    return Outcome(
        findings,
        answers,
        after._replace(inferred=inferred, retired=still_retired),
        machines,
        _unread_machines({**stored, **machines}, still_retired, today),
        len(proposals(collected.marks, entries, state.dropped)),
    )


def stored_rows(
    developer: str, stored: Mapping[str, MachineDays], outcome: Outcome
) -> Iterator[dict[str, Any]]:
    """Yield the changes that would be written to the database."""
    for machine, days in outcome.machines.items():
        own = stored.get(machine, {})
        for day, is_attributed in sorted(days.items()):
            if own.get(day) != is_attributed:
                row = {"developer": developer, "machine": machine, "day": day}
                yield {"table": "usage_coverage", **row, "all_attributed": int(is_attributed)}
    before = {finding.entry.id: finding.entry.answer for finding in outcome.findings}
    for id_, (assisted, basis) in outcome.answers.items():
        answer = {"assisted": assisted, "basis": basis}
        old = dict(zip(("assisted", "basis"), before[id_], strict=True))
        yield {"table": "entries", "id": id_, **answer}
        yield {"table": "changes", "row_key": id_, "before": old, "after": answer}


def _retired_machines(
    stored: Mapping[str, MachineDays], retired: Mapping[str, int], own: str, today: int
) -> dict[str, MachineDays]:
    """Return the days of retired machines. One that is not in this database has none."""
    return {
        machine: retired_days(stored[machine], last_used, today)
        for machine, last_used in retired.items()
        if machine in stored and machine != own and not _is_used_again(stored[machine], last_used)
    }


def _unread_machines(
    machines: Mapping[str, MachineDays], retired: Mapping[str, int], today: int
) -> dict[str, int]:
    last_runs = {
        machine: last_run_day(days)
        for machine, days in machines.items()
        if days and machine not in retired
    }
    return {
        machine: day for machine, day in last_runs.items() if today - day > DEFAULT_RETENTION_DAYS
    }


def _is_used_again(days: MachineDays | None, last_used: int) -> bool:
    """Return whether a machine has collected after the day on which it was used last."""
    return days is not None and last_run_day(days) > last_used


def _answers(
    findings: list[Finding], state: UsageState, undone: set[str]
) -> tuple[dict[str, Answer], dict[str, Inference]]:
    """Return the answers that change, and what this machine has inferred now.

    What it inferred of entries that another database holds is kept.
    """
    ids = {finding.entry.id for finding in findings}
    inferred = {id_: pair for id_, pair in state.inferred.items() if id_ not in ids}
    answers: dict[str, Answer] = {}
    for finding in findings:
        entry = finding.entry
        before = state.inferred.get(entry.id)
        answer = entry.answer if entry.id in undone else new_answer(finding, before)
        if answer != entry.answer:
            answers[entry.id] = answer
        if inference := _inference(entry, answer, before):
            inferred[entry.id] = inference
    return answers, inferred


def _inference(entry: OwnEntry, answer: Answer, before: Inference | None) -> Inference | None:
    """Return the value that this machine inferred for an entry; None if it inferred none."""
    if answer == entry.answer:
        return before if before is not None and before.answer == answer else None
    if before is None:
        return Inference(answer, entry.answer)
    return None if answer == before.before else Inference(answer, before.before)


def _own_days(
    collector: Collector,
    collected: Collected,
    findings: list[Finding],
    answers: Mapping[str, Answer],
) -> MachineDays:
    """Return the covered days of this machine, and the day of this run as one with other use.

    So others know of this machine even where no day is covered.
    """
    unattributed = days_with_unattributed_marks(
        collected.marks, findings, answers, collector.day_of
    )
    days = {day: day not in unattributed for day in collected.coverage.days}
    if collected.coverage.runs:
        days.setdefault(collector.day_of(collector.now_epoch), False)
    return days
