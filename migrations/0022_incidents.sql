-- A reset that an incident has begun names it. While `held_at` is set no mail with its link has left, and its user gets a link
-- by no other way.
ALTER TABLE resets ADD COLUMN incident BYTEA;
ALTER TABLE resets ADD COLUMN held_at BIGINT;
CREATE INDEX resets_given_up ON resets (tenant, id) WHERE undeliverable_at IS NOT NULL;

-- Many passwords ended at once, from the plan to the last mail. `ended_to` is the place of the last user whose password has ended,
-- `mailed_to` of the last one who was mailed; `ends_below` bounds both. `next_at` is when a server goes on with it, NULL where
-- nothing is to be done.
CREATE TABLE incidents (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    name TEXT NOT NULL,
    terms TEXT NOT NULL,
    words TEXT NOT NULL,
    contact TEXT,
    link_hours BIGINT NOT NULL,
    pace BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    touched_at BIGINT NOT NULL,
    actor BIGINT NOT NULL,
    actor_name TEXT NOT NULL,
    credential TEXT,
    address TEXT NOT NULL,
    session_epoch BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    planning_at BIGINT,
    found_to TEXT NOT NULL,
    found_user BIGINT NOT NULL,
    planned TEXT NOT NULL,
    digest BYTEA NOT NULL,
    planned_at BIGINT,
    asked_at BIGINT,
    agreed_at BIGINT,
    agreed_by TEXT,
    rights TEXT NOT NULL,
    run BYTEA,
    started_at BIGINT,
    ends_below BIGINT NOT NULL,
    ended_to BIGINT NOT NULL,
    ended TEXT NOT NULL,
    ended_at BIGINT,
    released_at BIGINT,
    mailed_to BIGINT NOT NULL,
    mailed TEXT NOT NULL,
    mailed_at BIGINT,
    paused_at BIGINT,
    cancelled_at BIGINT,
    cancelled_by TEXT,
    why TEXT,
    next_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX incidents_due ON incidents (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX incidents_idle ON incidents (touched_at) WHERE next_at IS NULL AND started_at IS NULL;
-- One ends passwords in a tenant at a time.
CREATE INDEX incidents_ending ON incidents (tenant, id)
    WHERE started_at IS NOT NULL AND ended_at IS NULL AND cancelled_at IS NULL;

-- The addresses of an incident that was asked for by a list, until its plan is made. `part` is the part of the list that has
-- brought the address: a part that is sent again takes the place of the earlier one.
CREATE TABLE incident_lines (
    tenant BIGINT NOT NULL,
    incident BYTEA NOT NULL,
    email_key TEXT NOT NULL,
    email TEXT NOT NULL,
    part BIGINT NOT NULL,
    listed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, incident, email_key)
);

-- The users of a plan, by number, in the order in which their passwords end: no address, which would outlive its user here, but
-- for one of a list that belongs to no user. `reason` says why one is left out, from the beginning or at the end of the password.
CREATE TABLE incident_users (
    tenant BIGINT NOT NULL,
    incident BYTEA NOT NULL,
    place BIGINT NOT NULL,
    user_id BIGINT,
    email TEXT,
    reason TEXT,
    listed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, incident, place)
);
CREATE INDEX incident_users_left_out ON incident_users (tenant, incident, place) WHERE reason IS NOT NULL;
