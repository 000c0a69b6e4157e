-- A role of the tenant's own. Its API groups are kept by name, so that one which this release does not know is not lost.
CREATE TABLE roles (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    uid BYTEA NOT NULL,
    metadata TEXT NOT NULL,
    api_groups TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE user_groups (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    uid BYTEA NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    sync_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE group_members (
    tenant BIGINT NOT NULL,
    group_name TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (tenant, group_name, user_id)
);
CREATE INDEX group_members_user ON group_members (tenant, user_id);

CREATE TABLE group_grants (
    tenant BIGINT NOT NULL,
    group_name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (tenant, group_name, namespace, role)
);
CREATE INDEX group_grants_role ON group_grants (tenant, role);
CREATE INDEX group_grants_namespace ON group_grants (tenant, namespace);

-- Each call begins by reading what its caller may do, so what follows from the tables above stands where that is read: the
-- API groups of a role of the tenant's own beside each grant of it, and what a user holds through user groups in the user's
-- row. Null where nothing follows; a release that does not know these columns sees less, never more.
ALTER TABLE grants ADD COLUMN api_groups BIGINT;
ALTER TABLE users ADD COLUMN group_roles TEXT;
CREATE INDEX grants_role ON grants (tenant, role);
