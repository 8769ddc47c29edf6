CREATE TABLE ledger.profiles (
    delivery_id UUID NOT NULL,
    sender TEXT NOT NULL,
    column_name TEXT NOT NULL,
    statistic TEXT NOT NULL,
    bucket TEXT NOT NULL,
    feed TEXT NOT NULL,
    day DATE NOT NULL,
    count_rows BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, sender, column_name, statistic, bucket)
);
CREATE INDEX profiles_by_day ON ledger.profiles (feed, day);
COMMENT ON TABLE ledger.profiles IS 'One row a delivery, sender, column, statistic and bucket: what its accepted rows look like';
COMMENT ON COLUMN ledger.profiles.sender IS 'Who sent the rows: the column, the file or the contract';
COMMENT ON COLUMN ledger.profiles.column_name IS '* for the rows themselves';
COMMENT ON COLUMN ledger.profiles.bucket IS 'The code, hour, lag or size whose rows are counted';
COMMENT ON COLUMN ledger.profiles.day IS 'Start of the period that the delivery is for';
COMMENT ON COLUMN ledger.profiles.count_rows IS 'Of the rows looked at: all, or a sample';
CREATE TABLE ledger.judged_days (
    feed TEXT NOT NULL,
    day DATE NOT NULL,
    count_rows BIGINT NOT NULL,
    is_last BOOLEAN NOT NULL,
    judged_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (feed, day)
);
COMMENT ON TABLE ledger.judged_days IS 'One row a feed and day that was judged against the past; one that has grown since is judged anew';
COMMENT ON COLUMN ledger.judged_days.count_rows IS 'Rows of the day when it was judged';
COMMENT ON COLUMN ledger.judged_days.is_last IS 'Whether no later day had come when it was judged';
CREATE TABLE ledger.drifts (
    drift_id BIGINT GENERATED ALWAYS AS IDENTITY,
    feed TEXT NOT NULL,
    sender TEXT NOT NULL,
    column_name TEXT NOT NULL,
    statistic TEXT NOT NULL,
    bucket TEXT NOT NULL,
    other TEXT,
    first_day DATE NOT NULL,
    since_day DATE,
    last_day DATE NOT NULL,
    over_day DATE,
    before_value FLOAT NOT NULL,
    now_value FLOAT NOT NULL,
    detail TEXT NOT NULL,
    p_value FLOAT NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    decision TEXT,
    decided_by TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    closed_by TEXT,
    PRIMARY KEY (drift_id),
    CONSTRAINT decision_is_known CHECK (decision in ('confirmed', 'accepted'))
);
CREATE UNIQUE INDEX one_open_drift_a_column ON ledger.drifts (feed, sender, column_name) WHERE over_day is null and decision is distinct from 'accepted';
COMMENT ON TABLE ledger.drifts IS 'One row a drift of meaning: a sender and column that stopped being as their own past';
COMMENT ON COLUMN ledger.drifts.sender IS '* where the feed as a whole drifts';
COMMENT ON COLUMN ledger.drifts.column_name IS '* for the number of rows';
COMMENT ON COLUMN ledger.drifts.other IS 'The code that the bucket''s is exchanged with, if any';
COMMENT ON COLUMN ledger.drifts.first_day IS 'Delivery day on which it was named';
COMMENT ON COLUMN ledger.drifts.since_day IS 'Delivery day since which it is so; null where an older hub found it';
COMMENT ON COLUMN ledger.drifts.last_day IS 'Latest delivery day that was still so';
COMMENT ON COLUMN ledger.drifts.over_day IS 'Delivery day on which it was as before again; null while it lasts';
COMMENT ON COLUMN ledger.drifts.detail IS 'What was, and what is, for people';
COMMENT ON COLUMN ledger.drifts.p_value IS 'At most so likely by chance, given the sender''s own past';
COMMENT ON COLUMN ledger.drifts.decision IS 'confirmed: wrong, a known issue; accepted: right, so it is from now on';
COMMENT ON COLUMN ledger.drifts.closed_by IS 'Who said that it is over; null where it ended by itself';
CREATE TABLE ledger.known_issue_events (
    event_id BIGINT GENERATED ALWAYS AS IDENTITY,
    issue_id BIGINT,
    kind TEXT NOT NULL,
    feed TEXT NOT NULL,
    column_name TEXT,
    sender TEXT,
    from_on DATE NOT NULL,
    to_on DATE,
    effect TEXT NOT NULL,
    drift_id BIGINT,
    said_by TEXT NOT NULL,
    said_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (event_id),
    CONSTRAINT kind_of_known_issue_event_is_known CHECK (kind in ('opened', 'closed')),
    CONSTRAINT known_issue_does_not_end_before_it_begins CHECK (to_on >= from_on)
);
COMMENT ON TABLE ledger.known_issue_events IS 'One row a word said of a known issue: opened or closed, by whom and when. Rows are only ever added';
COMMENT ON COLUMN ledger.known_issue_events.issue_id IS 'The event that opened it; null for that event itself';
COMMENT ON COLUMN ledger.known_issue_events.effect IS 'What it does to figures; when closed, how it was put right';
COMMENT ON COLUMN ledger.known_issue_events.drift_id IS 'The confirmed drift that it came from';
