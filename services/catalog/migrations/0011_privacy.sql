-- What shoppers asked of us under data protection law, and until when it is to
-- be answered.
CREATE TABLE privacy_requests (
    id      TEXT   NOT NULL PRIMARY KEY, -- grows with time
    shopper TEXT   NOT NULL,
    kind    TEXT   NOT NULL, -- access, erasure, restriction
    opened  BIGINT NOT NULL,
    by_name TEXT   NOT NULL, -- who took it in
    due     BIGINT NOT NULL,
    done    BIGINT NOT NULL, -- 0 while it is open
    done_by TEXT   NOT NULL,
    refused BIGINT NOT NULL,
    note    TEXT   NOT NULL,
    receipt TEXT   NOT NULL  -- the erasure
);
CREATE INDEX privacy_requests_open ON privacy_requests (done, due);

-- Proof of what was erased, where, and what is left until when. A shopper who
-- is here is never let in again under that name.
CREATE TABLE erasures (
    id      TEXT   NOT NULL PRIMARY KEY, -- grows with time
    shopper TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    checked BIGINT NOT NULL, -- when it was last looked whether anything came back
    until   BIGINT NOT NULL, -- looked at until then
    body    TEXT   NOT NULL
);
CREATE TABLE erased_shoppers (
    shopper TEXT NOT NULL PRIMARY KEY, -- under each of their names
    erasure TEXT NOT NULL
);
