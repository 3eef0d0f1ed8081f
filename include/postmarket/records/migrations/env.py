"""What Alembic runs: the migrations on the connection that ``records.migration`` hands over, in its transaction."""

from alembic import context

from include.postmarket.records.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, compare_type=True)
context.run_migrations()
