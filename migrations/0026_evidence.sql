-- The public halves of the keys that sign what leaves the installation, in the rows of the operators' tenant: those of keys that are
-- no longer in the key file among them, since what they have signed is verified years later.
CREATE TABLE signing_keys (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    number BIGINT NOT NULL,
    known_since BIGINT NOT NULL,
    PRIMARY KEY (tenant, name, public_key)
);
-- The record of a redemption, by which it is found from its reset.
ALTER TABLE resets ADD COLUMN redeem_record BYTEA;
-- The records of an incident's acts, 16 bytes each, in the order in which they were written.
ALTER TABLE incidents ADD COLUMN acts BYTEA;
