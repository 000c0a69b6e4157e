-- A wish for a fresh link that was answered and is not carried out yet. It is written whether the address is known or
-- not, so that neither the answer nor its time tells which.
CREATE TABLE link_wishes (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    email TEXT NOT NULL,
    wished_at BIGINT NOT NULL,
    wished_by TEXT NOT NULL,
    credential TEXT,
    address TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What an address keeps when its user is removed: its resets are found by it, and whoever is made anew under it has
-- no further mails to spend.
CREATE TABLE former_users (
    tenant BIGINT NOT NULL,
    email_key TEXT NOT NULL,
    last_reset BYTEA,
    reset_mail_times TEXT NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, email_key)
);

-- Until when the mail of a reset waits, because its user got as many as they may in an hour.
ALTER TABLE resets ADD COLUMN mail_waits_until BIGINT;
-- How many API credentials of the user the reset ended; none where they were left alone.
ALTER TABLE resets ADD COLUMN credentials_revoked BIGINT;
