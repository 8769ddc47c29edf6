select
    stated.period_start,
    stated.measure_code,
    stated.measure_name,
    stated.outcome_base,
    stated.period_kind,
    left(stated.period_code, 7) as financial_year,
    nullif(substr(stated.period_code, 9), '') as financial_quarter,
    stated.period_code,
    stated.period_end,
    stated.area_kind,
    stated.area_code,
    stated.area_name,
    case stated.outcome_base when 'recorded' then stated.part_code else 'all' end as strand_code,
    case stated.outcome_base when 'closed' then stated.part_code else 'all' end as outcome_group,
    stated.public_value as value,
    stated.mark,
    case stated.mark when 'suppressed' then '[c]' when 'not_collected' then '[x]' else '' end
    || case when stated.is_provisional then '[p]' else '' end
    || case when stated.is_revised then '[r]' else '' end
    || case when stated.series_break is not null then '[b]' else '' end as symbols,
    stated.is_provisional,
    stated.is_revised,
    stated.count_forces_reported,
    stated.count_forces,
    stated.series_break,
    case
        when stated.outcome_base = 'recorded' and stated.part_code not in ('all', 'not_stated')
            then 'An incident can have several strands: strands add up to more than all incidents.'
    end as strand_note,
    'Police figures do not show reliable trends.' as caution
from {{ ref('agg_public_statistics') }} as stated
