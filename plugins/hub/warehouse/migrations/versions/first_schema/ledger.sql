CREATE TABLE ledger.deliveries (
    delivery_id UUID NOT NULL,
    feed TEXT NOT NULL,
    sender TEXT,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sequence_number BIGINT,
    period_start DATE,
    period_end DATE,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    position_on DATE,
    position_number BIGINT,
    status TEXT NOT NULL,
    rows_read BIGINT DEFAULT '0' NOT NULL,
    rows_accepted BIGINT DEFAULT '0' NOT NULL,
    rows_quarantined BIGINT DEFAULT '0' NOT NULL,
    rows_duplicate BIGINT DEFAULT '0' NOT NULL,
    first_event_on DATE,
    last_event_on DATE,
    contract_version TEXT,
    bounds_version TEXT,
    loaded_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    duplicate_of UUID,
    records_new BIGINT,
    records_changed BIGINT,
    records_withdrawn BIGINT,
    records_unchanged BIGINT,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by TEXT,
    withdrawn_because TEXT,
    stated_rows BIGINT,
    landing_path TEXT,
    file_modified_at TIMESTAMP WITH TIME ZONE,
    bytes_destroyed_at TIMESTAMP WITH TIME ZONE,
    bytes_destroyed_because TEXT,
    PRIMARY KEY (delivery_id),
    CONSTRAINT nothing_is_lost CHECK (rows_read = rows_accepted + rows_quarantined + rows_duplicate),
    CONSTRAINT status_is_known CHECK (status in ('received', 'loaded', 'held', 'refused', 'duplicate', 'superseded', 'withdrawn'))
);
CREATE INDEX deliveries_by_feed ON ledger.deliveries (feed, received_at);
COMMENT ON TABLE ledger.deliveries IS 'One row a delivery: the receipt, and what became of its rows';
COMMENT ON COLUMN ledger.deliveries.delivery_id IS 'Made from feed and content hash: same bytes, same id';
COMMENT ON COLUMN ledger.deliveries.file_name IS 'As the sender named it, made safe to print';
COMMENT ON COLUMN ledger.deliveries.position_on IS 'Day of its place among the feed''s deliveries; null: the day of receipt';
COMMENT ON COLUMN ledger.deliveries.position_number IS 'Its place among those of that day';
COMMENT ON COLUMN ledger.deliveries.status IS 'received or loaded or held or refused or duplicate or superseded or withdrawn';
COMMENT ON COLUMN ledger.deliveries.bounds_version IS 'The later version whose bounds its accepted rows were held against';
COMMENT ON COLUMN ledger.deliveries.reason IS 'Why it was refused or held; never holds a value from the file';
COMMENT ON COLUMN ledger.deliveries.duplicate_of IS 'First receipt of the same bytes';
COMMENT ON COLUMN ledger.deliveries.records_new IS 'Of a snapshot: records that the issue before did not have';
COMMENT ON COLUMN ledger.deliveries.records_changed IS 'Of a snapshot: records with another text than before';
COMMENT ON COLUMN ledger.deliveries.records_withdrawn IS 'Of a snapshot: records of the issue before that are missing';
COMMENT ON COLUMN ledger.deliveries.records_unchanged IS 'Of a snapshot: records that are as before';
COMMENT ON COLUMN ledger.deliveries.withdrawn_by IS 'Who took the delivery out of the warehouse';
COMMENT ON COLUMN ledger.deliveries.withdrawn_because IS 'and why';
COMMENT ON COLUMN ledger.deliveries.stated_rows IS 'The sender''s own control total';
COMMENT ON COLUMN ledger.deliveries.landing_path IS 'Where the bytes are kept, under the landing folder';
COMMENT ON COLUMN ledger.deliveries.bytes_destroyed_because IS 'Why the delivered bytes are no longer kept';
CREATE TABLE ledger.restated_records (
    delivery_id UUID NOT NULL,
    row_number BIGINT NOT NULL,
    record_hash UUID NOT NULL
);
CREATE INDEX restated_records_by_delivery ON ledger.restated_records (delivery_id);
COMMENT ON TABLE ledger.restated_records IS 'One row a row of a delivery that raw had already: which delivery states which record again';
COMMENT ON COLUMN ledger.restated_records.record_hash IS 'Of the record in the feed''s raw table';
CREATE TABLE ledger.incidents (
    incident_id BIGINT GENERATED ALWAYS AS IDENTITY,
    cause TEXT NOT NULL,
    kind TEXT NOT NULL,
    feed TEXT,
    delivery_id UUID,
    owner TEXT NOT NULL,
    detail TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (incident_id)
);
CREATE UNIQUE INDEX one_open_incident_a_cause ON ledger.incidents (cause) WHERE closed_at is null;
COMMENT ON TABLE ledger.incidents IS 'One row an operational incident: late, silent, gap in sequence, control total, refused contract';
COMMENT ON COLUMN ledger.incidents.cause IS 'What is wrong, as a stable key: silent:<feed>, …';
CREATE TABLE ledger.feeds (
    feed TEXT NOT NULL,
    title TEXT NOT NULL,
    owner TEXT NOT NULL,
    sender TEXT NOT NULL,
    contract_version TEXT NOT NULL,
    every_days INTEGER NOT NULL,
    grace_hours INTEGER NOT NULL,
    first_known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    is_snapshot BOOLEAN,
    PRIMARY KEY (feed)
);
COMMENT ON TABLE ledger.feeds IS 'One row a feed whose contract the hub knows; one that never delivered is awaited from first_known_at on';
COMMENT ON COLUMN ledger.feeds.every_days IS 'A delivery is due after so many days';
COMMENT ON COLUMN ledger.feeds.grace_hours IS 'and late after so many further hours';
COMMENT ON COLUMN ledger.feeds.is_snapshot IS 'Whether each file is the whole table of its sender';
CREATE TABLE ledger.builds (
    build_id BIGINT GENERATED ALWAYS AS IDENTITY,
    status TEXT DEFAULT 'running' NOT NULL,
    selection TEXT,
    code_sha256 TEXT NOT NULL,
    seeds_sha256 TEXT NOT NULL,
    count_nodes INTEGER,
    failed TEXT[] DEFAULT '{}' NOT NULL,
    reason TEXT,
    delivery_ids UUID[],
    deliveries_state TEXT,
    data_as_of TIMESTAMP WITH TIME ZONE,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    linked_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (build_id),
    CONSTRAINT status_is_known CHECK (status in ('running', 'succeeded', 'failed'))
);
COMMENT ON TABLE ledger.builds IS 'One row a build of the warehouse; one that says running without a process behind it was killed';
COMMENT ON COLUMN ledger.builds.selection IS 'What was asked for; null: everything';
COMMENT ON COLUMN ledger.builds.code_sha256 IS 'Over all files of the dbt project';
COMMENT ON COLUMN ledger.builds.seeds_sha256 IS 'Over its code lists';
COMMENT ON COLUMN ledger.builds.reason IS 'What failed, with the deliveries and rows behind it; never a value of a row';
COMMENT ON COLUMN ledger.builds.delivery_ids IS 'Loaded deliveries that the marts rest on';
COMMENT ON COLUMN ledger.builds.deliveries_state IS 'Digest of all deliveries and feeds as the marts know them';
CREATE TABLE ledger.approvals (
    approval_id BIGINT GENERATED ALWAYS AS IDENTITY,
    dag_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    asked_by TEXT,
    answered_by TEXT NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    chosen TEXT NOT NULL,
    inputs JSONB NOT NULL,
    PRIMARY KEY (approval_id),
    CONSTRAINT two_people CHECK (answered_by is distinct from asked_by)
);
CREATE INDEX approvals_by_run ON ledger.approvals (dag_id, run_id);
COMMENT ON TABLE ledger.approvals IS 'One row an answer that a person gave to a DAG run';
COMMENT ON COLUMN ledger.approvals.asked_by IS 'Who started the run; null: an asset or the clock';
COMMENT ON COLUMN ledger.approvals.answered_by IS 'By Airflow''s own record of the login';
COMMENT ON COLUMN ledger.approvals.inputs IS 'What else the form asked for';
CREATE TABLE audit.log (
    entry_id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    purpose TEXT NOT NULL,
    details JSONB NOT NULL,
    key_version SMALLINT NOT NULL,
    previous_hash TEXT NOT NULL,
    entry_hash TEXT NOT NULL,
    PRIMARY KEY (entry_id)
);
COMMENT ON TABLE audit.log IS 'One row a thing done with people''s values; rows are only ever added';
COMMENT ON COLUMN audit.log.entry_id IS 'From 1, without a gap';
COMMENT ON COLUMN audit.log.details IS 'Counts and ids; never a value of a person';
COMMENT ON COLUMN audit.log.entry_hash IS 'HMAC-SHA256 over all other columns';
create or replace function audit.refuse_change() returns trigger language plpgsql as $$
    begin
        raise exception 'entries of audit.log are only ever added';
    end $$;
