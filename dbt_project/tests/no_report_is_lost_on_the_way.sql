-- so that every report of any feed is a row of fct_reports, and every row of fct_reports is a report of a feed. Feeds
-- are not named here: they are joined whole in int_reports__unioned, and a new one adds its line there only.
select
    unioned.report_id as unioned_report_id,
    reports.report_id
from {{ ref('int_reports__unioned') }} as unioned
full outer join {{ ref('fct_reports') }} as reports on unioned.report_id = reports.report_id
where unioned.report_id is null or reports.report_id is null
