-- Users brought here by the thousand. An import is planned and run by the same chunks of lines; where it stands, `chunk` and the
-- `done` rows of it, is written with what each slice writes, so that a killed one goes on. Counts and options are JSON.
CREATE TABLE imports (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    source TEXT NOT NULL,
    options TEXT NOT NULL,
    state TEXT NOT NULL,
    expected BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    touched_at BIGINT NOT NULL,
    chunk BIGINT NOT NULL,
    done BIGINT NOT NULL,
    counts TEXT NOT NULL,
    noted BIGINT NOT NULL,
    plan BYTEA,
    rights BYTEA,
    planned_at BIGINT,
    planned TEXT,
    run_at BIGINT,
    run_by TEXT,
    ended_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX imports_open ON imports (tenant) WHERE ended_at IS NULL;
CREATE INDEX imports_ended ON imports (ended_at) WHERE ended_at IS NOT NULL;

-- What each chunk of a plan held, so that the run takes no other.
CREATE TABLE import_chunks (
    tenant BIGINT NOT NULL,
    import_id BYTEA NOT NULL,
    number BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    first_row BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    PRIMARY KEY (tenant, import_id, number)
);

-- Rows of a file that were refused, or of which something is told: by number, without the address. `phase` is 0 for the plan and
-- 1 for the run.
CREATE TABLE import_rows (
    tenant BIGINT NOT NULL,
    import_id BYTEA NOT NULL,
    phase BIGINT NOT NULL,
    number BIGINT NOT NULL,
    line BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    codes TEXT NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (tenant, import_id, phase, number)
);

-- Under which key a source knows a user who came from it, and a digest of what it said of the user last.
CREATE TABLE import_keys (
    tenant BIGINT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    import_id BYTEA NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (tenant, source, key)
);
CREATE INDEX import_keys_user ON import_keys (tenant, user_id);

-- Since when a right password leads to a link by which the user must choose another.
ALTER TABLE users ADD COLUMN password_must_change_at BIGINT;

-- How many users the tenant had when its last import began, and when that was: what may be done to a part of the users is
-- reckoned by them for a day.
ALTER TABLE tenants ADD COLUMN users_before_import BIGINT;
ALTER TABLE tenants ADD COLUMN import_began_at BIGINT;
