//! Every table with its owner, its key and its columns: for the verbs that carry a whole store from one place to another, and
//! for the rule that a table has one room.

/// A table, whose it is, and how it is copied.
pub struct Table {
    /// The name.
    pub name: &'static str,
    /// The room whose it is: the only one that writes to it. `tests/suite/tidy.rs` lists the exceptions.
    pub owner: &'static str,
    /// The primary key, in its order.
    pub key: &'static [&'static str],
    pub(super) columns: &'static [&'static str],
    /// Rows that are held in memory at once.
    pub(super) page: i64,
}

const fn table(
    name: &'static str,
    owner: &'static str,
    key: &'static [&'static str],
    columns: &'static [&'static str],
) -> Table {
    Table { name, owner, key, columns, page: 1_000 }
}

/// Each table that holds something of tenants.
pub fn tables() -> &'static [Table] {
    TABLES
}

/// All but the ledger of migrations, which each store writes for itself. A test compares with the schema.
///
/// What a migration adds goes where it does not change the order of the rest, a column behind all of its table: the digest
/// in an older backup is over the tables and columns that it has, in this order.
#[rustfmt::skip]
pub(super) const TABLES: &[Table] = &[
    table("tenants", "tenants", &["id"], &["id", "name", "uid", "settings", "user_count", "revision", "created_at", "disabled_at",
          "suspension", "deletion_requested_at", "deletion_request", "removal", "removal_due_at", "removal_begun_at",
          "users_before_import", "import_began_at", "sleep_look_at", "awake_since"]),
    table("namespaces", "namespaces", &["tenant", "name"],
        &["tenant", "name", "uid", "metadata", "created_at", "created_by", "modified_at"]),
    table("objects", "objects", &["tenant", "namespace", "kind", "name"],
        &["tenant", "namespace", "kind", "name", "uid", "metadata", "spec", "created_at", "created_by", "modified_at"]),
    // A row of these holds up to 256 KiB.
    Table { page: 10, ..table("pictures", "tenant_settings", &["tenant", "name"],
        &["tenant", "name", "media_type", "digest", "content", "changed_at", "changed_by"]) },
    table("users", "people", &["tenant", "id"],
        &["tenant", "id", "uid", "email", "email_key", "first_name", "last_name", "kind", "idm_type", "language",
          "owner_since", "created_at", "created_by", "modified_at", "disabled_at", "disabled_by", "last_login_at",
          "session_epoch", "password_hash", "password_changed_at", "password_dead_at", "last_reset", "open_reset",
          "open_reset_expires_at", "reset_mail_times", "group_roles", "tos_accepted", "tos_version", "tos_accepted_at",
          "email_verified_at", "email_changed_at", "former_email", "found_by", "password_must_change_at",
          "awake_since"]),
    table("user_words", "people", &["tenant", "word", "user_id"], &["tenant", "word", "user_id"]),
    table("grants", "people", &["tenant", "user_id", "namespace", "role"],
        &["tenant", "user_id", "namespace", "role", "api_groups"]),
    table("roles", "roles", &["tenant", "name"],
        &["tenant", "name", "uid", "metadata", "api_groups", "created_at", "created_by", "modified_at"]),
    table("user_groups", "people", &["tenant", "name"],
        &["tenant", "name", "uid", "display_name", "description", "sync_id", "created_at", "created_by", "modified_at"]),
    table("group_members", "people", &["tenant", "group_name", "user_id"], &["tenant", "group_name", "user_id"]),
    table("group_grants", "people", &["tenant", "group_name", "namespace", "role"],
        &["tenant", "group_name", "namespace", "role"]),
    table("password_history", "people", &["tenant", "user_id", "retired_at"],
        &["tenant", "user_id", "retired_at", "password_hash"]),
    table("hash_schemes", "people", &["tenant", "scheme"], &["tenant", "scheme", "users"]),
    table("user_settings", "user_settings", &["tenant", "user_id"],
        &["tenant", "user_id", "view_preference", "notifications", "admin_notifications", "access_requested_at",
          "access_mailed_at"]),
    // A row of these holds up to 1 MiB.
    Table { page: 16, ..table("user_images", "user_settings", &["tenant", "user_id"],
        &["tenant", "user_id", "content_type", "image"]) },
    table("credentials", "credentials", &["tenant", "name"],
        &["tenant", "name", "uid", "kind", "user_id", "secret_hash", "created_at", "created_by", "expires_at",
          "inactive_at", "narrowed_to", "used_at"]),
    table("sessions", "sessions", &["tenant", "secret_hash"],
        &["tenant", "secret_hash", "uid", "user_id", "epoch", "started_at", "last_seen_at", "ends_at", "address",
          "proved_at", "method"]),
    table("resets", "reset", &["tenant", "id"],
        &["tenant", "id", "user_id", "email", "kind", "kills_password", "key_id", "previous_id", "requested_at",
          "requested_by", "credential", "address", "request_id", "expires_at", "mailed_at", "relay_words", "opened_at",
          "redeemed_at", "redeemed_from", "superseded_at", "cancelled_at", "cancelled_by", "undeliverable_at",
          "mail_waits_until", "credentials_revoked", "incident", "held_at",
          "redeem_record"]),
    table("link_wishes", "reset", &["tenant", "id"],
        &["tenant", "id", "email", "wished_at", "wished_by", "credential", "address"]),
    table("former_users", "people", &["tenant", "email_key"],
        &["tenant", "email_key", "last_reset", "reset_mail_times", "removed_at"]),
    table("address_changes", "addresses", &["tenant", "id"],
        &["tenant", "id", "user_id", "email", "key_id", "session_epoch", "requested_at", "requested_by", "expires_at",
          "confirmed_at"]),
    table("reset_keys", "reset", &["tenant", "actor", "idempotency_key"],
        &["tenant", "actor", "idempotency_key", "body_digest", "reset_id", "created_at"]),
    table("reset_budgets", "reset", &["tenant", "actor", "hour_started_at"], &["tenant", "actor", "hour_started_at", "used"]),
    table("mails", "mails", &["tenant", "id"],
        &["tenant", "id", "kind", "user_id", "reset_id", "facts", "queued_at", "due_at", "give_up_at", "attempts",
          "sent_at", "failed_at", "relay_words"]),
    table("refused_addresses", "mails", &["tenant", "email_key"],
        &["tenant", "email_key", "email", "refused_at", "relay_words"]),
    table("mail_texts", "mail_texts", &["tenant", "kind", "language"],
        &["tenant", "kind", "language", "wording", "changed_at", "changed_by"]),
    table("sign_in_failures", "sign_in", &["tenant", "subject"], &["tenant", "subject", "failures", "last_at"]),
    table("second_factors", "factors", &["tenant", "user_id"],
        &["tenant", "user_id", "seed", "confirmed_at", "last_step", "recovery_seed", "recovery_used", "failures",
          "last_failure_at", "taken_away_at", "link_id", "link_key", "link_expires_at"]),
    table("sign_in_steps", "sign_in", &["tenant", "secret_hash"],
        &["tenant", "secret_hash", "user_id", "session_epoch", "password_changed_at", "purpose", "seed", "link_id",
          "began_at", "expires_at"]),
    table("audit", "audit", &["tenant", "id"],
        &["tenant", "id", "at", "action", "outcome", "actor", "credential", "subject", "address", "facts", "salt", "erased_by"]),
    // A row of these holds up to 96 KiB.
    Table { page: 50, ..table("audit_unsealed", "audit", &["tenant", "id"], &["tenant", "id", "digests"]) },
    Table { page: 50, ..table("audit_links", "audit", &["tenant", "number"],
        &["tenant", "number", "records", "digests", "previous", "sealed_at", "signature"]) },
    table("imports", "transfer", &["tenant", "id"],
        &["tenant", "id", "source", "options", "state", "expected", "created_at", "created_by", "touched_at", "chunk", "done",
          "counts", "noted", "plan", "rights", "planned_at", "planned", "run_at", "run_by", "ended_at", "found_empty_at", "uploaded_at",
          "why"]),
    table("import_chunks", "transfer", &["tenant", "import_id", "number"],
        &["tenant", "import_id", "number", "digest", "first_row", "rows"]),
    table("import_rows", "transfer", &["tenant", "import_id", "phase", "number"],
        &["tenant", "import_id", "phase", "number", "line", "outcome", "codes", "field"]),
    table("import_keys", "transfer", &["tenant", "source", "key"],
        &["tenant", "source", "key", "user_id", "digest", "import_id", "number"]),
    table("import_invitations", "transfer", &["tenant", "import_id"],
        &["tenant", "import_id", "whom", "per_hour", "asked_at", "asked_by", "credential", "address", "after", "invited",
          "next_at"]),
    table("import_things", "transfer", &["tenant", "import_id", "kind", "name"],
        &["tenant", "import_id", "kind", "name", "brings"]),
    table("import_uploads", "transfer", &["tenant", "import_id"],
        &["tenant", "import_id", "key_id", "actor", "actor_name", "credential", "address", "session_epoch", "uploaded_at",
          "next_at"]),
    // A row of these holds up to a megabyte.
    Table { page: 4, ..table("import_upload_parts", "transfer", &["tenant", "import_id", "number"],
        &["tenant", "import_id", "number", "uploaded_at", "sealed"]) },
    table("sleepers", "people", &["tenant", "user_id"],
        &["tenant", "user_id", "mail", "inactive_since", "told_at", "mailed_at", "asleep_at", "going_at", "due_at"]),
    table("erasures", "people", &["tenant", "address"], &["tenant", "address", "erased_at"]),
    table("erasures_under_way", "people", &["tenant", "id"],
        &["tenant", "id", "pseudonym", "user_id", "until", "sought", "place", "rewritten"]),
    table("bulk_acts", "bulk", &["tenant", "id"],
        &["tenant", "id", "terms", "state", "created_at", "created_by", "touched_at", "actor", "actor_name", "credential",
          "address", "session_epoch", "found_to", "found_user", "planned", "digest", "planned_at", "run", "acted_at",
          "acted_by", "acted_to", "acted", "ended_at", "why", "next_at"]),
    table("bulk_users", "bulk", &["tenant", "bulk_id", "place"], &["tenant", "bulk_id", "place", "user_id", "reason"]),
    table("incidents", "incidents", &["tenant", "id"],
        &["tenant", "id", "name", "terms", "words", "contact", "link_hours", "pace", "created_at", "created_by", "touched_at",
          "actor", "actor_name", "credential", "address", "session_epoch", "lines", "planning_at", "found_to", "found_user",
          "planned", "digest", "planned_at", "asked_at", "agreed_at", "agreed_by", "rights", "run", "started_at", "ends_below",
          "ended_to", "ended", "ended_at", "released_at", "mailed_to", "mailed", "mailed_at", "paused_at", "cancelled_at",
          "cancelled_by", "why", "next_at", "acts", "reminders"]),
    table("incident_lines", "incidents", &["tenant", "incident", "email_key"],
        &["tenant", "incident", "email_key", "email", "part", "listed_at"]),
    table("incident_users", "incidents", &["tenant", "incident", "place"],
        &["tenant", "incident", "place", "user_id", "email", "reason", "listed_at"]),
    table("webhooks", "webhooks", &["tenant", "id"],
        &["tenant", "id", "name", "url", "events", "seed", "old_seed", "old_until", "link", "position", "created_at", "created_by",
          "failing_since", "told_at", "last_error", "off_at", "off_why", "people"]),
    table("webhook_deliveries", "webhooks", &["tenant", "id"],
        &["tenant", "id", "webhook", "event", "record", "link", "position", "queued_at", "due_at", "attempts", "tries",
          "leased_until", "delivered_at", "failed_at", "body"]),
    table("webhook_attempts", "webhooks", &["tenant", "delivery", "number"],
        &["tenant", "delivery", "number", "at", "status", "words", "millis"]),
    // A row of these holds up to 96 KiB.
    Table { page: 50, ..table("audit_waiting", "audit", &["tenant", "id"], &["tenant", "id", "digests"]) },
    table("signing_keys", "signing", &["tenant", "name", "public_key"],
        &["tenant", "name", "public_key", "number", "known_since"]),
    table("audit_heads", "heads", &["tenant", "number"],
        &["tenant", "number", "records", "note", "made_at", "due_at", "attempts", "sent_at"]),
    table("audit_heads_due", "audit", &["tenant"], &["tenant", "due_at"]),
];

