"""The tables. The developer leads every key of those that grow, so that they shard by developer.

Portable on purpose (SQLite, PostgreSQL, distributed PostgreSQL): whole seconds, whole local days
and months, no time zones and no dates in the database. Vocabulary (activity, arm, assisted) is
checked by the program, which can suggest the nearest valid word. The database checks what must
never be wrong: signs and the three values of ``assisted``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

entries = Table(
    "entries",
    metadata,
    Column("developer", String, nullable=False),
    Column("id", String(36), nullable=False),
    Column("task", String, nullable=False),
    Column("activity", String, nullable=False),
    Column("team", String),
    Column("started_epoch", BigInteger, nullable=False),
    Column("ended_epoch", BigInteger),
    Column("zone", String, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("interruption_seconds", Integer, nullable=False),
    Column("local_day", Integer, nullable=False),
    Column("local_month", Integer, nullable=False),
    Column("assisted", String(7), nullable=False),
    Column("basis", String(8)),
    Column("assistant", String),
    Column("note", Text),
    Column("tags", Text),
    Column("source", String),
    Column("source_key", String),
    Column("row_hash", String),
    Column("import_id", String(36)),
    Column("logged_epoch", BigInteger, nullable=False),
    PrimaryKeyConstraint("developer", "id"),
    UniqueConstraint("developer", "source", "source_key"),
    CheckConstraint("seconds >= 0", name="seconds_not_negative"),
    CheckConstraint("interruption_seconds >= 0", name="interruption_not_negative"),
    # Not IN (…): SQLite would build a temporary table for every row, a fifth of an insert's time.
    CheckConstraint(
        "assisted = 'yes' OR assisted = 'no' OR assisted = 'unknown'", name="assisted_known"
    ),
)
Index(None, entries.c.developer, entries.c.task, entries.c.activity)
Index(None, entries.c.developer, entries.c.started_epoch)

entry_totals = Table(
    "entry_totals",  # kept up to date by tracker/store/write/entry_totals.py
    metadata,
    Column("developer", String, nullable=False),
    Column("task", String, nullable=False),
    Column("activity", String, nullable=False),
    Column("local_month", Integer, nullable=False, autoincrement=False),
    Column("team", String, nullable=False),  # "" is no team; likewise of basis and assistant
    Column("assisted", String(7), nullable=False),
    Column("basis", String(8), nullable=False),
    Column("assistant", String, nullable=False),
    Column("readable", Boolean, nullable=False),  # whether start and day are in range
    Column("entries", Integer, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("first_epoch", BigInteger, nullable=False),
    Column("ended_epoch", BigInteger, nullable=False),
    Column("last_epoch", BigInteger, nullable=False),  # of stored ends, else of starts
    Column("day_at_first", Integer, nullable=False),  # of the entry that began first
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("first_logged_epoch", BigInteger, nullable=False),
    Column("last_logged_epoch", BigInteger, nullable=False),
    # Numbers of entries, as in tracker.store.read.entry_aggregates.quality
    Column("heaped_15", Integer, nullable=False),
    Column("heaped_30", Integer, nullable=False),
    Column("heaped_60", Integer, nullable=False),
    Column("over_12h", Integer, nullable=False),
    Column("over_24h", Integer, nullable=False),
    Column("beyond_span", Integer, nullable=False),
    Column("with_span", Integer, nullable=False),
    Column("sixtyfold", Integer, nullable=False),
    Column("sixtieth", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("overlapping", Integer, nullable=False),
    PrimaryKeyConstraint(
        *("developer", "task", "activity", "local_month"),
        *("team", "assisted", "basis", "assistant", "readable"),
    ),
    sqlite_with_rowid=False,
)

work_items = Table(
    "work_items",
    metadata,
    Column("developer", String, nullable=False),
    Column("task", String, nullable=False),
    Column("activity", String, nullable=False),
    Column("estimate_minutes", Double),
    Column("estimate_ai_minutes", Double),
    Column("estimated_epoch", BigInteger),
    Column("completed_epoch", BigInteger),
    Column("assigned", String(10)),
    Column("assigned_epoch", BigInteger),
    Column("import_id", String(36)),
    Column("assistance_share", Double),
    Column("estimate_points", Double),
    PrimaryKeyConstraint("developer", "task", "activity"),
    CheckConstraint("assigned IN ('baseline', 'assistance')", name="assigned_known"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task", String, nullable=False),
    Column("title", Text),
    Column("project", String),
    Column("estimate_minutes", Double),
    Column("estimate_ai_minutes", Double),
    Column("completed_epoch", BigInteger),
    Column("import_id", String(36)),
    Column("estimated_epoch", BigInteger),
    Column("estimate_points", Double),
    PrimaryKeyConstraint("task"),
)

rollouts = Table(
    "rollouts",
    metadata,
    Column("id", String(36), nullable=False),
    Column("assistant", String, nullable=False),
    Column("day", Integer, nullable=False),
    Column("developer", String),
    Column("team", String),
    PrimaryKeyConstraint("id"),
)

claims = Table(
    "claims",
    metadata,
    Column("id", String, nullable=False),
    Column("activity", String, nullable=False),
    Column("value", Double, nullable=False),
    Column("reading", String, nullable=False),
    Column("bound", String, nullable=False),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("id"),
)

activities = Table(
    "activities",
    metadata,
    Column("activity", String, nullable=False),
    PrimaryKeyConstraint("activity"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", String(36), nullable=False),
    Column("developer", String),  # who imported it; NULL where that was not recorded yet
    Column("source", String, nullable=False),
    Column("file", Text, nullable=False),
    Column("imported_epoch", BigInteger, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("work_items", Integer, nullable=False),
    Column("tasks", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("undone_epoch", BigInteger),
    PrimaryKeyConstraint("id"),
)

disclosure_cells = Table(
    "disclosure_cells",
    metadata,
    Column("team", String, nullable=False),  # "" is work without a team; likewise of projects
    Column("month", Integer, nullable=False, autoincrement=False),
    Column("project", String, nullable=False),
    Column("cell", Integer, nullable=False),
    Column("fixed_epoch", BigInteger, nullable=False),
    PrimaryKeyConstraint("team", "month", "project"),
)

usage_coverage = Table(
    "usage_coverage",
    metadata,
    Column("developer", String, nullable=False),
    Column("machine", String(16), nullable=False),  # a random name
    Column("day", Integer, nullable=False, autoincrement=False),
    Column(
        "all_attributed", Integer, nullable=False
    ),  # 1 if all use of the day is in assisted entries
    PrimaryKeyConstraint("developer", "machine", "day"),
)

developer_aliases = Table(
    "developer_aliases",
    metadata,
    Column("alias", String, nullable=False),  # a former name; rows have the present one only
    Column("developer", String, nullable=False),
    PrimaryKeyConstraint("alias"),
)

changes = Table(
    "changes",
    metadata,
    Column("developer", String, nullable=False),
    Column("id", String(36), nullable=False),
    Column("changed_epoch", BigInteger, nullable=False),
    Column("verb", String, nullable=False),
    Column("table_name", String, nullable=False),
    Column("row_key", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("import_id", String(36)),
    Column("undone_by", String(36)),
    Column("group_id", String(36)),  # of the changes that one command made; NULL for a single one
    PrimaryKeyConstraint("developer", "id"),
)
Index(None, changes.c.developer, changes.c.table_name, changes.c.row_key)
is_no_addition = changes.c.before.is_not(None)
# Of most entries the change log says only that they were added: not in this index.
index_of_edits = Index(
    None, changes.c.developer, changes.c.row_key, sqlite_where=is_no_addition
)  # tracker/store/postgres.py adds the condition of PostgreSQL, whose dialect loads slowly
