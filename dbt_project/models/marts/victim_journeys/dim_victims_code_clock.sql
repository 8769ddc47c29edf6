select
    clock_code,
    clock_name,
    standard_working_days,
    enhanced_working_days,
    source as rule_source,
    is_enhanced_for_hate_crime,
    is_standard_confirmed,
    is_enhanced_confirmed,
    valid_from,
    valid_to
from {{ ref('victims_code_clocks') }}
