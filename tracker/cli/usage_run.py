"""One run of `collect`: from the logs to the marks, and from there to what entries say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tracker.cli.collecting import RETIRABLE, Collected, Collector
from tracker.cli.context import Context
from tracker.cli.progress import progress_bar
from tracker.cli.usage_coverage import check_last_use
from tracker.cli.usage_inference import Outcome, infer, state_after_reading, stored_rows
from tracker.domain.counts import count_of
from tracker.domain.errors import BadValue
from tracker.domain.printing import quote
from tracker.domain.usage import Mark
from tracker.domain.usage_machines import machine_to_retire
from tracker.local.usage_file import Header, UsageFiles, header_line, mark_line, new_header
from tracker.local.usage_state import UsageState, state_text
from tracker.sources.assistants.usage_log import Home
from tracker.store.read.developer_names import present_name
from tracker.store.read.usage import covered_days, own_entries
from tracker.store.write import change_log, usage

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Result(NamedTuple):
    """The logs that a run has read, and the findings about entries."""

    collected: Collected
    outcome: Outcome


class Run:
    """A run of `collect`.

    Args:
        context: The run of the program.
        homes: The home folders whose logs are read.
        now_epoch: The clock; events after it are left out.
        since_epoch: Events before are left out; None reads all.
        retired: The beginning of a machine's name, or the name of an assistant, and the day on
            which it was used last.
    """

    def __init__(
        self,
        context: Context,
        homes: Sequence[Home],
        now_epoch: int,
        *,
        since_epoch: int | None = None,
        retired: tuple[str, int] | None = None,
    ) -> None:
        self._context = context
        self._files = UsageFiles(context.data_folder)
        self._homes = homes
        self._now_epoch, self._since_epoch = now_epoch, since_epoch
        self._retired, self._is_checked = retired, False

    def keep(self) -> Result:
        """Keep the marks, and what they say about entries.

        Raises:
            NotFound: No other machine has such a name.
            BadValue: The machine was in use later, or the marks are damaged or of another
                developer.
        """
        context, files = self._context, self._files
        with files.collecting():
            header, earlier = self._earlier()
            collector, collected = self._collect(header, earlier)
            # before the database is needed: transcripts vanish while it cannot be reached
            collected = self._store(header, earlier, collected)
            database, developer = context.database(), context.developer
            with change_log.changing(database, developer) as connection:
                outcome = self._infer(connection, collector, collected)
                for machine, days in outcome.machines.items():
                    usage.set_coverage(connection, developer, machine, days)
                usage.set_answers(connection, database, developer, outcome.answers)
            with files.locked():
                files.write_state(outcome.state._replace(dropped=files.state().dropped))
        return Result(collected, outcome)

    def preview(self) -> tuple[Result, Iterator[str]]:
        """Return the result of a run that keeps nothing, and the lines that it would keep.

        Raises:
            NotFound: No other machine has such a name.
            BadValue: The machine was in use later, or the marks are damaged or of another
                developer.
        """
        header, earlier = self._earlier()
        collector, collected = self._collect(header, earlier)
        developer = self._context.developer
        with self._context.database().reading() as connection:
            stored = covered_days(connection, developer)
            outcome = self._infer(connection, collector, collected)

        def lines() -> Iterator[str]:
            yield f"== {self._files.marks_path}"
            yield header_line(header)
            yield from map(mark_line, collected.marks)
            yield f"== {self._files.state_path}"
            yield state_text(outcome.state)
            yield "== database"
            for row in stored_rows(developer, stored, outcome):
                yield json.dumps(row, ensure_ascii=False)

        return Result(collected, outcome), lines()

    def _earlier(self) -> tuple[Header, tuple[Mark, ...]]:
        """Return the header and the marks of this machine's file; a new header without one."""
        _check_owner(self._context, self._files)
        pattern = self._context.settings.task_pattern
        usage_file = self._files.read()
        if usage_file is None:
            return new_header(self._context.random_bytes, pattern), ()
        if usage_file.damaged:
            lines = count_of(usage_file.damaged, "damaged line")
            self._context.warn(f"{self._files.marks_path} had {lines}, now removed.")
        return usage_file.header._replace(pattern=pattern), usage_file.marks

    def _collect(self, header: Header, earlier: Sequence[Mark]) -> tuple[Collector, Collected]:
        collector = Collector(
            self._context, header, self._homes, self._now_epoch, self._since_epoch
        )
        with progress_bar(self._context, "collect") as show_progress:
            state = self._state(collector)
            return collector, collector.collect(earlier, state, show_progress)

    def _store(self, header: Header, earlier: Sequence[Mark], collected: Collected) -> Collected:
        """Write what was read, with the marks that hooks have added meanwhile; return all."""
        files = self._files
        events = {mark.event for mark in (*earlier, *collected.marks)}
        with files.locked():
            usage_file = files.read()
            written = usage_file.marks if usage_file else ()
            late = [mark for mark in written if mark.event not in events]
            marks = sorted((*collected.marks, *late), key=lambda mark: (mark.epoch, mark.event))
            files.write(header, marks)
            files.write_state(
                state_after_reading(files.state(), collected, self._context.stated_name)
            )
        return collected._replace(marks=tuple(marks))

    def _infer(self, connection: Connection, collector: Collector, collected: Collected) -> Outcome:
        developer = self._context.developer
        state = self._state(collector)
        if self._retired is not None and self._retired[0] not in RETIRABLE:
            state = self._with_retired(connection, collector, state, *self._retired)
        return infer(connection, developer, collector, collected, state)

    def _state(self, collector: Collector) -> UsageState:
        """Return the state of before, with the assistant that is not used any more.

        Raises:
            BadValue: It was in use later.
        """
        state = self._files.state()
        if self._retired is None or self._retired[0] not in RETIRABLE:
            return state
        name, last_used = self._retired
        today = collector.day_of(self._now_epoch)
        if not self._is_checked:  # the run itself counts as one that read the log
            check_last_use(name, last_used, state, collector.day_of, today)
            self._is_checked = True
        return state._replace(retired={**state.retired, name: last_used})

    def _with_retired(
        self,
        connection: Connection,
        collector: Collector,
        state: UsageState,
        prefix: str,
        last_used: int,
    ) -> UsageState:
        machines = covered_days(connection, self._context.developer)
        today = collector.day_of(self._now_epoch)
        machine = machine_to_retire(machines, collector.machine, prefix, last_used, today)
        return state._replace(retired={**state.retired, machine: last_used})


