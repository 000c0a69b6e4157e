-- An address counts once a link that was mailed to it has come back. For some hours after a change mail still goes to the
-- former address.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;
ALTER TABLE users ADD COLUMN email_changed_at BIGINT;
ALTER TABLE users ADD COLUMN former_email TEXT;

-- The change of a user's address that waits for its link; each user has one at most. It holds nothing for anyone: until it
-- is confirmed the address is free. It counts only in the epoch of sessions in which it was requested, so all that ends the
-- sessions ends it too.
CREATE TABLE address_changes (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    key_id BIGINT NOT NULL,
    session_epoch BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    requested_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX address_changes_user ON address_changes (tenant, user_id);
CREATE INDEX address_changes_end ON address_changes (expires_at);
