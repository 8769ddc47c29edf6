-- What of the money that was spent is not claimed yet, by financial year and source of funding?
select
    dates.financial_year,
    spend.funding_source,
    sum(spend.budget_amount) as pounds_of_budget,
    coalesce(sum(spend.spent_amount), 0) as pounds_spent,
    coalesce(sum(spend.claimed_amount), 0) as pounds_claimed,
    coalesce(sum(spend.spent_amount), 0) - coalesce(sum(spend.claimed_amount), 0) as pounds_not_claimed,
    max(spend.claimed_on) as last_claimed_on
from publish.programme_spend_v1 as spend
inner join publish.dim_date_v1 as dates on spend.month = dates.calendar_on
group by dates.financial_year, spend.funding_source
order by dates.financial_year, spend.funding_source;
