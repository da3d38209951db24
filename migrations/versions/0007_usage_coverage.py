"""The days on which the marks of assistants' use were collected, by machine."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_coverage",
        sa.Column("developer", sa.String(), nullable=False),
        sa.Column("machine", sa.String(16), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("all_attributed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("developer", "machine", "day", name=op.f("pk_usage_coverage")),
    )


def downgrade() -> None:
    op.drop_table("usage_coverage")
