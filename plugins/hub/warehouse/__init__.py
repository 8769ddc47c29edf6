"""The database: connections, bulk copy, migrations, roles and grants, the embedded server."""
