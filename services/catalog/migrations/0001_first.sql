-- Times are microseconds since 1970 in UTC, documents are JSON. BYTEA is what
-- PostgreSQL calls it; SQLite takes any name for a column of bytes.

CREATE TABLE settings (
    name  TEXT  NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE people (
    id       TEXT   NOT NULL PRIMARY KEY,
    name     TEXT   NOT NULL,
    email    TEXT   NOT NULL UNIQUE, -- lower case
    role     TEXT   NOT NULL,
    password TEXT   NOT NULL, -- argon2id
    created  BIGINT NOT NULL
);

CREATE TABLE shops (
    id      TEXT   NOT NULL PRIMARY KEY,
    body    TEXT   NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE campaigns (
    id      TEXT    NOT NULL PRIMARY KEY,
    version BIGINT  NOT NULL,
    body    TEXT    NOT NULL,
    updated BIGINT  NOT NULL
);

CREATE TABLE campaign_versions (
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    by_name TEXT   NOT NULL,
    PRIMARY KEY (id, version)
);

-- What the stream "campaigns" has not been told yet. A row is written with the
-- change itself and removed once the stream has it.
CREATE TABLE unpublished (
    name TEXT   NOT NULL PRIMARY KEY, -- shop/… or campaign/…
    seq  BIGINT NOT NULL
);

CREATE TABLE sources (
    write_key TEXT   NOT NULL PRIMARY KEY,
    name      TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    created   BIGINT NOT NULL
);

CREATE TABLE faces (
    id             TEXT   NOT NULL PRIMARY KEY,
    shopper        TEXT   NOT NULL,
    model          TEXT   NOT NULL,
    sealed         BYTEA  NOT NULL,
    at             BIGINT NOT NULL,
    consent_at     BIGINT NOT NULL,
    consent_source TEXT   NOT NULL
);
CREATE INDEX faces_of_shopper ON faces (shopper, at);

CREATE TABLE audit (
    id     TEXT   NOT NULL PRIMARY KEY, -- grows with time
    at     BIGINT NOT NULL,
    by_id  TEXT   NOT NULL,
    by_name TEXT  NOT NULL,
    action TEXT   NOT NULL,
    object TEXT   NOT NULL
);

-- Tallies of each hour, and how far the streams are counted, changed together.
CREATE TABLE tallies (
    campaign  TEXT   NOT NULL,
    shop      TEXT   NOT NULL,
    hour      BIGINT NOT NULL,
    offered   BIGINT NOT NULL,
    sent      BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    refused   BIGINT NOT NULL,
    redeemed  BIGINT NOT NULL,
    held_out  BIGINT NOT NULL,
    latency   BYTEA  NOT NULL, -- a sketch
    PRIMARY KEY (campaign, shop, hour)
);
CREATE INDEX tallies_by_hour ON tallies (hour);

CREATE TABLE redemptions (
    decision TEXT   NOT NULL PRIMARY KEY, -- an offer is redeemed once
    campaign TEXT   NOT NULL,
    shop     TEXT   NOT NULL,
    shopper  TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    minor    BIGINT NOT NULL,
    currency TEXT   NOT NULL
);
CREATE INDEX redemptions_by_time ON redemptions (at);

CREATE TABLE offsets (
    consumer TEXT   NOT NULL,
    stream   TEXT   NOT NULL,
    part     BIGINT NOT NULL,
    next     BIGINT NOT NULL,
    PRIMARY KEY (consumer, stream, part)
);
