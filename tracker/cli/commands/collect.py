"""`collect`: marks of assistants' use from their local logs, and what they say of entries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import date, format_option, pass_context, time
from tracker.cli.output import Format, show
from tracker.cli.progress import progress_bar
from tracker.domain import times
from tracker.domain.counts import count_of
from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.usage import Mark
from tracker.domain.usage_proposals import proposals
from tracker.domain.usage_rule import (
    Answer,
    Finding,
    Inference,
    OwnEntry,
    days_with_unattributed_marks,
    new_answer,
)
from tracker.local.usage_file import (
    Header,
    Usage,
    UsageFiles,
    header_line,
    mark_line,
    new_header,
    state_text,
)

if TYPE_CHECKING:  # the readers and the database are imported where they are needed
    from sqlalchemy import Connection

    from tracker.cli.collecting import Collected, Collector

_LISTED = {
    "entry": "Entry",
    "activity": "Activity",
    "task": "Task",
    "started_at": "Started",
    "reason": "Why it stays unknown",
}


@click.command("collect")
@click.option(
    "--home",
    "homes",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Read the logs of this home folder instead of yours; may be repeated.",
)
@click.option(
    "--now", type=time, metavar="T", help="The time to take for now, for a log of the past."
)
@click.option("--since", type=date, metavar="DATE", help="Leave out what is older.")
@click.option("--dry-run", is_flag=True, help="Print every byte that would be kept; keep none.")
@click.option("--list", "is_listing", is_flag=True, help="List the entries that need a person.")
@format_option
@click.option(
    "--forget", is_flag=True, help="Delete all marks and take back what they say of entries."
)
@pass_context
def collect_command(
    context: Context,
    homes: tuple[str, ...],
    now: datetime | None,
    since: int | None,
    dry_run: bool,
    is_listing: bool,
    format: Format,
    forget: bool,
) -> None:
    """Collect from assistants' local logs when they were used; keep no prompt, path or answer.

    Reads the logs of Claude Code, Codex CLI, Copilot CLI, Cursor and WakaTime in your home folder,
    and the commits of the repositories in the settings. Instants stay in a file of yours; an entry
    with a prompt inside it, in its repository, on a branch with its task's key, becomes assisted.
    Nothing is read on a machine before you run this there.

    \b
    $ tracker collect --dry-run
    $ tracker collect
    """
    if forget and (homes or now or since or dry_run or is_listing):
        raise click.UsageError("give --forget alone")
    if format != "text" and (dry_run or not is_listing):
        raise click.UsageError("--format goes with --list, and not with --dry-run")
    files = UsageFiles(context.data_folder)
    if forget:
        _forget(context, files)
        return
    now_epoch = context.now_epoch if now is None else int(now.timestamp())
    since_epoch = None if since is None else times.day_start(since, context.zone)
    listing = format if is_listing else None
    run = _Run(context, files, homes, now_epoch, since_epoch)
    if dry_run:
        run.preview(listing)
    else:
        run.keep(listing)


class _Weighing(NamedTuple):
    """What the marks say of the entries, and what is to change."""

    findings: list[Finding]
    answers: dict[str, Answer]
    inferences: dict[str, Inference]
    proposed: int
    days: dict[int, bool]
    """The covered days, each with whether all its use lies in entries that say yes."""


class _Run:
    """One run of `collect`."""

    def __init__(
        self,
        context: Context,
        files: UsageFiles,
        homes: Sequence[str],
        now_epoch: int,
        since_epoch: int | None,
    ) -> None:
        from tracker.sources.assistants.usage_log import Home  # late: `--help` needs no reader

        self._context = context
        self._files = files
        environ = context.environ
        own = [Home(Path(environ.get("HOME") or Path.home()), environ)]
        self._homes = [Home(Path(home)) for home in homes] or own
        self._now_epoch, self._since_epoch = now_epoch, since_epoch

    def keep(self, listing: Format | None) -> None:
        """Keep the marks and tell what they say."""
        from tracker.cli.collecting import inferences_of
        from tracker.store.read.usage import covered_days
        from tracker.store.write import change_log, usage

        context, files = self._context, self._files
        developer = context.developer
        with files.collecting():
            header, earlier = self._earlier()
            collector, collected, state = self._collect(header, earlier)
            collected = self._store(header, earlier, collected)
            # before the database is needed: transcripts vanish while it cannot be reached
            files.write_state(_new_state(files.state(), collected, inferences_of(state)))
            database = context.database()
            with change_log.changing(database, developer) as connection:
                stored = covered_days(connection, developer)
                result = self._weigh(connection, collector, collected, state, stored)
                usage.set_coverage(connection, developer, header.machine, result.days)
                usage.set_answers(connection, database, developer, result.answers)
            with files.locked():
                files.write_state(_new_state(files.state(), collected, result.inferences))
        self._report(collected, result, listing)

    def _store(self, header: Header, earlier: Sequence[Mark], collected: Collected) -> Collected:
        """Write the marks, with those that hooks have added meanwhile; return all."""
        events = {mark.event for mark in (*earlier, *collected.marks)}
        with self._files.locked():
            usage = self._files.read()
            late = [mark for mark in usage.marks if mark.event not in events] if usage else []
            marks = sorted((*collected.marks, *late), key=lambda mark: (mark.epoch, mark.event))
            self._files.write(header, marks)
        return collected._replace(marks=tuple(marks))

    def preview(self, listing: Format | None) -> None:
        """Print what would be kept, to the byte."""
        from tracker.store.read.usage import covered_days

        header, earlier = self._earlier()
        collector, collected, state = self._collect(header, earlier)
        developer = self._context.developer
        with self._context.database().reading() as connection:
            stored = covered_days(connection, developer)
            result = self._weigh(connection, collector, collected, state, stored)
        print_line(f"== {self._files.marks_path}")
        for line in (header_line(header), *map(mark_line, collected.marks)):
            print_line(line)
        print_line(f"== {self._files.state_path}")
        print_line(state_text(_new_state(state, collected, result.inferences)))
        print_line("== database")
        for row in _rows(developer, header.machine, stored, result):
            print_line(json.dumps(row, ensure_ascii=False))
        self._report(collected, result, listing)

    def _earlier(self) -> tuple[Header, tuple[Mark, ...]]:
        """Return the header and the marks of this machine's file; a new header without one."""
        pattern = self._context.settings.task_pattern
        usage: Usage | None = self._files.read()
        if usage is None:
            return new_header(self._context.random_bytes, pattern), ()
        if usage.damaged:
            self._context.warn(
                f"{self._files.marks_path} has {usage.damaged:,} damaged lines, which are dropped."
            )
        return usage.header._replace(pattern=pattern), usage.marks

    def _collect(
        self, header: Header, earlier: Sequence[Mark]
    ) -> tuple[Collector, Collected, dict[str, Any]]:
        from tracker.cli.collecting import Collector  # late: it imports all readers

        collector = Collector(
            self._context, header, self._homes, self._now_epoch, self._since_epoch
        )
        state = self._files.state()
        with progress_bar(self._context, "collect") as show_progress:
            return collector, collector.collect(earlier, state, show_progress), state

    def _weigh(
        self,
        connection: Connection,
        collector: Collector,
        collected: Collected,
        state: Mapping[str, Any],
        stored: dict[str, dict[int, bool]],
    ) -> _Weighing:
        """Return what the marks say of the developer's entries.

        Of another machine only the days count whose use is known from entries.
        """
        from tracker.cli.collecting import inferences_of
        from tracker.store.read.usage import own_entries, undone_entries

        developer = self._context.developer
        entries = own_entries(connection, developer)
        undone = undone_entries(connection, developer)
        inferences = inferences_of(state)
        entry_ids = {entry.id for entry in entries}
        new_inferences = {id_: pair for id_, pair in inferences.items() if id_ not in entry_ids}
        coverage = {
            machine: {day for day, all_attributed in days.items() if all_attributed}
            for machine, days in stored.items()
        }
        coverage |= {collector.machine: collected.covered} if collected.runs else {}
        findings = collector.rule(collected.marks, coverage).findings(entries)
        answers: dict[str, Answer] = {}
        for finding in findings:
            entry = finding.entry
            before = inferences.get(entry.id)
            answer = entry.answer if entry.id in undone else new_answer(finding, before)
            if answer != entry.answer:
                answers[entry.id] = answer
            if inference := _inference(entry, answer, before):
                new_inferences[entry.id] = inference
        dropped = [str(event) for event in state.get("dropped", ())]
        proposed = len(proposals(collected.marks, entries, dropped))
        unattributed = days_with_unattributed_marks(
            collected.marks, findings, answers, collector.day_of
        )
        days = {day: day not in unattributed for day in collected.covered}
        if collected.runs:  # so that others know of this machine even where no day is covered
            days.setdefault(collector.day_of(collector.now_epoch), False)
        return _Weighing(findings, answers, new_inferences, proposed, days)

    def _report(self, collected: Collected, result: _Weighing, listing: Format | None) -> None:
        """Print what was read and inferred; in a format also what needs a person."""
        from tracker.cli import usage_messages

        context = self._context
        entries = [finding.entry for finding in result.findings]
        for line in usage_messages.read_lines(
            collected, entries, lambda epoch: times.local_day(epoch, context.zone)
        ):
            context.say(line)
        if not any(report.has_log for report in collected.reports):
            context.say("no log of an assistant is here")
        context.say(usage_messages.mark_line_of(collected))
        for line in usage_messages.answer_lines(result.findings, result.answers, result.proposed):
            context.say(line)
        if contradiction := usage_messages.contradiction_line(result.findings):
            context.warn(contradiction)
        if listing is not None:
            rows = list(_listed(context, result.findings, listing))
            show(rows, listing, _LISTED, text=("task", "reason"))


