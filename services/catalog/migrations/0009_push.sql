-- Where shoppers' browsers get notifications. An endpoint is one browser's.
CREATE TABLE push_subscriptions (
    endpoint TEXT   NOT NULL PRIMARY KEY,
    shopper  TEXT   NOT NULL,
    p256dh   BYTEA  NOT NULL, -- the browser's public key
    auth     BYTEA  NOT NULL, -- and what it shares with us alone
    created  BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_of_shopper ON push_subscriptions (shopper, created);
