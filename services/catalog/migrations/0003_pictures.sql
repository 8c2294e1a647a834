-- What lies under floor plans. A picture is named by what is in it.
CREATE TABLE pictures (
    shop  TEXT   NOT NULL,
    id    TEXT   NOT NULL, -- of its bytes, a hash
    kind  TEXT   NOT NULL, -- image/png, image/jpeg, image/webp
    bytes BYTEA  NOT NULL,
    at    BIGINT NOT NULL,
    PRIMARY KEY (shop, id)
);
