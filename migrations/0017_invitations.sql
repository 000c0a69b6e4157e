-- Users of an import who are invited by mail, some at a time: those behind row `after` are yet to be looked at. `next_at` is
-- NULL once all of them were.
CREATE TABLE import_invitations (
    tenant BIGINT NOT NULL,
    import_id BYTEA NOT NULL,
    whom TEXT NOT NULL,
    per_hour BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    credential TEXT,
    address TEXT NOT NULL,
    after BIGINT NOT NULL,
    invited BIGINT NOT NULL,
    next_at BIGINT,
    PRIMARY KEY (tenant, import_id)
);
CREATE INDEX import_invitations_due ON import_invitations (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX import_keys_import ON import_keys (tenant, import_id, number);
