{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Incidents that an incremental build has to do again, whether they still stand or not: those whose reports are other
-- than they were, and those of which an answer has changed the class or the suspect.
select regrouped.incident_id
from {{ ref('int_touched__regrouped') }} as regrouped
union
select triage.incident_id
from {{ changes_of('int_incidents__triage') }} as triage
union
select suspects.incident_id
from {{ changes_of('int_incidents__suspects') }} as suspects
