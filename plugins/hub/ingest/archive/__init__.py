"""The archive: rows of a feed that are not followed (``followed`` of its contract). They are kept as Parquet in the
store and counted in the database, under the same receipts, rules and verdicts as the rows in raw.

The ledger's accepted rows of a delivery are its rows in raw and those that its sums count. What a delivery has in the
store is what ``ledger.archive_files`` lists: an object that no row names was left by a load that did not end.
"""