def forget(context: Context) -> int:
    """Delete this machine's marks, its coverage and what it inferred; return how many entries.

    Raises:
        NothingToDo: Another run reads the logs.
        BadValue: The marks are another developer's.
    """
    files, developer = UsageFiles(context.data_folder), context.developer
    _check_owner(context, files)
    database = context.database()
    with files.collecting(), files.locked():
        header = _readable_header(files)
        inferred = files.state().inferred
        with change_log.changing(database, developer) as connection:
            answers = {
                entry.id: inferred[entry.id].before
                for entry in own_entries(connection, developer)
                if entry.id in inferred and entry.answer == inferred[entry.id].answer
            }
            usage.set_answers(connection, database, developer, answers)
            if header is not None:
                usage.set_coverage(connection, developer, header.machine, {})
        files.forget()
    return len(answers)


def _check_owner(context: Context, files: UsageFiles) -> None:
    """Check that the marks on this machine are the developer's: they say nothing of others' work.

    Raises:
        BadValue: They are not.
    """
    owner, name = files.state().developer, context.stated_name
    if owner in (None, name):
        return
    with context.database().reading() as connection:  # a developer may have several names
        if present_name(connection, owner) == context.developer:
            return
    raise BadValue(
        f"the marks on this machine are those of {quote(owner)}, not of {quote(name)}: "
        f"set the developer, or run `tracker collect --forget` as {quote(owner)} first."
    )


def _readable_header(files: UsageFiles) -> Header | None:
    """Return the header of the marks; None where the file is damaged."""
    try:
        usage_file = files.read()
    except BadValue:
        return None
    return usage_file.header if usage_file is not None else None
