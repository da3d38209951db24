"""The partition of past months into cells, for statistical disclosure control."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure_cells",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("fixed_epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "month", "project", name=op.f("pk_disclosure_cells")),
    )


def downgrade() -> None:
    op.drop_table("disclosure_cells")
