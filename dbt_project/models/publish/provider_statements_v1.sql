select
    stated.registered_on,
    stated.provider_code,
    providers.provider_name,
    stated.category,
    stated.is_hate_path,
    stated.decisions,
    stated.automated_decision,
    stated.is_detected_automatically,
    stated.count_statements
from {{ ref('agg_provider_statements__daily') }} as stated
inner join {{ ref('dim_provider') }} as providers on stated.provider_code = providers.provider_code
