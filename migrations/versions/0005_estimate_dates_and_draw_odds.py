"""When a task's estimates were made, and the odds of a work item's draw."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tasks") as tasks:
        tasks.add_column(sa.Column("estimated_epoch", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("work_items") as work_items:
        work_items.add_column(sa.Column("assistance_share", sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("work_items") as work_items:
        work_items.drop_column("assistance_share")
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_column("estimated_epoch")
