-- Pictures that administrators upload. `name` says which of the tenant's: `image` is the one at the top of its pages.
CREATE TABLE pictures (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    digest BYTEA NOT NULL,
    content BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);
