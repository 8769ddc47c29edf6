"""Reports about the same content or event become one incident; every reporter is kept.

One idea: *the affected component*. What came, changed or went since the last run; every report that shares a candidate
key with it, so that its pairs may be others now; and everything that is or was joined to those by a pair, a manual
override or an incident. That component is decided again from nothing, so the result is that of a run
over everything, whatever the order in which reports came.

records (what reports say) → fingerprints → candidates → scoring (by evidence) → components → results. One transaction:
a run that is killed leaves what was there before. ``review`` has what people see and decide.
"""

from hub.linkage.incidents.linking import LinkedIncidents, link_incidents

__all__ = ["LinkedIncidents", "link_incidents"]
