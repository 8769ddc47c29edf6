select
    delivery_id,
    first_delivery_id,
    feed,
    sender,
    status,
    contract_version,
    sequence_number,
    count_bytes,
    count_rows_read,
    count_rows_accepted,
    count_rows_quarantined,
    count_rows_duplicate,
    count_rows_stated,
    period_starts_on,
    period_ends_on,
    first_event_on,
    last_event_on,
    received_at,
    loaded_at,
    content_sha256 in (
        select simulated.content_sha256 from {{ ref('stg_ledger__simulated_files') }} as simulated
    ) as is_simulated
from {{ ref('stg_ledger__deliveries') }}
