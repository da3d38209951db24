"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activities",
        sa.Column("activity", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("activity", name=op.f("pk_activities")),
    )
    op.create_table(
        "changes",
        sa.Column("developer", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("changed_epoch", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("undone_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("developer", "id", name=op.f("pk_changes")),
    )
    op.create_index(
        op.f("ix_changes_developer_table_name_row_key"),
        "changes",
        ["developer", "table_name", "row_key"],
        unique=False,
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_table(
        "entries",
        sa.Column("developer", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("started_epoch", sa.BigInteger(), nullable=False),
        sa.Column("ended_epoch", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("interruption_seconds", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Integer(), nullable=False),
        sa.Column("local_month", sa.Integer(), nullable=False),
        sa.Column("assisted", sa.String(length=7), nullable=False),
        sa.Column("basis", sa.String(length=8), nullable=True),
        sa.Column("assistant", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.Column("row_hash", sa.String(), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("logged_epoch", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "assisted = 'yes' OR assisted = 'no' OR assisted = 'unknown'",
            name=op.f("ck_entries_assisted_known"),
        ),
        sa.CheckConstraint(
            "interruption_seconds >= 0", name=op.f("ck_entries_interruption_not_negative")
        ),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_entries_seconds_not_negative")),
        sa.PrimaryKeyConstraint("developer", "id", name=op.f("pk_entries")),
        sa.UniqueConstraint(
            "developer", "source", "source_key", name=op.f("uq_entries_developer_source_source_key")
        ),
    )
    op.create_index(
        op.f("ix_entries_developer_task_activity"),
        "entries",
        ["developer", "task", "activity"],
        unique=False,
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("imported_epoch", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("work_items", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("undone_epoch", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "rollouts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("assistant", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("developer", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollouts")),
    )
    op.create_table(
        "tasks",
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("project", sa.String(), nullable=True),
        sa.Column("estimate_minutes", sa.Double(), nullable=True),
        sa.Column("estimate_ai_minutes", sa.Double(), nullable=True),
        sa.Column("completed_epoch", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_tasks")),
    )
    op.create_table(
        "work_items",
        sa.Column("developer", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("estimate_minutes", sa.Double(), nullable=True),
        sa.Column("estimate_ai_minutes", sa.Double(), nullable=True),
        sa.Column("estimated_epoch", sa.BigInteger(), nullable=True),
        sa.Column("completed_epoch", sa.BigInteger(), nullable=True),
        sa.Column("assigned", sa.String(length=10), nullable=True),
        sa.Column("assigned_epoch", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "assigned IN ('baseline', 'assistance')", name=op.f("ck_work_items_assigned_known")
        ),
        sa.PrimaryKeyConstraint("developer", "task", "activity", name=op.f("pk_work_items")),
    )


def downgrade() -> None:
    op.drop_table("work_items")
    op.drop_table("tasks")
    op.drop_table("rollouts")
    op.drop_table("imports")
    op.drop_index(op.f("ix_entries_developer_task_activity"), table_name="entries")
    op.drop_table("entries")
    op.drop_table("claims")
    op.drop_index(op.f("ix_changes_developer_table_name_row_key"), table_name="changes")
    op.drop_table("changes")
    op.drop_table("activities")
