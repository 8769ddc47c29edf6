"""Copies of what the hub holds, outside of its home: base backups of the database, its write-ahead log as it grows, the
landing store, and the journal of erasures that a restore does again. Everything is encrypted; the keys go elsewhere."""
