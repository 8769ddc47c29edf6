"""Persons: which mentions of victims and reporters, over all feeds, are one person.

The linkage reads names, addresses and dates of birth from the vault into this process's memory, and leaves the
warehouse nothing but ids, scores and levels of agreement.
"""

from hub.stages.link_people.linking import LinkedPeople, link_people

__all__ = ["LinkedPeople", "link_people"]
