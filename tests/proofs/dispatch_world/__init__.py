"""A hub with recipients over every transport, and all that can go wrong between them.

``record`` is what the recipients know: every document that came and every answer that they gave. ``line`` cuts their
connections. ``shelf``, ``web``, ``post`` and ``fetching`` are the recipients by folder and SFTP, webhook, mail and the
exchange; ``answering`` is what their desks say. ``sender`` is a round of the hub in a process that may be killed at any
step. ``world`` holds them together, ``faults`` and ``rotations`` say what goes wrong and which keys change, and
``oracles`` compares what the recipients know with the tables of the ledger. Nothing here asks the hub's own functions
what is right: that follows from docs/dispatch.md and docs/exchange.md.
"""
