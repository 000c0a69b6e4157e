-- Signed ends of chains. `records` are those up to the end of the link. `due_at` is when the head is sent to the operator's receiver,
-- NULL where none is set and behind `sent_at`.
CREATE TABLE audit_heads (
    tenant BIGINT NOT NULL,
    number BIGINT NOT NULL,
    records BIGINT NOT NULL,
    note TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    sent_at BIGINT,
    PRIMARY KEY (tenant, number)
);
CREATE INDEX audit_heads_unsent ON audit_heads (due_at) WHERE due_at IS NOT NULL;

-- Tenants with a link behind their last head, and when the next one is made. What was sealed before there were heads is due at once.
CREATE TABLE audit_heads_due (
    tenant BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);
CREATE INDEX audit_heads_due_at ON audit_heads_due (due_at);
INSERT INTO audit_heads_due (tenant, due_at) SELECT id, 0 FROM tenants;

-- What a delivery sends that no record stands behind.
ALTER TABLE webhook_deliveries ADD COLUMN body TEXT;
