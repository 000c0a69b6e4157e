-- Sign-ins of known users are found among the records of all actions by when they were. The text in the condition is what the
-- record of an unknown address holds: such tries are not in the index, however many they are.
CREATE INDEX audit_sign_ins ON audit (tenant, at, id)
    WHERE action = 'sign_in' AND facts <> '{"reason":"unknown address"}';
