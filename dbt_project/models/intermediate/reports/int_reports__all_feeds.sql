-- A view, and without a `with`, so that each feed's staging table is looked up by its own indexes; the feed is written
-- out, so that who asks for one feed's reports reads that feed's table alone. A new feed of reports adds one name here
-- (and its versions to int_journey_records, if they are to be on victims' journeys). Models that need references and
-- places alone read this one; any other reads int_reports__unioned, which has no token without consent.
-- report_columns() names the columns that every feed of reports has.
{{ config(materialized='view') }}

{% set models = [
    'stg_true_vision_reports',
    'stg_community_reports',
    'stg_volunteer_reports',
    'stg_police_hate_crimes',
] %}
{% for model in models %}
    select
        report_id,
        '{{ model.removeprefix('stg_') }}' as feed,
        delivery_id,
        row_number,
        {{ report_columns() }}
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
