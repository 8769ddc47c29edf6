"""A hub on the session's server that takes in letters, calls and packs."""

from privacy.conftest import hub

__all__ = ["hub"]
