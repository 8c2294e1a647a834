-- Scenarios, kept as campaigns are.
CREATE TABLE scenarios (
    id      TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE scenario_versions (
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    by_name TEXT   NOT NULL,
    PRIMARY KEY (id, version)
);
