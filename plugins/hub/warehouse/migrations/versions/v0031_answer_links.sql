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
            tokens.dispatch_id is null
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
    'The token whose hash this transaction has in hub.exchange_token; no row where it is unknown, revoked or expired, or
a link without its code, after five wrong codes, or that has answered';

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
    and (
        (select ledger.exchange_only_dispatch()) is null
        or dispatch_id = (select ledger.exchange_only_dispatch())
    )
);
