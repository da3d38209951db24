"""Who ran an import, and which changes one command made together."""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _altered(table: str) -> AbstractContextManager[BatchOperations]:
    """Alter a table; SQLite writes it anew, so that it is as a new database has it."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    return op.batch_alter_table(table, recreate="always" if is_sqlite else "never")


def upgrade() -> None:
    # NULL is right for existing rows: the owner is not known, and each change is its own group.
    with _altered("imports") as imports:
        imports.add_column(sa.Column("developer", sa.String(), nullable=True))
    with _altered("changes") as changes:
        changes.add_column(sa.Column("group_id", sa.String(length=36), nullable=True))


def downgrade() -> None:
    # The older program does not know the verb: it would undo a redone change twice.
    op.execute("DELETE FROM changes WHERE verb = 'redo'")
    with _altered("changes") as changes:
        changes.drop_column("group_id")
    with _altered("imports") as imports:
        imports.drop_column("developer")
