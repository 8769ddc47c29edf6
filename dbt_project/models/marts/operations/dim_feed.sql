select
    feed,
    feed_title,
    feed_owner,
    feed_sender,
    contract_version,
    count_days_between_deliveries,
    count_hours_of_grace,
    first_known_at
from {{ ref('stg_ledger__feeds') }}
