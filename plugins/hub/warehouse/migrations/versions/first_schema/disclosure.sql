CREATE TABLE disclosure.cells (
    measure_code TEXT NOT NULL,
    area_code TEXT NOT NULL,
    part_code TEXT NOT NULL,
    period_code TEXT NOT NULL,
    parent_area_code TEXT,
    parent_period_code TEXT,
    count_incidents BIGINT NOT NULL,
    stated_count BIGINT NOT NULL,
    mark TEXT NOT NULL,
    public_value BIGINT,
    decided_by TEXT NOT NULL,
    is_revised BOOLEAN NOT NULL,
    PRIMARY KEY (measure_code, area_code, part_code, period_code),
    CONSTRAINT mark_is_known CHECK (mark in ('shown', 'zero', 'suppressed')),
    CONSTRAINT what_is_kept_back_has_no_value CHECK ((mark = 'suppressed') = (public_value is null))
);
COMMENT ON TABLE disclosure.cells IS 'One row a cell of the last build, and what may be said of it';
COMMENT ON COLUMN disclosure.cells.parent_area_code IS 'Area whose total it is part of';
COMMENT ON COLUMN disclosure.cells.parent_period_code IS 'Year whose total it is part of';
COMMENT ON COLUMN disclosure.cells.count_incidents IS 'Count for which this was decided';
COMMENT ON COLUMN disclosure.cells.stated_count IS 'Count that the figure rests on';
COMMENT ON COLUMN disclosure.cells.decided_by IS 'The rules that were followed';
COMMENT ON COLUMN disclosure.cells.is_revised IS 'Whether another figure was published before';
CREATE TABLE disclosure.statements (
    measure_code TEXT NOT NULL,
    area_code TEXT NOT NULL,
    part_code TEXT NOT NULL,
    period_code TEXT NOT NULL,
    publish_id BIGINT NOT NULL,
    stated_count BIGINT NOT NULL,
    mark TEXT NOT NULL,
    public_value BIGINT,
    stated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (measure_code, area_code, part_code, period_code, publish_id)
);
COMMENT ON TABLE disclosure.statements IS 'One row a figure that was published, each time that it was another';
