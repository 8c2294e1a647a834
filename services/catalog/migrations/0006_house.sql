-- What holds whatever the campaign, kept as campaigns are. One row.
CREATE TABLE houses (
    id      TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE house_versions (
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    by_name TEXT   NOT NULL,
    PRIMARY KEY (id, version)
);
