"""What takes long to import: a server of processes imports it once, for all that it makes."""

from hub.ingest.validation import load_great_expectations
from proofs.archive_world import doomed

__all__ = ["doomed"]

load_great_expectations()
