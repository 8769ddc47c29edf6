-- Best evidence first: where it happened (the small area, then the postcode district), then the borough, then the
-- force that the reporter named. A place that no list knows counts as no evidence, and the next grade is tried.
with reports as materialized (
    select
        report_id,
        offence_lsoa_code,
        offence_postcode_district,
        force_named,
        {{ written_name('borough_named') }} as written_borough
    from {{ ref('int_reports__unioned') }}
),

evidence as (
    select
        reports.report_id,
        reports.force_named,
        by_lsoa.force_code as force_by_lsoa,
        by_lsoa.lad_code as lad_by_lsoa,
        by_district.force_code as force_by_district,
        by_district.lad_code as lad_by_district,
        by_borough.force_code as force_by_borough,
        by_borough.lad_code as lad_by_borough
    from reports
    left join {{ ref('int_areas__lsoas') }} as lsoas
        on reports.offence_lsoa_code = lsoas.lsoa_code
    left join {{ ref('local_authorities') }} as by_lsoa
        on lsoas.lad_code = by_lsoa.lad_code
    left join {{ ref('postcode_districts') }} as by_district
        on reports.offence_postcode_district = by_district.postcode_district
    left join {{ ref('local_authority_names') }} as known_names
        on reports.written_borough = known_names.written_name
    left join {{ ref('local_authorities') }} as by_borough
        on known_names.lad_code = by_borough.lad_code
),

graded as (
    select
        report_id,
        force_named,
        force_by_lsoa,
        force_by_district,
        force_by_borough,
        lad_by_lsoa,
        lad_by_district,
        lad_by_borough,
        case
            when force_by_lsoa is not null then 'offence_lsoa'
            when force_by_district is not null then 'offence_postcode_district'
            when force_by_borough is not null then 'borough_named'
            when force_named is not null then 'force_named'
            else 'none'
        end as location_evidence
    from evidence
)

select
    report_id,
    location_evidence,
    case location_evidence
        when 'offence_lsoa' then force_by_lsoa
        when 'offence_postcode_district' then force_by_district
        when 'borough_named' then force_by_borough
        when 'force_named' then force_named
    end as force_code,
    case location_evidence
        when 'offence_lsoa' then lad_by_lsoa
        when 'offence_postcode_district' then lad_by_district
        when 'borough_named' then lad_by_borough
    end as lad_code
from graded
