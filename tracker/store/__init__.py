"""The database: schema, connection, upgrade, write and read."""
