-- When the users of a tenant are looked at next for those who have been inactive for long; null where the tenant does not ask
-- for it. And the moment before which nobody's inactivity counts: nobody could sign in, or what was done since is lost.
ALTER TABLE tenants ADD COLUMN sleep_look_at BIGINT;
ALTER TABLE tenants ADD COLUMN awake_since BIGINT;
CREATE INDEX tenants_sleep ON tenants (sleep_look_at) WHERE sleep_look_at IS NOT NULL AND disabled_at IS NULL;

-- A moment up to which a user was not inactive, as far as was looked: it is not moved by each sign-in. Null for a user whom an
-- older release has made.
ALTER TABLE users ADD COLUMN awake_since BIGINT;
CREATE INDEX users_awake ON users (tenant, awake_since);

-- When a credential was used, to a day.
ALTER TABLE credentials ADD COLUMN used_at BIGINT;

-- The users who were told that they are disabled unless they sign in, and who were. A mail that left says so by `mailed_at`;
-- without it nobody is disabled. `going_at`: since when it is known that the user is removed soon.
CREATE TABLE sleepers (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    mail BYTEA NOT NULL,
    inactive_since BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    mailed_at BIGINT,
    asleep_at BIGINT,
    going_at BIGINT,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id)
);
CREATE INDEX sleepers_due ON sleepers (tenant, due_at);
