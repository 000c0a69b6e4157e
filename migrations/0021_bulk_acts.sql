-- Acts on many users at once: a plan is a list of users that does not grow, and a run goes through it. `acted_to` is the place
-- up to which the run has come; `next_at` is when a server goes on with it, NULL where nothing is to be done.
CREATE TABLE bulk_acts (
    tenant BIGINT NOT NULL,
    id BYTEA NOT NULL,
    terms TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    touched_at BIGINT NOT NULL,
    actor BIGINT NOT NULL,
    actor_name TEXT NOT NULL,
    credential TEXT,
    address TEXT NOT NULL,
    session_epoch BIGINT NOT NULL,
    found_to TEXT NOT NULL,
    found_user BIGINT NOT NULL,
    planned TEXT NOT NULL,
    digest BYTEA NOT NULL,
    planned_at BIGINT,
    run BYTEA,
    acted_at BIGINT,
    acted_by TEXT,
    acted_to BIGINT NOT NULL,
    acted TEXT NOT NULL,
    ended_at BIGINT,
    why TEXT,
    next_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX bulk_acts_due ON bulk_acts (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX bulk_acts_open ON bulk_acts (tenant, id) WHERE ended_at IS NULL;
CREATE INDEX bulk_acts_idle ON bulk_acts (touched_at) WHERE next_at IS NULL;

-- The users of a plan, by number: no address, which would outlive its user here. `reason` says why one is left out, from the
-- beginning or when the run came to them.
CREATE TABLE bulk_users (
    tenant BIGINT NOT NULL,
    bulk_id BYTEA NOT NULL,
    place BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (tenant, bulk_id, place)
);
CREATE INDEX bulk_users_left_out ON bulk_users (tenant, bulk_id, place) WHERE reason IS NOT NULL;
