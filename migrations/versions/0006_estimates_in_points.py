"""Estimates of tasks and work items in points."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("tasks", "work_items"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("estimate_points", sa.Double(), nullable=True))


def downgrade() -> None:
    for name in ("work_items", "tasks"):
        with op.batch_alter_table(name) as table:
            table.drop_column("estimate_points")
