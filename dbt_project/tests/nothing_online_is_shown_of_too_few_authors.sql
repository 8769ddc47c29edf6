-- so that no row of what is forecast online can be about one author
select
    forecasts.run_id,
    forecasts.provider_code,
    forecasts.strand_code,
    forecasts.community_band
from {{ ref('agg_online_forecasts') }} as forecasts
inner join {{ ref('forecast_parameters') }} as least_authors
    on
        least_authors.parameter_code = 'least_authors'
        and current_date between least_authors.valid_from and coalesce(least_authors.valid_to, 'infinity')
where
    case
        when forecasts.caveat_code in ('withheld', 'too_few_authors')
            then num_nonnulls(forecasts.expected_reports, forecasts.p05, forecasts.p95, forecasts.count_authors) > 0
        else coalesce(forecasts.count_authors, 0) < least_authors.parameter_value
    end
