-- Who an identity provider says somebody is, and those who are let in no more
-- but stay in the history. A ticket is the hash of a link by which one sets a
-- password, once.
ALTER TABLE people ADD COLUMN subject TEXT;
ALTER TABLE people ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN ticket BYTEA;
ALTER TABLE people ADD COLUMN ticket_until BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX people_by_subject ON people (subject);

CREATE TABLE sessions (
    id      TEXT   NOT NULL PRIMARY KEY, -- grows with time
    hash    BYTEA  NOT NULL UNIQUE,      -- SHA-256 of what the browser has
    person  TEXT   NOT NULL,
    how     TEXT   NOT NULL,             -- password, link or oidc
    started BIGINT NOT NULL,
    used    BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    address TEXT   NOT NULL,
    device  TEXT   NOT NULL
);
CREATE INDEX sessions_of_person ON sessions (person);

CREATE TABLE api_keys (
    id      TEXT   NOT NULL PRIMARY KEY, -- grows with time
    hash    BYTEA  NOT NULL UNIQUE,      -- SHA-256 of the key
    hint    TEXT   NOT NULL,             -- its last letters
    name    TEXT   NOT NULL,
    scopes  TEXT   NOT NULL,             -- by spaces
    created BIGINT NOT NULL,
    by_name TEXT   NOT NULL,
    expires BIGINT NOT NULL,             -- 0: never
    used    BIGINT NOT NULL,
    revoked BIGINT NOT NULL
);

-- Codes that shoppers sign in with: one for each address, that of a number or
-- a mailbox by its hash.
CREATE TABLE sign_in_codes (
    address BYTEA  NOT NULL PRIMARY KEY,
    code    BYTEA  NOT NULL, -- its hash with the address
    tries   BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    sent    BIGINT NOT NULL, -- times within the hour that began at
    began   BIGINT NOT NULL
);
CREATE INDEX sign_in_codes_by_time ON sign_in_codes (began);

CREATE INDEX audit_by_time ON audit (at);
