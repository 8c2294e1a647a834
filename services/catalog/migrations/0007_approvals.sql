-- Who made each version, by their id: whoever wrote something does not approve it.
ALTER TABLE campaign_versions ADD COLUMN by_id TEXT NOT NULL DEFAULT '';
ALTER TABLE scenario_versions ADD COLUMN by_id TEXT NOT NULL DEFAULT '';
ALTER TABLE house_versions ADD COLUMN by_id TEXT NOT NULL DEFAULT '';

-- What a second person was asked about a version of a campaign, and said.
CREATE TABLE approvals (
    campaign   TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    state      TEXT   NOT NULL, -- asked, approved, declined
    asked      BIGINT NOT NULL, -- 0: nobody asked
    asked_by   TEXT   NOT NULL,
    settled    BIGINT NOT NULL, -- 0 while it is asked
    settled_by TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    PRIMARY KEY (campaign, version)
);
