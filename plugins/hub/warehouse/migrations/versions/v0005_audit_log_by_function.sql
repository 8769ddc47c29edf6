create function audit.next_entry(out entry_id bigint, out at timestamptz, out previous_hash text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- One writer at a time, to the end of its transaction. Who only reads the log cannot take this lock.
    lock table audit.log in share row exclusive mode;
    select log.entry_id + 1, log.entry_hash into entry_id, previous_hash
    from audit.log order by log.entry_id desc limit 1;
    entry_id := coalesce(entry_id, 1);
    previous_hash := coalesce(previous_hash, repeat('0', 64));
    at := transaction_timestamp();
end $$;
comment on function audit.next_entry() is
    'Number, time and previous hash of the entry that this transaction may add; others wait until it ends';

create function audit.add_entry(
    who text, action text, purpose text, details jsonb, key_version smallint, entry_hash text
) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    next record;
begin
    if entry_hash !~ '^[0-9a-f]{64}$' then
        raise exception 'the hash of an entry is 64 hexadecimal digits';
    end if;
    -- The same values that the caller was given in this transaction and has made the hash over.
    next := audit.next_entry();
    insert into audit.log (entry_id, at, who, action, purpose, details, key_version, previous_hash, entry_hash)
    values (next.entry_id, next.at, who, action, purpose, details, key_version, next.previous_hash, entry_hash);
    return next.entry_id;
end $$;
comment on function audit.add_entry(text, text, text, jsonb, smallint, text) is
    'Adds the entry that audit.next_entry spoke of, and returns its number';

revoke execute on function audit.next_entry() from public;
revoke execute on function audit.add_entry(text, text, text, jsonb, smallint, text) from public;
