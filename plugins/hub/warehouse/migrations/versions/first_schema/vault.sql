CREATE TABLE vault.subject_keys (
    delivery_id UUID NOT NULL,
    row_number BIGINT NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    key_version SMALLINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (delivery_id, row_number, subject)
);
COMMENT ON TABLE vault.subject_keys IS 'One row a subject of a record: the data key of what the vault holds of it, wrapped by the master key';
COMMENT ON COLUMN vault.subject_keys.subject IS 'victim, reporter, text, quarantined, …';
COMMENT ON COLUMN vault.subject_keys.key_version IS 'Of the master key that wraps it';
COMMENT ON COLUMN vault.subject_keys.wrapped IS 'A data key; once gone, its subject is unreadable';
CREATE TABLE vault.quarantined_rows (
    quarantine_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (quarantine_id)
);
COMMENT ON TABLE vault.quarantined_rows IS 'One row a quarantined row: its text, personal values and all, encrypted';
COMMENT ON COLUMN vault.quarantined_rows.sealed IS 'The row as a JSON object, or the unreadable line';
CREATE TABLE vault.feed_key_versions (
    feed TEXT NOT NULL,
    purpose TEXT NOT NULL,
    version SMALLINT NOT NULL,
    PRIMARY KEY (feed, purpose)
);
COMMENT ON TABLE vault.feed_key_versions IS 'One row a feed and purpose: the version of the key that tokens and hashes in raw are of';
COMMENT ON COLUMN vault.feed_key_versions.purpose IS 'person, text or record';
CREATE TABLE vault.key_rotations (
    purpose TEXT NOT NULL,
    to_version SMALLINT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (purpose, to_version)
);
COMMENT ON TABLE vault.key_rotations IS 'One row a change of a key for its next version';
COMMENT ON COLUMN vault.key_rotations.finished_at IS 'Null while it is not known to have gone everywhere';
CREATE TABLE vault.erasures (
    erasure_id UUID NOT NULL,
    asked_for TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    because TEXT NOT NULL,
    subjects JSONB NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (erasure_id)
);
CREATE INDEX erasures_by_what_was_asked ON vault.erasures (asked_for);
COMMENT ON TABLE vault.erasures IS 'One row an erasure that was carried out';
COMMENT ON COLUMN vault.erasures.asked_for IS 'A person id or a token';
COMMENT ON COLUMN vault.erasures.subjects IS 'Feed, subject and count of what was made unreadable';
CREATE TABLE vault.legal_holds (
    hold_id BIGINT GENERATED ALWAYS AS IDENTITY,
    person_id UUID NOT NULL,
    because TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    lifted_by TEXT,
    lifted_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (hold_id)
);
CREATE INDEX legal_holds_by_person ON vault.legal_holds (person_id);
COMMENT ON TABLE vault.legal_holds IS 'One row an order that a person''s data must be kept; nobody erases them until it is lifted';
CREATE TABLE vault.retention_reviews (
    person_id UUID NOT NULL,
    reviewed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    decision TEXT NOT NULL,
    because TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    retention_group INTEGER NOT NULL,
    next_review_on DATE,
    PRIMARY KEY (person_id, reviewed_at),
    CONSTRAINT decision_is_known CHECK (decision in ('keep', 'erase'))
);
COMMENT ON TABLE vault.retention_reviews IS 'One row a review of a person''s data: what was decided, by whom and why';
COMMENT ON COLUMN vault.retention_reviews.next_review_on IS 'Null where the person was erased';
