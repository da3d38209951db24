"""`collect`: marks of assistants' use from their local logs, and what they say about entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.context import Context
from tracker.cli.messages import print_line
from tracker.cli.options import date, format_option, pass_context, time
from tracker.cli.output import Format, show
from tracker.domain import times
from tracker.domain.counts import count_of
from tracker.domain.errors import BadValue, NothingToDo
from tracker.domain.usage_rule import Finding, OwnEntry
from tracker.local.usage_file import UsageFiles

if TYPE_CHECKING:  # the readers and the database are imported where they are needed
    from tracker.cli.usage_run import Result

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
    "--forget", is_flag=True, help="Delete all marks and take back what they say about entries."
)
@click.option(
    "--retire",
    type=(str, date),
    metavar="NAME DATE",
    help="State when another machine, or an assistant here, was used last; it does not count after "
    "that day.",
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
    retire: tuple[str, int] | None,
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
    if forget and (homes or now or since is not None or dry_run or is_listing or retire):
        raise click.UsageError("give --forget alone")
    if format != "text" and (dry_run or not is_listing):
        raise click.UsageError("--format goes with --list, and not with --dry-run")
    if forget:
        _forget(context)
        return
    from tracker.cli.usage_run import Run  # late: `--help` needs no reader
    from tracker.sources.assistants.usage_log import Home

    environ = context.environ
    own = [Home(Path(environ.get("HOME") or Path.home()), environ)]
    run = Run(
        context,
        [Home(Path(home)) for home in homes] or own,
        _clock(context, now),
        since_epoch=None if since is None else times.day_start(since, context.zone),
        retired=retire,
    )
    if dry_run:
        result, lines = run.preview()
        for line in lines:
            print_line(line)
    else:
        result = run.keep()
    _report(context, result)
    if is_listing:
        rows = list(_listed(context, result.outcome.findings, format))
        show(rows, format, _LISTED, text=("task", "reason"))


def _clock(context: Context, now: datetime | None) -> int:
    """Return the instant to take for now.

    Raises:
        BadValue: It has not come: days would count as covered before they have passed.
    """
    if now is None:
        return context.now_epoch
    epoch = int(now.timestamp())
    if epoch > context.now_epoch:
        shown = times.format_instant(epoch, context.zone)
        raise BadValue(f"--now is {shown}, which is in the future: give an earlier time.")
    return epoch


def _report(context: Context, result: Result) -> None:
    """Print what was read and inferred."""
    from tracker.cli import usage_messages

    def day_of(epoch: int) -> int:
        return times.local_day(epoch, context.zone)

    collected, outcome = result
    entries = [finding.entry for finding in outcome.findings]
    for line in usage_messages.read_lines(collected, entries, day_of):
        context.say(line)
    if not any(report.has_log for report in collected.reports):
        context.say("no log of an assistant is here")
    context.say(usage_messages.mark_line_of(collected))
    for line in usage_messages.answer_lines(outcome.findings, outcome.answers, outcome.proposed):
        context.say(line)
    for line in usage_messages.unused_lines(collected, outcome, day_of):
        context.say(line)
    if contradiction := usage_messages.contradiction_line(outcome.findings):
        context.warn(contradiction)


def _listed(
    context: Context, findings: Sequence[Finding], format: Format
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
            "started_at": _start(context, entry, format),
            "reason": reason,
        }


def _start(context: Context, entry: OwnEntry, format: Format) -> str:
    if format == "text":
        return times.format_instant(entry.started_epoch, context.zone)
    return datetime.fromtimestamp(entry.started_epoch, context.zone).isoformat()


def _forget(context: Context) -> None:
    """Delete this machine's marks, its coverage and what it inferred of entries."""
    from tracker.cli.usage_run import forget

    files = UsageFiles(context.data_folder)
    if not files.exist():
        raise NothingToDo(f"{files.marks_path} does not exist: nothing is kept on this machine.")
    changed = count_of(forget(context), "entry", "entries")
    context.say(f"all marks of this machine are deleted; {changed} changed back")
