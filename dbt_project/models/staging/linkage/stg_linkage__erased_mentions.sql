select mention_id
from {{ source('linkage', 'mention_identities') }}
where is_erased
