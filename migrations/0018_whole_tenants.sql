-- What a plan of a whole tenant would make before its users: namespaces, roles and groups, with what the users hold by them, as
-- JSON. Nothing is made by a plan, and rows of later chunks name what earlier ones bring.
CREATE TABLE import_things (
    tenant BIGINT NOT NULL,
    import_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    brings TEXT NOT NULL,
    PRIMARY KEY (tenant, import_id, kind, name)
);

-- When an import of a whole tenant was begun that found nobody here but who began it: then it may bring owners.
ALTER TABLE imports ADD COLUMN found_empty_at BIGINT;

-- A tenant is written out in the order of its users' ids outside, which never change; and no id comes twice.
CREATE INDEX users_uid ON users (tenant, uid);
