-- What is over is found by when it ended, and the grants in a namespace by its name.
CREATE INDEX grants_namespace ON grants (tenant, namespace);
CREATE INDEX sessions_end ON sessions (ends_at);
CREATE INDEX sign_in_failures_last ON sign_in_failures (last_at);
CREATE INDEX reset_keys_made ON reset_keys (created_at);
