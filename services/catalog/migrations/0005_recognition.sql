-- What shoppers signed before their face was described. It is evidence: the
-- text as they saw it, kept also after they withdrew.
CREATE TABLE face_consents (
    id           TEXT   NOT NULL PRIMARY KEY, -- grows with time
    shopper      TEXT   NOT NULL,
    notice       TEXT   NOT NULL, -- its version
    language     TEXT   NOT NULL,
    text         TEXT   NOT NULL, -- of the notice, whole
    keep_days    BIGINT NOT NULL, -- after the last recognition, as the notice said
    longest_days BIGINT NOT NULL, -- after the signature, as the notice said
    signature    TEXT   NOT NULL, -- the name that they wrote
    device       TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    withdrawn    BIGINT NOT NULL, -- 0 while it stands
    withdrawn_by TEXT   NOT NULL
);
CREATE INDEX face_consents_of_shopper ON face_consents (shopper, id);

-- Whose face is described, and until when. A row goes with its vectors.
CREATE TABLE enrolments (
    shopper    TEXT   NOT NULL PRIMARY KEY,
    consent    TEXT   NOT NULL, -- the face_consents it stands on; empty: from before they were kept
    at         BIGINT NOT NULL,
    recognised BIGINT NOT NULL, -- last, 0 if never
    expires    BIGINT NOT NULL
);
CREATE INDEX enrolments_by_expiry ON enrolments (expires);

-- Enrolments from before consents were kept: a year from the newest vector.
INSERT INTO enrolments (shopper, consent, at, recognised, expires)
    SELECT shopper, '', MAX(at), 0, MAX(at) + 31536000000000 FROM faces GROUP BY shopper;

-- Faces that were taken for somebody and were not theirs, sealed as theirs are.
CREATE TABLE face_negatives (
    id      TEXT   NOT NULL PRIMARY KEY,
    shopper TEXT   NOT NULL, -- for whom the camera took it
    model   TEXT   NOT NULL,
    sealed  BYTEA  NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX face_negatives_of_shopper ON face_negatives (shopper, at);

-- Proof of what was deleted, where, and which edge processes have heard of it.
CREATE TABLE face_deletions (
    id       TEXT   NOT NULL PRIMARY KEY, -- grows with time
    shopper  TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    why      TEXT   NOT NULL,
    revision BIGINT NOT NULL, -- of the gallery from which it is gone
    body     TEXT   NOT NULL, -- places and edges, JSON
    waits    BIGINT NOT NULL  -- edges that have not heard of it
);
CREATE INDEX face_deletions_of_shopper ON face_deletions (shopper, id);
CREATE INDEX face_deletions_waiting ON face_deletions (waits);
