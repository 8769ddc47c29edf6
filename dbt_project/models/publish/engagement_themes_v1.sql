select
    cut_off,
    force_code,
    strand_code,
    provider_code,
    count_reports_4w,
    expected_4w,
    growth,
    is_rising,
    count_repeat_victims,
    count_repeat_content,
    share_third_party,
    evidence,
    count_without_place
from {{ ref('agg_engagement_themes') }}
