{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Incidents that new or corrected answers speak of, and those whose reports are other than they were: an answer that
-- was about one may now be about another. What a decision was about before it was corrected the decisions themselves
-- told, if the build that took the correction in then stopped.
select regrouped.incident_id
from {{ ref('int_touched__regrouped') }} as regrouped
union
select renamed.incident_id
from {{ changes_of('int_reports__references') }} as renamed
union
select named.incident_id
from (
    select references_of_answers.report_ref from {{ ref('int_touched__answered_references') }} as references_of_answers
    union
    select decisions.report_ref from {{ changes_of('int_hub_decisions') }} as decisions
) as answered
cross join
    lateral (
        select known.incident_id
        from {{ ref('int_reports__references') }} as known
        where known.report_ref = answered.report_ref
        {{ row_by_row() }}
    ) as named
where {{ adds_to_what_stands() }}