def _inference(entry: OwnEntry, answer: Answer, before: Inference | None) -> Inference | None:
    """Return what this machine has inferred of an entry; None where it has inferred nothing."""
    if answer != entry.answer:
        is_taken_back = before is not None and answer == before.before
        return (
            None if is_taken_back else Inference(answer, before.before if before else entry.answer)
        )
    return before if before is not None and before.answer == answer else None


def _new_state(
    state: Mapping[str, Any], collected: Collected, inferences: Mapping[str, Inference]
) -> dict[str, Any]:
    return {
        **state,
        "runs": collected.runs,
        "covered": sorted(collected.covered),
        "covered_by_log": {key: sorted(days) for key, days in collected.covered_by_log.items()},
        "inferred": {
            id_: [list(pair.answer), list(pair.before)] for id_, pair in inferences.items()
        },
    }


def _rows(
    developer: str,
    machine: str,
    stored: Mapping[str, Mapping[int, bool]],
    result: _Weighing,
) -> Iterator[dict[str, Any]]:
    """Yield what would be written to the database."""
    own = stored.get(machine, {})
    for day, all_attributed in sorted(result.days.items()):
        if own.get(day) != all_attributed:
            values = {"developer": developer, "machine": machine, "day": day}
            yield {"table": "usage_coverage", **values, "all_attributed": int(all_attributed)}
    for id_, (assisted, basis) in result.answers.items():
        yield {"table": "entries", "id": id_, "assisted": assisted, "basis": basis}


