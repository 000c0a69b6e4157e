-- How many users have a hash from elsewhere, by scheme and cost, so that an address without a hash takes as long as others
-- do. A release that does not know the table changes no such hash: it takes them for wrong passwords.
CREATE TABLE hash_schemes (
    tenant BIGINT NOT NULL,
    scheme TEXT NOT NULL,
    users BIGINT NOT NULL,
    PRIMARY KEY (tenant, scheme)
);
