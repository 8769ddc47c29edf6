CREATE TABLE linkage.mention_portraits (
    mention_id UUID NOT NULL,
    record_id UUID NOT NULL,
    appearance_id UUID NOT NULL,
    portrait_id BIGINT,
    feed TEXT NOT NULL,
    role TEXT NOT NULL,
    is_reporter_victim BOOLEAN,
    delivery_id UUID NOT NULL,
    row_number BIGINT NOT NULL,
    incident_id UUID,
    client_id UUID,
    told_at TIMESTAMP WITH TIME ZONE,
    pins TEXT,
    PRIMARY KEY (mention_id)
);
CREATE INDEX mention_portraits_of_pinned ON linkage.mention_portraits (record_id) WHERE pins IS NOT NULL;
CREATE INDEX mention_portraits_by_portrait ON linkage.mention_portraits (portrait_id);
CREATE INDEX mention_portraits_by_record ON linkage.mention_portraits (record_id);
COMMENT ON TABLE linkage.mention_portraits IS 'One row a mention of a person: what was last seen of it';
COMMENT ON COLUMN linkage.mention_portraits.appearance_id IS 'Reporter and victim of a record where they are the same';
COMMENT ON COLUMN linkage.mention_portraits.portrait_id IS 'Null where the record gives nothing of the person';
COMMENT ON COLUMN linkage.mention_portraits.is_reporter_victim IS 'Null where the report does not say';
COMMENT ON COLUMN linkage.mention_portraits.incident_id IS 'Of who is or may be its victim, when last looked at';
COMMENT ON COLUMN linkage.mention_portraits.client_id IS 'Of a support service, whose own number it is';
COMMENT ON COLUMN linkage.mention_portraits.told_at IS 'When the report was made, or the event happened';
COMMENT ON COLUMN linkage.mention_portraits.pins IS 'Digest of what people decided about the mention';
CREATE TABLE linkage.portrait_keys (
    key BIGINT NOT NULL,
    portrait_id BIGINT NOT NULL,
    PRIMARY KEY (key, portrait_id)
);
CREATE INDEX portrait_keys_of_portrait ON linkage.portrait_keys (portrait_id, key);
COMMENT ON TABLE linkage.portrait_keys IS 'One row a portrait and blocking key: only portraits that share a key are compared';
CREATE TABLE linkage.people_runs (
    run_id BIGINT GENERATED ALWAYS AS IDENTITY,
    parameters TEXT NOT NULL,
    is_full BOOLEAN NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (run_id)
);
COMMENT ON TABLE linkage.people_runs IS 'One row a linkage of persons that changed something or looked at everything';
COMMENT ON COLUMN linkage.people_runs.parameters IS 'Digest of the parameter file and of what else decides';
