"""What reads and writes which tables, told to a receiver of OpenLineage events: ingests, builds, linkage, publishes."""

from hub.lineage.sending import LineageRefused, send_lineage

__all__ = ["LineageRefused", "send_lineage"]
