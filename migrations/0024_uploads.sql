-- Files that were uploaded for an import, sealed in parts by a key of the key file. They are kept while a server goes on with the
-- import and for an hour at most; `next_at` is when a server goes on, NULL while the plan waits for someone to run it. The parts are
-- written before the row that says by whose rights the import is gone on with, so those without one are forgotten by their age.
CREATE TABLE import_uploads (
    tenant BIGINT NOT NULL,
    import_id BYTEA NOT NULL,
    key_id BIGINT NOT NULL,
    actor BIGINT NOT NULL,
    actor_name TEXT NOT NULL,
    credential TEXT,
    address TEXT NOT NULL,
    session_epoch BIGINT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    next_at BIGINT,
    PRIMARY KEY (tenant, import_id)
);
CREATE INDEX import_uploads_due ON import_uploads (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX import_uploads_old ON import_uploads (uploaded_at);

CREATE TABLE import_upload_parts (
    tenant BIGINT NOT NULL,
    import_id BYTEA NOT NULL,
    number BIGINT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (tenant, import_id, number)
);
CREATE INDEX import_upload_parts_old ON import_upload_parts (uploaded_at);

-- When the file of an import was uploaded, if it was, and why an import was ended that nobody's call has ended.
ALTER TABLE imports ADD COLUMN uploaded_at BIGINT;
ALTER TABLE imports ADD COLUMN why TEXT;
