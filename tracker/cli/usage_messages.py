"""The wording of what `collect` read, inferred and left unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from tracker.cli.collecting import Collected
from tracker.cli.usage_inference import Outcome
from tracker.domain.counts import count_of
from tracker.domain.times import day_to_date, format_minutes
from tracker.domain.usage_machines import machine_name
from tracker.domain.usage_rule import Answer, Finding, OwnEntry

READERS = {
    "claude-code": "Claude Code",
    "codex": "Codex CLI",
    "copilot-cli": "Copilot CLI",
    "cursor": "Cursor",
    "wakatime": "WakaTime",
    "git": "git",
}
"""The names of readers as people know them."""


def read_lines(
    collected: Collected, entries: Sequence[OwnEntry], day_of: Callable[[int], int]
) -> Iterator[str]:
    """Yield a line about what was read for each reader that has a log."""
    for report in collected.reports:
        if not report.has_log:
            continue
        name = READERS.get(report.reader, report.reader)
        unit = "commit" if report.reader == "git" else "line"
        nouns = ("repository", "repositories") if report.reader == "git" else ("file",)
        places = count_of(report.files, *nouns)
        yield f"{name}: {count_of(report.lines, unit)} in {places} read"
        if report.unread:
            versions = ", ".join(sorted(report.unread_versions))
            yield (
                f"{name}: {count_of(report.unread, 'line')} not understood (version {versions}): "
                "those days do not count as covered"
            )
        if report.unreadable and report.reader == "git":
            yield f"{name}: {count_of(report.unreadable, *nouns)} cannot be read"
        elif report.unreadable:
            yield (
                f"{name}: {count_of(report.unreadable, 'file or folder', 'files or folders')} "
                "cannot be read: the days that may be in there do not count as covered"
            )
        if report.reader == "claude-code" and not report.retention_days:
            yield f"{name}: writes no transcripts (cleanupPeriodDays is 0): nothing is covered"
        if report.agent_seconds:
            agent = format_minutes(sum(report.agent_seconds.values()) / 60)
            days = report.agent_seconds.keys()
            own = sum(e.seconds for e in entries if day_of(e.started_epoch) in days)
            yield (
                f"{name}: {agent} of the assistant's own work recorded, on "
                f"{count_of(len(days), 'day')} with {format_minutes(own / 60)} of yours: two "
                "quantities, and a verdict counts yours alone"
            )


def mark_line_of(collected: Collected) -> str:
    """Return a line with the number of marks and of covered days."""
    prompts = sum(mark.kind == "prompt" for mark in collected.marks)
    nowhere = sum(mark.kind == "prompt" and mark.repository is None for mark in collected.marks)
    text = (
        f"{count_of(len(collected.marks), 'mark')} kept, {collected.new:,} of them new: "
        f"{count_of(prompts, 'prompt')}"
    )
    if nowhere:
        text += f", {nowhere:,} of them outside the repositories of the settings"
    if collected.after_clock:
        text += f"; {count_of(collected.after_clock, 'event')} after the clock left out"
    return f"{text}; {count_of(len(collected.coverage.days), 'day')} covered on this machine"


def answer_lines(
    findings: Sequence[Finding], answers: Mapping[str, Answer], proposed: int
) -> Iterator[str]:
    """Yield lines about the changes to entries, and about what is left to the user."""
    counts = Counter(answers.values())
    for (assisted, basis), count in sorted(counts.items(), key=str):
        words = "unknown again" if assisted == "unknown" else f"{assisted}, by {basis}"
        yield f"{count_of(count, 'entry', 'entries')} inferred: {words}"
    if not answers:
        yield "no entry changes"
    listed = Counter(f.lacking for f in findings if f.lacking and f.answer[0] == "unknown")
    for lacking, count in sorted(listed.items(), key=str):
        reason = "in another repository" if lacking == "repository" else "on another branch"
        yield (
            f"{count_of(count, 'entry', 'entries')} with use inside, but {reason}: unchanged; "
            "`tracker collect --list` names them"
        )
    if proposed:
        stretches = count_of(proposed, "stretch", "stretches")
        yield f"{stretches} of use in no entry: see `tracker proposals`"


def unused_lines(
    collected: Collected, outcome: Outcome, day_of: Callable[[int], int]
) -> Iterator[str]:
    """Yield lines about machines and assistants that are not used any more, or seem not to be."""
    retired = outcome.state.retired
    for name, last_used in sorted(retired.items()):
        subject = READERS.get(name) or f"machine {machine_name(name)}"
        yield (f"{subject} does not count after {day_to_date(last_used)}, the day of its last use")
    for machine, last_run in sorted(outcome.unread_machines.items()):
        name = machine_name(machine)
        yield (
            f"machine {name} has not collected since {day_to_date(last_run)}, and no day after "
            "that counts as covered: run `tracker collect` there, or, if it is not used any more, "
            f"`tracker collect --retire {name} DATE` here with the day of its last use"
        )
    for report in collected.reports:
        if report.reader in retired:
            continue
        reason = None
        if report.last_epoch is not None and not report.has_log:
            reason = f"was read last on {day_to_date(day_of(report.last_epoch))} and is gone"
        elif report.reader == "cursor" and report.has_log:
            reason = "holds no prompts"
        if reason:
            yield (
                f"{READERS[report.reader]}: its log {reason}, and no day since counts as covered: "
                f"if it is not used any more, run `tracker collect --retire {report.reader} DATE` "
                "with the day of its last use"
            )


def contradiction_line(findings: Sequence[Finding]) -> str | None:
    """Return a message with the number of flags that the marks contradict; None without any."""
    number = sum(finding.contradicts and finding.is_stated for finding in findings)
    if not number:
        return None
    verb = "says no by a flag, but has" if number == 1 else "say no by a flag, but have"
    return (
        f"{count_of(number, 'entry', 'entries')} {verb} prompts inside: the flag stands; "
        "`tracker collect --list` names them."
    )
