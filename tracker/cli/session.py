"""One run of the program: clock, environment, settings, messages and the developer's files.

`tracker start` loads this module and must be fast.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from tracker.cli import time_limit
from tracker.domain import names, times, urls
from tracker.domain.errors import BadValue, TrackerError
from tracker.domain.ids import uuid7
from tracker.domain.plain_text import readable
from tracker.domain.printing import quote
from tracker.local import settings
from tracker.local.activity_cache import ActivityCache
from tracker.local.atomic_files import atomic_write
from tracker.local.drawn_arms import DrawnArmCache
from tracker.local.history import History
from tracker.local.outbox import Outbox
from tracker.local.outboxes import Outboxes
from tracker.local.task_cache import TaskCache
from tracker.local.timer_file import TimerFile

if TYPE_CHECKING:  # SQLAlchemy takes five times as long to import as click
    from random import Random
    from zoneinfo import ZoneInfo

    from tracker.local.completion import NameCache


def parse_text(field: str, text: str, longest: int = names.LONGEST_NAME) -> str:
    """Return a name or a note without leading and trailing blanks.

    Raises:
        BadValue: The text is empty, too long or has characters that a name may not have.
    """
    value = text.strip()
    utf8 = readable(value)
    if utf8 != value and "\N{REPLACEMENT CHARACTER}" not in utf8:
        raise BadValue(
            f"{field} is {quote(utf8)}: this locale cannot read it; "
            "use one in UTF-8, such as LC_ALL=C.UTF-8."
        )
    reason = names.fault(value, longest) if value else "give one line with something in it"
    if reason:
        raise BadValue(f"{field} is {quote(text)}: {reason}.")
    return value


class Session:
    """One run of the program.

    Args:
        environ: The environment variables.
        clock: Returns the current instant with its zone.
        random_bytes: Returns the given number of random bytes, as ``os.urandom`` does.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self.environ = environ
        self.random_bytes = random_bytes
        self._clock = clock
        self._url: str | None = None
        self._config: str | None = None
        self._verbosity = 0
        self.late_estimates: set[tuple[str, str]] = set()
        """Activity and task of the work items of which this command has warned."""
        self.is_refused = False
        """Whether the command ends with an error."""
        self._last_warnings: list[str] = []

    @classmethod
    def from_process(cls) -> Self:
        """Return a session with the environment, clock and random generator of this process."""
        return cls(os.environ, lambda: datetime.now(UTC), os.urandom)

    def apply_options(self, *, url: str | None, config: str | None, verbosity: int) -> None:
        """Store the options of the group; ``verbosity`` is -1 with -q and 1 with -v."""
        self._url, self._config, self._verbosity = url, config, verbosity

    # messages

    def say(self, message: str, *, is_warning: bool = False) -> None:
        """Print a message to stderr. With -q only a warning is printed."""
        if not self.is_quiet or is_warning:
            time_limit.echo(message)

    @property
    def is_quiet(self) -> bool:
        """Whether only warnings are printed, with -q."""
        return self._verbosity < 0

    @property
    def is_verbose(self) -> bool:
        """Whether more is asked for, with -v."""
        return self._verbosity > 0

    def warn_at_end(self, message: str) -> None:
        """Warn at the end of the command, unless it is refused: a refusal is one line."""
        self._last_warnings.append(message)

    def print_last_warnings(self) -> None:
        """Print the warnings that were kept for the end."""
        for message in [] if self.is_refused else self._last_warnings:
            self.warn(message)

    def say_verbose(self, message: str) -> None:
        """Print a message to stderr if -v is given."""
        if self.is_verbose:
            time_limit.echo(message)

    def warn(self, message: str) -> None:
        """Print a warning to stderr, also with -q."""
        time_limit.echo(f"tracker: {message}")

    def warn_of_long_effort(self, seconds: int) -> None:
        """Warn of more than 12 hours at a stretch, and name the correction."""
        if seconds > times.LONG_EFFORT_SECONDS:
            effort = times.format_minutes(seconds / 60)
            self.warn(
                f"that is {effort} at a stretch; `tracker undo` takes it back, `tracker edit`"
                " corrects it."
            )

    def warn_of_unreadable(self, count: int) -> None:
        """Warn of entries whose zone or time cannot be interpreted, and name the correction."""
        if count:
            self.warn(
                f"{count:,} {'entry has' if count == 1 else 'entries have'} a zone or a time that "
                "cannot be read, shown in UTC, as a number or as —: `tracker db doctor` names "
                "them; `tracker edit ID --tz ZONE --from T` or `tracker delete ID` corrects them."
            )

    def drawn_answer(self, activity: str, task: str) -> str | None:
        """Return ``yes`` or ``no`` as drawn for a work item; None where no arm is cached."""
        answers = {"baseline": "no", "assistance": "yes"}
        arm = self.drawn_arms.arm(self.known_name or "", activity, task)
        return answers.get(arm or "")

    def warn_of_contradiction(self, item: str, assisted: str) -> None:
        """Warn that an entry's ``assisted`` contradicts the arm drawn for its work item."""
        drawn, flag = ("without", "--ai") if assisted == "yes" else ("with", "--no-ai")
        self.warn(
            f"{item} was drawn to be done {drawn} assistance, and {flag} says otherwise: the entry"
            " keeps the flag, a verdict counts the task as drawn."
        )

    # clock, developer and settings

    @cached_property
    def _instant(self) -> datetime:
        """The current instant, read once so that all records of a command have the same."""
        return self._clock()

    def read_clock(self) -> datetime:
        """Return the instant that the clock shows, for what takes longer than a moment."""
        return self._clock()

    def now(self) -> datetime:
        """Return the current instant in the developer's zone."""
        return self._instant.astimezone(self.zone)

    @property
    def now_epoch(self) -> int:
        """The current instant in whole seconds since 1970 UTC."""
        return int(self._instant.timestamp())

    def new_id(self) -> str:
        """Return an id for a new record."""
        return uuid7(int(self._instant.timestamp() * 1e6) * 1000, self.random_bytes(8))

    @property
    def rng(self) -> Random:
        """A random generator with an unpredictable seed."""
        from random import Random

        return Random(int.from_bytes(self.random_bytes(32), "big"))  # noqa: S311 - randomises arms, no secret

    @cached_property
    def settings(self) -> settings.Settings:
        """The settings file's content."""
        return settings.read_settings(self.settings_file, must_exist=self._config is not None)

    @property
    def settings_file(self) -> str:
        """The path of the settings file."""
        return self._config or settings.settings_file(self.environ)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The developer's zone: clock times are typed and printed in it."""
        if self.settings.zone or not self.environ.get("TZ"):
            return times.zone(self.settings.zone or times.local_zone_name(self.environ))
        try:
            return times.zone(times.local_zone_name(self.environ))
        except BadValue as error:
            raise BadValue(f"TZ: {error}") from None

    @cached_property
    def configured_developer(self) -> str | None:
        """The developer of TRACKER_DEVELOPER or else of the settings; None where neither names one.

        Raises:
            BadValue: It is not a valid name.
        """
        developer = settings.configured_developer(self.environ, self.settings)
        if not developer:
            return None
        return names.normalise_name(parse_text(self._origin("developer"), developer))

    @cached_property
    def stated_name(self) -> str:
        """The name of the developer on this machine: the configured one, else the login name.

        Files on this machine have it; :attr:`Context.developer` is the one in the database.

        Raises:
            BadValue: The system has no login name either, or it is not a valid name.
        """
        name = self._named_developer
        if name is None:
            raise BadValue("developer is not known: `tracker config set developer NAME`.")
        if not self.configured_developer:
            self._announce_login_name(name)
        return name

    @cached_property
    def known_name(self) -> str | None:
        """The stated name; None where there is no valid one, which many commands do not need."""
        with suppress(BadValue):
            return self._named_developer
        return None

    @cached_property
    def _named_developer(self) -> str | None:
        """The configured developer, else the login name; None where the system has none either."""
        if self.configured_developer:
            return self.configured_developer
        name = settings.login_name(self.environ)
        return None if name is None else names.normalise_name(parse_text("developer", name))

    def _announce_login_name(self, name: str) -> None:
        """Tell the developer once that their entries are logged under their login name."""
        path = os.path.join(self.data_folder, "introduced")
        with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
            if file.read() == name:
                return
        self.say(
            f"Your work is logged under your login name, {name!r}; "
            "`tracker config set developer NAME` changes it."
        )
        with suppress(OSError):
            atomic_write(path, name)

    @cached_property
    def team(self) -> str | None:
        """The team of new entries, from the settings."""
        return names.normalise_name(self.settings.team) if self.settings.team else None

    @cached_property
    def assistant(self) -> str | None:
        """The assistant that ``--ai`` means where none is named, from the settings."""
        return names.normalise_name(self.settings.assistant) if self.settings.assistant else None

    # files

    @cached_property
    def data_folder(self) -> str:
        """The folder of the developer's timer and of their own database."""
        return settings.data_folder(self.environ)

    @cached_property
    def outboxes(self) -> Outboxes:
        """The outboxes of all databases."""
        default_url = settings.default_database_url(self.environ)
        return Outboxes(self.data_folder, default_url, self.warn)

    @cached_property
    def outbox(self) -> Outbox:
        """The outbox of records that are not yet stored in this database."""
        return self.outboxes.outbox(self.url)

    def waiting_for_other_databases(self) -> int:
        """Return how many records wait in the outboxes of other databases."""
        return sum(outbox.count() for outbox in self.outboxes.others(self.url))

    def warn_of_waiting(self) -> None:
        """Warn of records that wait for other databases, as for one that was renamed."""
        try:
            outboxes = self.outboxes.others(self.url)
        except (TrackerError, OSError):
            return  # the command itself has reported it
        waiting = ", ".join(f"{outbox.count()} for {outbox.database}" for outbox in outboxes)
        if waiting:
            self.warn_at_end(
                f"records wait for another database: {waiting}; a command with --db stores them "
                "there, `tracker outbox move` brings them here."
            )

    def own_files(self) -> list[str]:
        """Return the files and folders where no output may be written, whether they exist or not.

        SQLite would take a file with the name of a journal for one.
        """
        database = urls.sqlite_path(self.url)
        suffixes = ("", "-wal", "-shm", "-journal")
        files = [f"{database}{suffix}" for suffix in suffixes] if database else []
        return [*files, self.settings_file, self.data_folder]

    @cached_property
    def timer(self) -> TimerFile:
        """The developer's timer."""
        return TimerFile(self.data_folder, self.outbox, self.warn, self.history)

    @cached_property
    def history(self) -> History:
        """The steps of the timer that `undo` takes back."""
        path = os.path.join(self._database_folder, "history.json")
        return History(path, lambda: int(self._instant.timestamp() * 1000))

    @cached_property
    def activities(self) -> ActivityCache:
        """The activities that the database had when it was last read."""
        return ActivityCache(self._database_folder)

    @cached_property
    def tasks(self) -> TaskCache:
        """The developer's task keys that the database had when it was last read."""
        return TaskCache(self._database_folder, self.known_name or "")

    def similar_task(self, key: str, *, with_slips: bool = True) -> str | None:
        """Return the task key that a new one was probably meant to be, None where it looks right.

        It is compared with the keys that the database had, and with those on this machine that
        wait for it or that the timer has.
        """
        # A record without a task is rejected as it is stored, and stops no command before that.
        pending = [record for _, record in self.outbox.pending()]
        records = [record for record in pending if isinstance(record.get("task"), str)]
        timer = self.timer.running()
        fresh = [record["task"] for record in records] + ([timer.task] if timer else [])
        estimated = [record["task"] for record in records if record["kind"] == "estimate"]
        return self.tasks.similar(key, with_slips=with_slips, fresh=fresh, estimated=estimated)

    @cached_property
    def drawn_arms(self) -> DrawnArmCache:
        """The arms that were drawn for the developer when the database was last read."""
        return DrawnArmCache(self._database_folder)

    @property
    def completion_names(self) -> NameCache:
        """The names that a shell completes."""
        from tracker.local.completion import NameCache  # late: not for the timer's commands

        return NameCache(self._database_folder)

    @cached_property
    def _database_folder(self) -> str:
        """The folder of this database's outbox and caches."""
        return self.outboxes.folder(self.url)

    @property
    def url(self) -> str:
        """The database's URL; it may hold a password, so it is never printed."""
        url = self._url or settings.database_url(self.environ, self.settings)
        if "://" in url:
            return url
        label = "--db" if self._url else self._origin("database_url")
        return settings.typed_database_url(url, self.environ, label)

    @property
    def is_url_typed(self) -> bool:
        """Whether the option --db names the database."""
        return self._url is not None

    def _origin(self, key: str) -> str:
        """Return the origin of a setting, for messages: an environment variable or the file."""
        variable = settings.ENVIRONMENT[key]
        return variable if self.environ.get(variable) else f"{self.settings_file}: {key}"
