"""Former names of developers, under which logs may still arrive."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "developer_aliases",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("developer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_developer_aliases")),
    )


def downgrade() -> None:
    op.drop_table("developer_aliases")
