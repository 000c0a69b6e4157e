-- What a transaction recorded and no link holds yet, with whole digests. A release before this one leaves its own in `audit_unsealed`,
-- with the first halves of digests; it would take these for such. A later release removes that table.
CREATE TABLE audit_waiting (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    digests BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
