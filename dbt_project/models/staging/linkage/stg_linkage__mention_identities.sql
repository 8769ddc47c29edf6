select
    mention_id,
    is_erased
from {{ source('linkage', 'mention_identities') }}
