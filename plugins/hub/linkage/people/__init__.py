"""Persons: which mentions of victims and reporters, over all feeds, are one person.

One idea, the same as for incidents: *the affected component*. The identity records of mentions that came, changed or
went since the last run; all that share a candidate key with them; and everything that is or was joined to those by a
likely pair, a manual override or a person. That component is decided again from nothing, so the result is that of a run
over everything, whatever the order in which mentions came.

records (identity records, made comparable) → candidates → scoring (by comparisons and parameters) → components →
results. Names, addresses and dates of birth are read from the vault into this process's memory; the warehouse gets
nothing but ids, scores and levels of agreement. ``review`` has what people see and decide, ``training`` makes a
parameter file.
"""

from hub.linkage.people.linking import LinkedPeople, link_people

__all__ = ["LinkedPeople", "link_people"]
