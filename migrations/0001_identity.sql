-- Times are microseconds UTC. A state is a nullable moment rather than a flag.

CREATE TABLE tenants (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    uid TEXT NOT NULL,
    settings TEXT NOT NULL,
    user_count BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
CREATE UNIQUE INDEX tenants_name ON tenants (name);

CREATE TABLE namespaces (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    uid BYTEA NOT NULL,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT,
    PRIMARY KEY (tenant, name)
);

-- The open reset stands in the user's own row: a second one has no place to be, and the one statement
-- that writes a new password can require it and use it up. Sessions and resets count only while their
-- epoch or id stands here, so ending them all is part of the same small write.
CREATE TABLE users (
    tenant BIGINT NOT NULL,
    id BIGINT NOT NULL,
    uid BYTEA NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    idm_type TEXT NOT NULL,
    language TEXT,
    owner_since BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT,
    disabled_at BIGINT,
    disabled_by TEXT,
    last_login_at BIGINT,
    session_epoch BIGINT NOT NULL,
    password_hash TEXT,
    password_changed_at BIGINT,
    password_dead_at BIGINT,
    last_reset BYTEA,
    open_reset BYTEA,
    open_reset_expires_at BIGINT,
    reset_mail_times TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX users_email ON users (tenant, email_key);
CREATE INDEX users_owner ON users (tenant) WHERE owner_since IS NOT NULL;

CREATE TABLE grants (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    namespace TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, namespace, role)
);

CREATE TABLE password_history (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    retired_at BIGINT NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, retired_at)
);

CREATE TABLE credentials (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    uid BYTEA NOT NULL,
    kind TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    secret_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    inactive_at BIGINT,
    PRIMARY KEY (tenant, name)
);
CREATE UNIQUE INDEX credentials_secret ON credentials (secret_hash);
CREATE INDEX credentials_user ON credentials (tenant, user_id);

CREATE TABLE sessions (
    tenant BIGINT NOT NULL,
    secret_hash BYTEA NOT NULL,
    uid BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (tenant, secret_hash)
);
CREATE INDEX sessions_user ON sessions (tenant, user_id);

-- A reset knows the one before it of the same user, and the user knows the latest: the history needs
-- no index that every reset would have to write to.
CREATE TABLE resets (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    kind TEXT NOT NULL,
    kills_password BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    previous_id BYTEA,
    requested_at BIGINT NOT NULL,
    requested_by TEXT NOT NULL,
    credential TEXT,
    address TEXT NOT NULL,
    request_id BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    mailed_at BIGINT,
    relay_words TEXT,
    opened_at BIGINT,
    redeemed_at BIGINT,
    redeemed_from TEXT,
    superseded_at BIGINT,
    cancelled_at BIGINT,
    cancelled_by TEXT,
    undeliverable_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE reset_keys (
    tenant BIGINT NOT NULL,
    actor TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_digest BYTEA NOT NULL,
    reset_id BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, actor, idempotency_key)
);

CREATE TABLE reset_budgets (
    tenant BIGINT NOT NULL,
    actor TEXT NOT NULL,
    hour_started_at BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (tenant, actor, hour_started_at)
);

CREATE TABLE mails (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    reset_id BYTEA,
    facts TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    sent_at BIGINT,
    failed_at BIGINT,
    relay_words TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX mails_due ON mails (tenant, due_at) WHERE sent_at IS NULL AND failed_at IS NULL;

CREATE TABLE sign_in_failures (
    tenant BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, subject)
);

-- The key of a record is the id of the request that it tells of: an action cannot have two.
CREATE TABLE audit (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    actor TEXT NOT NULL,
    credential TEXT,
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What a transaction recorded and no link holds yet: the ids and digests of its records, under the id of the first.
CREATE TABLE audit_unsealed (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    digests BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE audit_links (
    tenant BIGINT NOT NULL,
    number BIGINT NOT NULL,
    records BIGINT NOT NULL,
    digests BYTEA NOT NULL,
    previous BYTEA NOT NULL,
    sealed_at BIGINT NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (tenant, number)
);
