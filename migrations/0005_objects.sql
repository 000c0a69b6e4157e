-- The regular objects of the public API, of every kind: what differs between kinds is in `spec`, as JSON. The namespace
-- stands before the kind, so that a namespace finds all that goes with it.
CREATE TABLE objects (
    tenant BIGINT NOT NULL,
    namespace TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    uid BYTEA NOT NULL,
    metadata TEXT NOT NULL,
    spec TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT,
    PRIMARY KEY (tenant, namespace, kind, name)
);