/// A table whose rows name people by their address.
pub(super) struct Named {
    pub(super) table: &'static str,
    /// When a row was made.
    pub(super) at: &'static str,
    /// Where people are named.
    pub(super) texts: &'static [&'static str],
    /// The user that a row is about: it goes with that user.
    pub(super) user: Option<&'static str>,
    /// Whether a row that names a person who is erased is of no use any more.
    pub(super) goes: bool,
}

const fn named(table: &'static str, at: &'static str, texts: &'static [&'static str]) -> Named {
    Named { table, at, texts, user: None, goes: false }
}

/// Where rows name people, but for records, and for what is found by the key of the person.
pub(super) const NAMED: &[Named] = &[
    named("namespaces", "created_at", &["created_by"]),
    named("objects", "created_at", &["created_by"]),
    named("pictures", "changed_at", &["changed_by"]),
    named("users", "created_at", &["created_by", "disabled_by"]),
    named("roles", "created_at", &["created_by"]),
    named("user_groups", "created_at", &["created_by"]),
    named("credentials", "created_at", &["created_by"]),
    named("resets", "requested_at", &["email", "requested_by", "cancelled_by", "credential", "relay_words"]),
    Named { goes: true, ..named("link_wishes", "wished_at", &["email", "wished_by", "credential"]) },
    named("address_changes", "requested_at", &["requested_by"]),
    Named { user: Some("user_id"), ..named("mails", "queued_at", &["facts", "relay_words"]) },
    named("mail_texts", "changed_at", &["changed_by"]),
    named("imports", "created_at", &["created_by", "run_by", "why"]),
    named("import_uploads", "uploaded_at", &["actor_name", "credential"]),
    named("import_invitations", "asked_at", &["asked_by", "credential"]),
    named("webhooks", "created_at", &["created_by", "last_error", "off_why"]),
    // A server may answer with what it was sent.
    named("webhook_attempts", "at", &["words"]),
    named("bulk_acts", "created_at", &["created_by", "actor_name", "credential", "acted_by", "why", "terms"]),
    named(
        "incidents",
        "created_at",
        &[
            "name",
            "terms",
            "words",
            "contact",
            "created_by",
            "actor_name",
            "credential",
            "agreed_by",
            "cancelled_by",
            "why",
            // The words of a relay, which may name a recipient.
            "mailed",
        ],
    ),
    Named { goes: true, ..named("incident_lines", "listed_at", &["email_key", "email"]) },
    named("incident_users", "listed_at", &["email"]),
];
