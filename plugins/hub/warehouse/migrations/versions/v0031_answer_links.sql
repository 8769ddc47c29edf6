create or replace function ledger.exchange_bearer(out token_id uuid, out recipient text, out scopes text[])
returns setof record
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select tokens.token_id, tokens.recipient, tokens.scopes
    from ledger.exchange_tokens as tokens
    where
        tokens.token_sha256 = current_setting('hub.exchange_token', true)
        and tokens.revoked_at is null
        and tokens.expires_at > now()
        and (
            (tokens.dispatch_id is null and coalesce(current_setting('hub.exchange_code', true), '') = '')
            or (
                tokens.code_sha256 = current_setting('hub.exchange_code', true)
                and tokens.count_wrong_codes < 5
                and not exists (
                    select from ledger.exchange_receipts as receipts where receipts.token_id = tokens.token_id
                )
            )
        )
$$;
comment on function ledger.exchange_bearer() is
    'The token whose hash this transaction has in hub.exchange_token; no row where it is unknown, revoked or expired, a
link without its code, after five wrong codes, or that has answered, or a token that came with a code as if it were a
link';

create function ledger.exchange_only_dispatch() returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select tokens.dispatch_id
    from ledger.exchange_tokens as tokens
    where tokens.token_sha256 = current_setting('hub.exchange_token', true)
$$;
comment on function ledger.exchange_only_dispatch() is
    'The one dispatch that this transaction''s token is for; null where it is for all of its recipient';

create function ledger.exchange_count_wrong_code() returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    update ledger.exchange_tokens
    set count_wrong_codes = count_wrong_codes + 1
    where
        token_sha256 = current_setting('hub.exchange_token', true)
        and code_sha256 <> coalesce(current_setting('hub.exchange_code', true), '')
$$;
comment on function ledger.exchange_count_wrong_code() is
    'Counts a wrong code that came with the link of this transaction';

create function ledger.exchange_hold_link() returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    select from ledger.exchange_tokens
    where token_sha256 = current_setting('hub.exchange_token', true) and dispatch_id is not null
    for update
$$;
comment on function ledger.exchange_hold_link() is
    'Lets no other transaction answer by the link of this one before it ends';

-- As before, but that a link, which hands in no files, is told nothing of them.
create or replace function ledger.exchange_outcome(delivery uuid) returns table (
    status text, rows_read bigint, rows_accepted bigint, rows_quarantined bigint, rows_duplicate bigint, reason text
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select
        deliveries.status, deliveries.rows_read, deliveries.rows_accepted, deliveries.rows_quarantined,
        deliveries.rows_duplicate,
        -- Other reasons can name a person of the hub who decided.
        case when deliveries.status in ('refused', 'held') then deliveries.reason end
    from ledger.deliveries
    inner join ledger.exchange_receipts as receipts on deliveries.delivery_id = receipts.delivery_id
    where
        deliveries.delivery_id = delivery
        and receipts.recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer)
        and ledger.exchange_only_dispatch() is null
$$;

create or replace function ledger.exchange_rejections(delivery uuid, most integer) returns table (
    row_number bigint, column_name text, rule text, because text
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select rejected.row_number, rejected.column_name, rejected.rule, rejected.because
    from quarantine.rows as rejected
    inner join ledger.exchange_receipts as receipts on rejected.delivery_id = receipts.delivery_id
    where
        rejected.delivery_id = delivery
        and rejected.state = 'open'
        and receipts.recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer)
        and ledger.exchange_only_dispatch() is null
    order by rejected.row_number
    limit most
$$;

revoke execute on function ledger.exchange_only_dispatch() from public;
revoke execute on function ledger.exchange_count_wrong_code() from public;
revoke execute on function ledger.exchange_hold_link() from public;

alter policy own_rows on ledger.dispatches
using (
    recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer)
    and dispatch_id = coalesce((select ledger.exchange_only_dispatch()), dispatch_id)
);

alter policy own_rows on ledger.exchange_receipts
using (
    recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer)
    and (
        (select ledger.exchange_only_dispatch()) is null
        or dispatch_id = (select ledger.exchange_only_dispatch())
    )
)
with check (
    recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer)
    and token_id = (select bearer.token_id from ledger.exchange_bearer() as bearer)
    and (
        (select ledger.exchange_only_dispatch()) is null
        or dispatch_id = (select ledger.exchange_only_dispatch())
    )
);
