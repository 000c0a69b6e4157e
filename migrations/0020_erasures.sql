-- A record may hold random bytes that go into its digest. This release heeds them and writes none, since a process of the
-- release before would call such records changed. `erased_by` names the record that vouches for one that was rewritten when a
-- person was erased.
ALTER TABLE audit ADD COLUMN salt BYTEA;
ALTER TABLE audit ADD COLUMN erased_by BYTEA;

-- The addresses of people who were erased, as authentication codes under the server's key: from the database alone
-- addresses cannot be tried against them.
CREATE TABLE erasures (
    tenant BIGINT NOT NULL,
    address BYTEA NOT NULL,
    erased_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, address)
);

-- Erasures that are not over. What is sought is known until then, and `place` is where the next slice begins: it is written with
-- what a slice rewrites. Nothing that was written after `until` is touched, since the address may have come again.
CREATE TABLE erasures_under_way (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    pseudonym TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    until BIGINT NOT NULL,
    sought TEXT NOT NULL,
    place BYTEA NOT NULL,
    rewritten BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
