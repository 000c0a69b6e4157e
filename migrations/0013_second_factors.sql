-- A user's code app. From `seed` and `recovery_seed`, which are random, the secret of the app and the recovery codes are made
-- under a key that is not in the database; without the one there is no app, without the other no codes. A bit of
-- `recovery_used` stands for each code. When an administrator has taken the app away, another one needs the link.
CREATE TABLE second_factors (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    seed BYTEA,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    recovery_seed BYTEA,
    recovery_used BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    last_failure_at BIGINT NOT NULL,
    taken_away_at BIGINT,
    link_id BYTEA,
    link_key BIGINT,
    link_expires_at BIGINT,
    PRIMARY KEY (tenant, user_id)
);
CREATE UNIQUE INDEX second_factors_link ON second_factors (tenant, link_id) WHERE link_id IS NOT NULL;

-- A sign-in whose password was right, or an app that is being set up, in one browser: the hash of its cookie. It counts only
-- with the password and in the epoch of sessions in which it began, and gives no access by itself.
CREATE TABLE sign_in_steps (
    tenant BIGINT NOT NULL,
    secret_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    session_epoch BIGINT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    seed BYTEA,
    link_id BYTEA,
    began_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, secret_hash)
);
CREATE INDEX sign_in_steps_end ON sign_in_steps (expires_at);

-- When the holder of a session last proved who they are, and how they signed in.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT;
ALTER TABLE sessions ADD COLUMN method TEXT;
