"""Totals of entries by work item, month, team and answer, from which aggregates are read."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = {
    **dict.fromkeys(("developer", "task", "activity"), sa.String()),
    "local_month": sa.Integer(),
    "team": sa.String(),
    "assisted": sa.String(7),
    "basis": sa.String(8),
    "assistant": sa.String(),
    "readable": sa.Boolean(),
}
_SUMS = {
    "entries": sa.Integer(),
    "seconds": sa.BigInteger(),
    **dict.fromkeys(("first_epoch", "ended_epoch", "last_epoch"), sa.BigInteger()),
    **dict.fromkeys(("day_at_first", "first_day", "last_day"), sa.Integer()),
    **dict.fromkeys(("first_logged_epoch", "last_logged_epoch"), sa.BigInteger()),
    **dict.fromkeys(
        (
            *("heaped_15", "heaped_30", "heaped_60", "over_12h", "over_24h", "beyond_span"),
            *("with_span", "sixtyfold", "sixtieth", "late", "overlapping"),
        ),
        sa.Integer(),
    ),
}

_FIRST_EPOCH, _LAST_EPOCH = -62_104_060_800, 253_370_764_799
_FIRST_DAY, _LAST_DAY = -718_797, 2_932_531
_SHIFT, _OFFSET = 1 << 22, 1 << 21


def _in_range(column: str) -> str:
    return (
        f"CASE WHEN {column} < {_FIRST_EPOCH} THEN {_FIRST_EPOCH} "
        f"WHEN {column} > {_LAST_EPOCH} THEN {_LAST_EPOCH} ELSE {column} END"
    )


def _count(condition: str) -> str:
    return f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)"


_FILL = f"""
WITH ordered AS (
    SELECT developer, id, started_epoch, ended_epoch, max(ended_epoch) OVER (
        PARTITION BY developer ORDER BY started_epoch, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS earlier_end_epoch
    FROM entries
), overlapping_entries AS (
    SELECT developer, id FROM ordered
    WHERE ended_epoch IS NOT NULL AND earlier_end_epoch > started_epoch
), readable_entries AS (
    SELECT *, started_epoch BETWEEN {_FIRST_EPOCH} AND {_LAST_EPOCH}
        AND local_day BETWEEN {_FIRST_DAY} AND {_LAST_DAY} AS readable,
        {_in_range("ended_epoch")} - {_in_range("started_epoch")} AS span,
        CAST(seconds AS BIGINT) AS effort
    FROM entries
), ended_entries AS (
    SELECT *, coalesce(
        ended_epoch,
        CASE WHEN readable THEN started_epoch + seconds + interruption_seconds END,
        started_epoch
    ) AS last_epoch
    FROM readable_entries
)
INSERT INTO entry_totals ({", ".join((*_KEY, *_SUMS))})
SELECT developer, task, activity, local_month, coalesce(team, ''), assisted,
    coalesce(basis, ''), coalesce(assistant, ''), readable,
    count(*), sum(seconds), min(started_epoch), max(last_epoch),
    max(coalesce(ended_epoch, started_epoch)),
    (min(CASE WHEN readable THEN started_epoch * {_SHIFT} + local_day + {_OFFSET}
        ELSE {_OFFSET} END) & {_SHIFT - 1}) - {_OFFSET},
    min(local_day), max(local_day), min(logged_epoch), max(logged_epoch),
    {_count("seconds > 0 AND seconds % 900 = 0")},
    {_count("seconds > 0 AND seconds % 1800 = 0")},
    {_count("seconds > 0 AND seconds % 3600 = 0")},
    {_count("seconds > 43200")},
    {_count("span > 86400")},
    {_count("effort + interruption_seconds > span + 60")},
    {_count("span > 0 AND seconds > 0")},
    {_count("span > 0 AND seconds >= span * 30 AND seconds <= span * 120")},
    {_count("seconds > 0 AND span >= effort * 30 AND span <= effort * 120")},
    {_count("readable AND logged_epoch > last_epoch + 172800")},
    {_count("(developer, id) IN (SELECT developer, id FROM overlapping_entries)")}
FROM ended_entries
GROUP BY developer, task, activity, local_month, coalesce(team, ''), assisted,
    coalesce(basis, ''), coalesce(assistant, ''), readable
"""  # noqa: S608 - our own names and numbers


def upgrade() -> None:
    op.create_table(
        "entry_totals",
        *(
            sa.Column(name, type_, autoincrement=False, nullable=False)
            if name == "local_month"
            else sa.Column(name, type_, nullable=False)
            for name, type_ in {**_KEY, **_SUMS}.items()
        ),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_entry_totals")),
        sqlite_with_rowid=False,
    )
    op.execute(_FILL)
    op.create_index(
        op.f("ix_changes_developer_row_key"),
        "changes",
        ["developer", "row_key"],
        sqlite_where=sa.text('"before" IS NOT NULL'),
        postgresql_where=sa.text('"before" IS NOT NULL'),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_changes_developer_row_key"), "changes")
    op.drop_table("entry_totals")
