-- Segments, kept as campaigns are. The stream is not told of them: what they say
-- stands in the campaigns that are for them.
CREATE TABLE segments (
    id      TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE segment_versions (
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    by_id   TEXT   NOT NULL,
    by_name TEXT   NOT NULL,
    PRIMARY KEY (id, version)
);
