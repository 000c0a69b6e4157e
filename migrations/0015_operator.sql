-- Who had the tenant removed and why, as JSON; until when that can be taken back; and since when its rows have been going. A
-- release that does not know these columns keeps the tenant out all the same, since it is suspended too, and deletes nothing.
ALTER TABLE tenants ADD COLUMN removal TEXT;
ALTER TABLE tenants ADD COLUMN removal_due_at BIGINT;
ALTER TABLE tenants ADD COLUMN removal_begun_at BIGINT;
-- What is due is found however many tenants there are.
CREATE INDEX tenants_removal ON tenants (removal_due_at) WHERE removal_due_at IS NOT NULL;
-- The name of a tenant can change, its id stays.
CREATE INDEX tenants_uid ON tenants (uid);
-- Addresses of which the relay has said that there is no such mailbox, and when it said so last.
CREATE TABLE refused_addresses (
    tenant BIGINT NOT NULL,
    email_key TEXT NOT NULL,
    email TEXT NOT NULL,
    refused_at BIGINT NOT NULL,
    relay_words TEXT NOT NULL,
    PRIMARY KEY (tenant, email_key)
);
CREATE INDEX refused_addresses_old ON refused_addresses (refused_at);
