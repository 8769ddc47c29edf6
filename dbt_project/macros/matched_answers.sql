{% macro matched_answers(answers, own_columns) -%}
    {#- Every answer to the hub with what it is about: its report, the incident of that, the allocation that it answers.
        One that names a report the hub does not have, or a reference that two incidents happen to share, or that comes
        from somebody who was never asked, is kept and says so: they are counted, and looked for, rather than dropped.
        `answers`: the name of a model of responses; `own_columns`: what else of it is kept, as it stands in a
        select. -#}
    select
        responses.response_id,
        responses.delivery_id,
        responses.row_number,
        reports.report_id,
        reports.incident_id,
        allocated.allocation_id,
        responses.response_ref,
        responses.{{ own_columns | join(', responses.') }},
        case
            when reports.report_id is null and shared.report_ref is not null then 'reference_is_shared'
            when reports.report_id is null then 'no_such_report'
            when allocated.allocation_id is null then 'not_allocated_to_it'
            else 'matched'
        end as match_state,
        responses.happened_at
    from {{ ref(answers) }} as responses
    left join {{ ref('int_reports__references') }} as reports on responses.report_ref = reports.report_ref
    left join (select distinct report_ref from {{ ref('int_reports__unioned') }}) as shared
        on responses.report_ref = shared.report_ref
    left join {{ ref('int_allocation_answers') }} as allocated on responses.response_id = allocated.answer_id
{%- endmacro %}
