-- Webhooks. `link` and `position` are the place in the tenant's chain of records from which is read on. Its secret is made from
-- `seed` and the server's keys; the one before counts beside it until `old_until`.
CREATE TABLE webhooks (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    seed BYTEA NOT NULL,
    old_seed BYTEA,
    old_until BIGINT,
    link BIGINT NOT NULL,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    failing_since BIGINT,
    told_at BIGINT,
    last_error TEXT,
    off_at BIGINT,
    off_why TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX webhooks_on ON webhooks (tenant, id) WHERE off_at IS NULL;

-- An event on its way to a webhook. What is sent is made from the record. `tries` counts from when it was queued, or sent again;
-- `attempts` counts all of them.
CREATE TABLE webhook_deliveries (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    webhook BYTEA NOT NULL,
    event TEXT NOT NULL,
    record BYTEA NOT NULL,
    link BIGINT NOT NULL,
    position BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    leased_until BIGINT,
    delivered_at BIGINT,
    failed_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant, webhook, due_at, link, position)
    WHERE delivered_at IS NULL AND failed_at IS NULL;
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (tenant, webhook, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (tenant, webhook, id);

CREATE TABLE webhook_attempts (
    tenant BIGINT NOT NULL,
    delivery BYTEA NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT,
    words TEXT NOT NULL,
    millis BIGINT NOT NULL,
    PRIMARY KEY (tenant, delivery, number)
);
