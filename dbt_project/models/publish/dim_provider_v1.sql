select
    provider_code,
    provider_name,
    provider_kind,
    company,
    is_known
from {{ ref('dim_provider') }}
