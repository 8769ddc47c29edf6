CREATE TABLE forecast.runs (
    run_id UUID NOT NULL,
    panel TEXT NOT NULL,
    cut_off DATE NOT NULL,
    data_sha256 TEXT NOT NULL,
    boundary_version TEXT NOT NULL,
    model_version TEXT NOT NULL,
    first_event_on DATE,
    count_areas BIGINT,
    count_reports BIGINT,
    completeness FLOAT,
    share_third_party FLOAT,
    share_officer_generated FLOAT,
    share_volunteer FLOAT,
    verdict TEXT,
    is_withheld BOOLEAN NOT NULL,
    withheld_because TEXT,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    PRIMARY KEY (run_id),
    CONSTRAINT a_withheld_run_has_its_reason CHECK (is_withheld = (withheld_because is not null)),
    CONSTRAINT panel_is_known CHECK (panel in ('force', 'local_authority', 'lsoa', 'online', 'recorded_crime'))
);
COMMENT ON TABLE forecast.runs IS 'One row a forecast of one panel at one cut-off';
COMMENT ON COLUMN forecast.runs.run_id IS 'Made from panel, cut-off, data and model: same again, same id';
COMMENT ON COLUMN forecast.runs.cut_off IS 'First day that was not known; first day that is forecast';
COMMENT ON COLUMN forecast.runs.data_sha256 IS 'Over the counts as known at the cut-off, and the areas';
COMMENT ON COLUMN forecast.runs.verdict IS 'better, not_surely_better, worse or too_few_events; null before stack-3';
COMMENT ON COLUMN forecast.runs.withheld_because IS 'In words; never a count of 1 to 4';
CREATE TABLE forecast.area_forecasts (
    run_id UUID NOT NULL,
    area_code TEXT NOT NULL,
    strand_code TEXT NOT NULL,
    horizon TEXT NOT NULL,
    area_name TEXT,
    force_code TEXT,
    lad_code TEXT,
    expected_reports FLOAT,
    p05 BIGINT,
    p50 BIGINT,
    p95 BIGINT,
    p_at_least_1 FLOAT,
    rate_per_10000 FLOAT,
    rate_year BIGINT,
    relative_risk FLOAT,
    prob_in_top_tenth FLOAT,
    rank BIGINT,
    rank_p05 BIGINT,
    rank_p95 BIGINT,
    share_long_run FLOAT,
    share_recent FLOAT,
    share_neighbours FLOAT,
    share_citywide FLOAT,
    share_context FLOAT,
    reports_4w BIGINT,
    reports_12m BIGINT,
    nowcast_4w FLOAT,
    completeness FLOAT,
    PRIMARY KEY (run_id, area_code, strand_code, horizon),
    FOREIGN KEY(run_id) REFERENCES forecast.runs (run_id)
);
COMMENT ON TABLE forecast.area_forecasts IS 'One row a run, area, strand and horizon';
COMMENT ON COLUMN forecast.area_forecasts.strand_code IS 'A monitored strand, or all';
COMMENT ON COLUMN forecast.area_forecasts.horizon IS 'week, four_weeks or month';
CREATE TABLE forecast.online_forecasts (
    run_id UUID NOT NULL,
    provider_code TEXT NOT NULL,
    strand_code TEXT NOT NULL,
    community_band TEXT NOT NULL,
    week_starts_on DATE NOT NULL,
    expected_reports FLOAT,
    p05 BIGINT,
    p95 BIGINT,
    growth_13w FLOAT,
    share_public FLOAT,
    share_third_party FLOAT,
    share_volunteer FLOAT,
    share_police FLOAT,
    moderation_hours FLOAT,
    completeness FLOAT,
    count_authors BIGINT,
    PRIMARY KEY (run_id, provider_code, strand_code, community_band, week_starts_on),
    FOREIGN KEY(run_id) REFERENCES forecast.runs (run_id)
);
COMMENT ON TABLE forecast.online_forecasts IS 'One row a run, platform, strand, community band and week';
CREATE TABLE forecast.evaluations (
    run_id UUID NOT NULL,
    horizon TEXT NOT NULL,
    method_code TEXT NOT NULL,
    budget FLOAT NOT NULL,
    first_period DATE NOT NULL,
    last_period DATE NOT NULL,
    count_periods BIGINT,
    count_areas BIGINT,
    count_caught BIGINT,
    count_reports BIGINT,
    hit_rate FLOAT,
    pai FLOAT,
    pei FLOAT,
    bits_per_event FLOAT,
    crps FLOAT,
    coverage_90 FLOAT,
    coverage_90_promised FLOAT,
    coverage_90_in_part FLOAT,
    level_observed_over_expected FLOAT,
    top_tenth_observed_over_expected FLOAT,
    outside_ranges TEXT,
    bits_gain FLOAT,
    bits_gain_low FLOAT,
    bits_gain_high FLOAT,
    hit_gain FLOAT,
    hit_gain_low FLOAT,
    hit_gain_high FLOAT,
    PRIMARY KEY (run_id, horizon, method_code, budget),
    FOREIGN KEY(run_id) REFERENCES forecast.runs (run_id)
);
COMMENT ON TABLE forecast.evaluations IS 'One row a run, horizon, method and budget of the walk-forward test';
COMMENT ON COLUMN forecast.evaluations.budget IS 'Share of the areas that somebody can be sent to';
COMMENT ON COLUMN forecast.evaluations.outside_ranges IS 'Which of these lies outside its range, in words';
CREATE TABLE forecast.group_scores (
    run_id UUID NOT NULL,
    group_kind TEXT NOT NULL,
    group_code TEXT NOT NULL,
    count_areas BIGINT,
    count_residents BIGINT,
    count_reports BIGINT,
    count_caught BIGINT,
    count_slots BIGINT,
    PRIMARY KEY (run_id, group_kind, group_code),
    FOREIGN KEY(run_id) REFERENCES forecast.runs (run_id)
);
COMMENT ON TABLE forecast.group_scores IS 'One row a run and group of areas: who bears what, and who gets what';
CREATE TABLE forecast.tasking (
    run_id UUID NOT NULL,
    slot BIGINT NOT NULL,
    area_code TEXT NOT NULL,
    area_name TEXT,
    force_code TEXT,
    rank BIGINT NOT NULL,
    why TEXT NOT NULL,
    expected_reports FLOAT NOT NULL,
    p05 BIGINT NOT NULL,
    p95 BIGINT NOT NULL,
    strands TEXT[] NOT NULL,
    action TEXT NOT NULL,
    stability_weeks BIGINT NOT NULL,
    selection TEXT NOT NULL,
    review_by DATE NOT NULL,
    PRIMARY KEY (run_id, slot),
    CONSTRAINT action_is_known CHECK (action in ('engagement', 'visibility', 'reporting_outreach')),
    CONSTRAINT selection_is_known CHECK (selection in ('model', 'explore', 'low_reporting')),
    FOREIGN KEY(run_id) REFERENCES forecast.runs (run_id)
);
COMMENT ON TABLE forecast.tasking IS 'One row a run and slot that is proposed to a person';
CREATE TABLE forecast.tasking_decisions (
    decision_id BIGINT GENERATED ALWAYS AS IDENTITY,
    run_id UUID NOT NULL,
    slot BIGINT NOT NULL,
    kind TEXT NOT NULL,
    because TEXT,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    PRIMARY KEY (decision_id),
    FOREIGN KEY(run_id, slot) REFERENCES forecast.tasking (run_id, slot),
    CONSTRAINT kind_of_decision_is_known CHECK (kind in ('approved', 'declined', 'outcome')),
    CONSTRAINT a_refusal_and_an_outcome_are_told CHECK (kind = 'approved' or because <> '')
);
CREATE UNIQUE INDEX one_decision_a_slot ON forecast.tasking_decisions (run_id, slot) WHERE kind <> 'outcome';
COMMENT ON TABLE forecast.tasking_decisions IS 'One row a decision about a slot, or an outcome of one';
COMMENT ON COLUMN forecast.tasking_decisions.because IS 'Why it was declined, or what came of it; no names';
create or replace function forecast.refuse_change() returns trigger language plpgsql as $$
begin
raise exception 'decisions are only ever added: write another one';
end $$;
create trigger only_added before update or delete on forecast.tasking_decisions
for each row execute function forecast.refuse_change();
