"""The only code that touches the outside: files, PostgreSQL, the vault."""
