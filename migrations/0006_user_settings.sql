-- What a user has set for themself. A member that was never set is null; a user who has set nothing has no row.
CREATE TABLE user_settings (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    view_preference TEXT,
    notifications TEXT,
    admin_notifications TEXT,
    access_requested_at BIGINT,
    access_mailed_at BIGINT,
    PRIMARY KEY (tenant, user_id)
);
CREATE INDEX user_settings_requested ON user_settings (tenant, access_requested_at);

-- Apart from the settings, so that nobody reads a megabyte for a switch.
CREATE TABLE user_images (
    tenant BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    image BYTEA NOT NULL,
    PRIMARY KEY (tenant, user_id)
);

-- The terms of service that a user has accepted, in the row that `whoami` reads.
ALTER TABLE users ADD COLUMN tos_accepted TEXT;
ALTER TABLE users ADD COLUMN tos_version TEXT;
ALTER TABLE users ADD COLUMN tos_accepted_at BIGINT;
