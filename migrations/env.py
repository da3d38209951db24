"""Run the migrations on the connection of the caller, inside the caller's transaction."""

from alembic import context

from tracker.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can only alter a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
