-- What the door checks and mends: contracts by event, mappings by source,
-- parsers of feeds by name. Every version stays.
CREATE TABLE rules (
    kind   TEXT   NOT NULL, -- contract, mapping, feed
    name   TEXT   NOT NULL,
    live   BIGINT NOT NULL, -- the version that holds, 0: none
    latest BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE TABLE rule_versions (
    kind      TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    version   BIGINT NOT NULL,
    body      TEXT   NOT NULL,
    note      TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    by_name   TEXT   NOT NULL,
    published BIGINT NOT NULL, -- 0: it never held
    PRIMARY KEY (kind, name, version)
);

-- Grows with every change of what others keep a copy of.
CREATE TABLE revisions (
    name TEXT   NOT NULL PRIMARY KEY,
    n    BIGINT NOT NULL
);
INSERT INTO revisions (name, n) VALUES ('rules', 1);

-- What each source sends, as far as it is known.
CREATE TABLE shapes (
    source  TEXT   NOT NULL,
    event   TEXT   NOT NULL,
    body    TEXT   NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (source, event)
);

CREATE TABLE drift_notices (
    id      TEXT   NOT NULL PRIMARY KEY, -- the same for the same thing, whoever sees it
    source  TEXT   NOT NULL,
    event   TEXT   NOT NULL,
    field   TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    was     TEXT   NOT NULL,
    is_now  TEXT   NOT NULL,
    since   BIGINT NOT NULL,
    last    BIGINT NOT NULL,
    events  BIGINT NOT NULL,
    state   TEXT   NOT NULL, -- open, accepted, wrong
    by_name TEXT   NOT NULL,
    at      BIGINT NOT NULL  -- when it was decided, 0: open
);
CREATE INDEX drift_notices_by_time ON drift_notices (last);
