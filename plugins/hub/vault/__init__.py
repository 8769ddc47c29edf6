"""Personal values: tokens, keys, encryption, logged reads, the audit log."""