def _listed(
    context: Context, findings: Sequence[Finding], listing: Format
) -> Iterator[dict[str, str]]:
    """Yield the entries that need a person: two conditions of three, or a contradiction."""
    reasons = {
        "repository": "use inside it on its branch, in no repository of its project",
        "branch": "use inside it in its repository, on no branch with its key",
    }
    for finding in findings:
        entry = finding.entry
        reason = reasons.get(finding.lacking or "")
        if finding.contradicts and finding.is_stated:
            reason = "it says no, and has prompts inside"
        if reason is None or entry.answer[0] == "yes":
            continue
        yield {
            "entry": entry.id,
            "activity": entry.activity,
            "task": entry.task,
            "started_at": _start(context, entry, listing),
            "reason": reason,
        }


def _start(context: Context, entry: OwnEntry, listing: Format) -> str:
    if listing == "text":
        return times.format_instant(entry.started_epoch, context.zone)
    return datetime.fromtimestamp(entry.started_epoch, context.zone).isoformat()


def _forget(context: Context, files: UsageFiles) -> None:
    """Delete this machine's marks, its coverage and what it inferred of entries."""
    from tracker.cli.collecting import inferences_of
    from tracker.store.read.usage import own_entries
    from tracker.store.write import change_log, usage

    if not files.exist():
        raise NothingToDo(f"{files.marks_path} does not exist: nothing is kept on this machine.")
    database, developer = context.database(), context.developer
    with ExitStack() as stack:
        stack.enter_context(files.collecting())
        stack.enter_context(files.locked())
        header = _readable_header(files)
        inferences = inferences_of(files.state())
        connection = stack.enter_context(change_log.changing(database, developer))
        answers = {
            entry.id: inferences[entry.id].before
            for entry in own_entries(connection, developer)
            if entry.id in inferences and entry.answer == inferences[entry.id].answer
        }
        usage.set_answers(connection, database, developer, answers)
        if header is not None:
            usage.set_coverage(connection, developer, header.machine, {})
        files.forget()
    changed = count_of(len(answers), "entry", "entries")
    context.say(f"all marks of this machine are deleted; {changed} changed back")


def _readable_header(files: UsageFiles) -> Header | None:
    """Return the header of the marks; None where the file is damaged."""
    try:
        usage = files.read()
    except BadValue:
        return None
    return usage.header if usage is not None else None