create trigger only_ever_added before update or delete or truncate on audit.log for each statement execute function audit.refuse_change();
CREATE TABLE ledger.built_deliveries (
    delivery_id UUID NOT NULL,
    rows_accepted BIGINT NOT NULL,
    rows_duplicate BIGINT,
    delivery_order BIGINT[],
    build_id BIGINT NOT NULL,
    PRIMARY KEY (delivery_id),
    FOREIGN KEY(build_id) REFERENCES ledger.builds (build_id)
);
COMMENT ON TABLE ledger.built_deliveries IS 'One row a delivery whose rows are in the warehouse; the next build takes what is not, or has grown since';
COMMENT ON COLUMN ledger.built_deliveries.rows_accepted IS 'Of it, when the build began';
COMMENT ON COLUMN ledger.built_deliveries.rows_duplicate IS 'Of it, when the build began';
COMMENT ON COLUMN ledger.built_deliveries.delivery_order IS 'Its place among the deliveries then';
CREATE TABLE ledger.publishes (
    publish_id BIGINT GENERATED ALWAYS AS IDENTITY,
    build_id BIGINT NOT NULL,
    fingerprint TEXT NOT NULL,
    code_version TEXT NOT NULL,
    delivery_ids UUID[] NOT NULL,
    contract_versions JSONB,
    row_counts JSONB DEFAULT '{}' NOT NULL,
    checks JSONB DEFAULT '[]' NOT NULL,
    data_as_of TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (publish_id),
    FOREIGN KEY(build_id) REFERENCES ledger.builds (build_id)
);
COMMENT ON TABLE ledger.publishes IS 'One row a publish: the manifest of what readers see from then on';
COMMENT ON COLUMN ledger.publishes.fingerprint IS 'Over the deliveries, feeds and code that it rests on';
COMMENT ON COLUMN ledger.publishes.delivery_ids IS 'Loaded deliveries that it rests on';
COMMENT ON COLUMN ledger.publishes.contract_versions IS 'Version of each feed''s contract';
COMMENT ON COLUMN ledger.publishes.row_counts IS 'Rows of each view';
COMMENT ON COLUMN ledger.publishes.checks IS 'What was checked before the switch, and with what result';
CREATE TABLE quarantine.rows (
    quarantine_id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    feed TEXT NOT NULL,
    row_number BIGINT NOT NULL,
    line_number BIGINT,
    column_name TEXT,
    rule TEXT NOT NULL,
    because TEXT NOT NULL,
    other_rules TEXT[] DEFAULT '{}' NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    first_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    decided_by TEXT,
    PRIMARY KEY (quarantine_id),
    CONSTRAINT state_is_known CHECK (state in ('open', 'corrected', 'released', 'rejected')),
    CONSTRAINT one_entry_a_row UNIQUE (delivery_id, row_number),
    FOREIGN KEY(delivery_id) REFERENCES ledger.deliveries (delivery_id)
);
COMMENT ON TABLE quarantine.rows IS 'One row a row of a delivery that its contract did not accept; the row''s own text is in the vault';
COMMENT ON COLUMN quarantine.rows.row_number IS 'Record in the file, from 1; headers do not count';
COMMENT ON COLUMN quarantine.rows.line_number IS 'Line in the file, from 1; null where the form has no lines';
COMMENT ON COLUMN quarantine.rows.rule IS 'The first rule of the contract that the row breaks';
COMMENT ON COLUMN quarantine.rows.because IS 'Why that rule stands; never holds a value of the row';
CREATE TABLE ledger.publish_switches (
    switch_id BIGINT GENERATED ALWAYS AS IDENTITY,
    publish_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    because TEXT,
    switched_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (switch_id),
    CONSTRAINT kind_is_known CHECK (kind in ('published', 'switched')),
    FOREIGN KEY(publish_id) REFERENCES ledger.publishes (publish_id)
);
COMMENT ON TABLE ledger.publish_switches IS 'One row a time that readers were given another publish; the last row''s is the one that they see';
COMMENT ON COLUMN ledger.publish_switches.because IS 'Who switched back or forward, and why';
