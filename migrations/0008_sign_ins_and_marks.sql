-- Sign-ins of known users are found among the records of all actions by when they were. The text in the condition is what the
-- record of an unknown address holds: such tries are not in the index, however many they are.
CREATE INDEX audit_sign_ins ON audit (tenant, at, id)
    WHERE action = 'sign_in' AND facts <> '{"reason":"unknown address"}';

-- Who suspended the tenant and why; since when stands in `disabled_at`. And when an owner asked to delete it, and why. A
-- release that does not know these columns keeps a suspended tenant out all the same.
ALTER TABLE tenants ADD COLUMN suspension TEXT;
ALTER TABLE tenants ADD COLUMN deletion_requested_at BIGINT;
ALTER TABLE tenants ADD COLUMN deletion_request TEXT;
