CREATE TABLE linkage.report_incidents (
    report_id UUID NOT NULL,
    incident_id UUID NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (report_id)
);
CREATE INDEX report_incidents_by_incident ON linkage.report_incidents (incident_id);
CREATE INDEX report_incidents_by_time ON linkage.report_incidents (changed_at);
COMMENT ON TABLE linkage.report_incidents IS 'One row a report: the incident that it is about';
CREATE TABLE linkage.report_pairs (
    report_a UUID NOT NULL,
    report_b UUID NOT NULL,
    reason TEXT NOT NULL,
    score FLOAT NOT NULL,
    state TEXT NOT NULL,
    evidence_score FLOAT,
    is_backed BOOLEAN,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (report_a, report_b),
    CONSTRAINT report_pairs_are_written_one_way CHECK (report_a < report_b),
    CONSTRAINT state_of_report_pair_is_known CHECK (state in ('confirmed', 'suggested'))
);
CREATE INDEX report_pairs_by_second ON linkage.report_pairs (report_b);
COMMENT ON TABLE linkage.report_pairs IS 'One row a pair of reports that evidence puts together; only confirmed ones join';
COMMENT ON COLUMN linkage.report_pairs.score IS '0 to 1';
COMMENT ON COLUMN linkage.report_pairs.evidence_score IS '0 to 1: what the two say by themselves';
COMMENT ON COLUMN linkage.report_pairs.is_backed IS 'Whether more than the text says that they are one';
CREATE TABLE linkage.mention_persons (
    mention_id UUID NOT NULL,
    person_id UUID NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (mention_id)
);
CREATE INDEX mention_persons_by_person ON linkage.mention_persons (person_id);
CREATE INDEX mention_persons_by_time ON linkage.mention_persons (changed_at);
COMMENT ON TABLE linkage.mention_persons IS 'One row a mention of a victim or reporter: the person that it names';
CREATE TABLE linkage.mention_areas (
    mention_id UUID NOT NULL,
    postcode_district TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (mention_id)
);
CREATE INDEX mention_areas_by_time ON linkage.mention_areas (changed_at);
COMMENT ON TABLE linkage.mention_areas IS 'One row a mention whose home postcode is known: its district, which some ten thousand homes share';
COMMENT ON COLUMN linkage.mention_areas.postcode_district IS 'Outward part of the home postcode';
CREATE TABLE linkage.person_pairs (
    mention_a UUID NOT NULL,
    mention_b UUID NOT NULL,
    probability FLOAT NOT NULL,
    state TEXT NOT NULL,
    model_version TEXT NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (mention_a, mention_b),
    CONSTRAINT person_pairs_are_written_one_way CHECK (mention_a < mention_b),
    CONSTRAINT state_of_person_pair_is_known CHECK (state in ('confirmed', 'review'))
);
CREATE INDEX person_pairs_by_second ON linkage.person_pairs (mention_b);
COMMENT ON TABLE linkage.person_pairs IS 'One row a pair of mentions that may be one person; those in review await a person''s eye and do not join';
CREATE TABLE linkage.incident_changes (
    change_id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    old_incident_id UUID NOT NULL,
    new_incident_id UUID NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (change_id),
    CONSTRAINT kind_of_incident_change_is_known CHECK (kind in ('merged', 'split', 're_anchored'))
);
CREATE INDEX incident_changes_by_time ON linkage.incident_changes (changed_at);
COMMENT ON TABLE linkage.incident_changes IS 'One row a incident that became another: what had the old id has the new one since';
CREATE TABLE linkage.person_changes (
    change_id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    old_person_id UUID NOT NULL,
    new_person_id UUID NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (change_id),
    CONSTRAINT kind_of_person_change_is_known CHECK (kind in ('merged', 'split', 're_anchored'))
);
CREATE INDEX person_changes_by_time ON linkage.person_changes (changed_at);
COMMENT ON TABLE linkage.person_changes IS 'One row a person that became another: what had the old id has the new one since';
CREATE TABLE linkage.incident_pins (
    report_a UUID NOT NULL,
    report_b UUID NOT NULL,
    is_together BOOLEAN NOT NULL,
    because TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (report_a, report_b),
    CONSTRAINT incident_pins_are_written_one_way CHECK (report_a < report_b)
);
COMMENT ON TABLE linkage.incident_pins IS 'One row a decision that two reports are about one incident, or are not';
CREATE TABLE linkage.person_pins (
    mention_a UUID NOT NULL,
    mention_b UUID NOT NULL,
    is_together BOOLEAN NOT NULL,
    because TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (mention_a, mention_b),
    CONSTRAINT person_pins_are_written_one_way CHECK (mention_a < mention_b)
);
COMMENT ON TABLE linkage.person_pins IS 'One row a decision that two mentions are one person, or are not';
