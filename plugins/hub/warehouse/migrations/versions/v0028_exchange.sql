create function ledger.exchange_bearer(out token_id uuid, out recipient text, out scopes text[]) returns setof record
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select tokens.token_id, tokens.recipient, tokens.scopes
    from ledger.exchange_tokens as tokens
    where
        tokens.token_sha256 = current_setting('hub.exchange_token', true)
        and tokens.revoked_at is null
        and tokens.expires_at > now()
$$;
comment on function ledger.exchange_bearer() is
    'The token whose hash this transaction has in hub.exchange_token; no row where it is unknown, revoked or expired';

create function ledger.exchange_outcome(delivery uuid) returns table (
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
$$;
comment on function ledger.exchange_outcome(uuid) is
    'What became of a delivery that the recipient of this transaction''s token has handed in';

create function ledger.exchange_rejections(delivery uuid, most integer) returns table (
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
    order by rejected.row_number
    limit most
$$;
comment on function ledger.exchange_rejections(uuid, integer) is
    'Why rows of a delivery that the recipient of this transaction''s token has handed in wait in quarantine; no values';

revoke execute on function ledger.exchange_bearer() from public;
revoke execute on function ledger.exchange_outcome(uuid) from public;
revoke execute on function ledger.exchange_rejections(uuid, integer) from public;

-- Everybody who has a right to the table sees every row; the exchange sees and adds only its token's own.
alter table ledger.dispatches enable row level security;
create policy every_row on ledger.dispatches using (true) with check (true);
create policy own_rows on ledger.dispatches as restrictive to hub_exchange
using (recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer));

alter table ledger.dispatch_moves enable row level security;
create policy every_row on ledger.dispatch_moves using (true) with check (true);
create policy own_rows on ledger.dispatch_moves as restrictive to hub_exchange
using (exists (
    select from ledger.dispatches where dispatches.dispatch_id = dispatch_moves.dispatch_id
))
with check (
    to_state in ('delivered', 'opened')
    and actor = (select bearer.recipient from ledger.exchange_bearer() as bearer)
    and exists (select from ledger.dispatches where dispatches.dispatch_id = dispatch_moves.dispatch_id)
);

alter table ledger.exchange_receipts enable row level security;
create policy every_row on ledger.exchange_receipts using (true) with check (true);
create policy own_rows on ledger.exchange_receipts as restrictive to hub_exchange
using (recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer))
with check (recipient = (select bearer.recipient from ledger.exchange_bearer() as bearer));
