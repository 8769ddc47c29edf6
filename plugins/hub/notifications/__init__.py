"""Telling people in time: an outbox of messages in the ledger, and the channels that take them.

Whatever somebody has to know is in the ledger already: open alerts, deliveries with quarantined rows, repeats,
failed builds. ``outbox`` derives one message a cause from that, as often as it is asked and never twice, and works out
who is told by which channel; ``sending`` hands each to its channel and keeps it until the channel has taken it.
"""
