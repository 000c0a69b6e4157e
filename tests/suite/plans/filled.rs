//! A store of 100,000 users with all kinds of rows, made by a statement for each table.

use tenantry::error::Result;
use tenantry::params;
use tenantry::store::{Scope, Store, Tx, statements_of_copies};

use crate::engine::{is_postgres, settings_of};
use crate::rig::START;

/// One tenant of 100,000 and 500 of ten.
const USERS: i64 = 105_000;

/// An id of 16 bytes out of the number `n`, as each engine makes it.
macro_rules! users {
    ($id:literal) => {
        concat!(
            "INSERT INTO users (tenant, id, uid, email, email_key, first_name, last_name, kind, idm_type, owner_since,
                created_at, created_by, session_epoch, password_hash, last_reset, open_reset, open_reset_expires_at,
                reset_mail_times)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
             SELECT CASE WHEN n <= 100000 THEN 1 ELSE 2 + n % 500 END, n, ",
            $id,
            ", 'user' || n || '@example.com', 'user' || n || '@example.com', 'Jane', 'Roe', 'USER', 'VOLTERRA_MANAGED',
                CASE WHEN n % 30000 = 0 OR n > 104500 THEN n END, n, 'test', 0, 'hash', ",
            $id,
            ", CASE WHEN n % 10 = 0 THEN ",
            $id,
            " END, CASE WHEN n % 10 = 0 THEN n END, '' FROM numbers"
        )
    };
}
const USERS_OF_SQLITE: &str = users!("CAST(printf('%016d', n) AS BLOB)");
const USERS_OF_POSTGRES: &str = users!("convert_to(lpad(n::text, 16, '0'), 'UTF8')");

const REST: &[&str] = &[
    "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
     SELECT tenant, 'tenant-' || tenant, 'tenant-' || tenant, '{}', COUNT(*), 1, 0 FROM users GROUP BY tenant",
    "INSERT INTO namespaces (tenant, name, uid, metadata, created_at, created_by)
     SELECT tenant, 'team-' || id, uid, '{}', 0, 'test' FROM users WHERE id % 1000 = 0",
    "INSERT INTO objects (tenant, namespace, kind, name, uid, metadata, spec, created_at, created_by)
     SELECT tenant, 'team-' || (id % 10), 'kind-' || (id % 3), email_key, uid, '{}', '{}', 0, 'test' FROM users",
    "INSERT INTO pictures (tenant, name, media_type, digest, content, changed_at, changed_by)
     SELECT tenant, 'image-' || id, 'image/gif', uid, uid, 0, 'test' FROM users WHERE id % 1000 = 0",
    "INSERT INTO user_words (tenant, word, user_id) SELECT tenant, email_key, id FROM users",
    "INSERT INTO user_words (tenant, word, user_id) SELECT tenant, 'jane roe', id FROM users",
    "UPDATE users SET found_by = 1 WHERE id % 1000 > 0",
    "INSERT INTO grants (tenant, user_id, namespace, role) SELECT tenant, id, 'system', 'reader' FROM users",
    "INSERT INTO grants (tenant, user_id, namespace, role)
     SELECT tenant, id, 'team-' || (1000 * (id % 100 + 1)), 'reader' FROM users",
    "INSERT INTO password_history (tenant, user_id, retired_at, password_hash) SELECT tenant, id, 0, 'old' FROM users",
    "INSERT INTO hash_schemes (tenant, scheme, users) SELECT tenant, 'scheme-' || id, 1 FROM users WHERE id % 7000 = 0",
    "INSERT INTO user_settings (tenant, user_id, view_preference, access_requested_at)
     SELECT tenant, id, '{}', id FROM users",
    "INSERT INTO user_images (tenant, user_id, content_type, image) SELECT tenant, id, 'image/png', uid FROM users",
    "INSERT INTO credentials (tenant, name, uid, kind, user_id, secret_hash, created_at, created_by, expires_at)
     SELECT tenant, email_key, uid, 'API_TOKEN', id, uid, 0, 'test', id FROM users",
    "INSERT INTO sessions (tenant, secret_hash, uid, user_id, epoch, started_at, last_seen_at, ends_at, address)
     SELECT tenant, uid, uid, id, 0, 0, 0, id, '127.0.0.1' FROM users",
    "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, requested_at, requested_by, address,
         request_id, expires_at)
     SELECT tenant, uid, id, email, 'admin', 1, 1, id, 'test', '127.0.0.1', uid, id FROM users",
    "INSERT INTO reset_keys (tenant, actor, idempotency_key, body_digest, reset_id, created_at)
     SELECT tenant, 'test', email_key, uid, uid, id FROM users WHERE id % 10 = 0",
    "INSERT INTO reset_budgets (tenant, actor, hour_started_at, used)
     SELECT tenant, email_key, id, 1 FROM users WHERE id % 1000 = 0",
    "INSERT INTO mails (tenant, id, kind, user_id, reset_id, facts, queued_at, due_at, give_up_at, attempts, sent_at)
     SELECT tenant, uid, 'reset', id, uid, '{}', id, id, id, 1, CASE WHEN id % 100 > 0 THEN id END FROM users",
    "INSERT INTO mail_texts (tenant, kind, language, wording, changed_at, changed_by)
     SELECT tenant, email_key, 'en', '{}', 0, 'test' FROM users",
    "INSERT INTO refused_addresses (tenant, email_key, email, refused_at, relay_words)
     SELECT tenant, email_key, email, id, 'no such mailbox' FROM users WHERE id % 100 = 0",
    "INSERT INTO link_wishes (tenant, id, email, wished_at, wished_by, address)
     SELECT tenant, uid, email, id, 'test', '127.0.0.1' FROM users WHERE id % 100 = 0",
    "INSERT INTO address_changes (tenant, id, user_id, email, key_id, session_epoch, requested_at, requested_by, expires_at)
     SELECT tenant, uid, id, email, 1, 0, id, 'test', id FROM users WHERE id % 100 = 0",
    "INSERT INTO former_users (tenant, email_key, reset_mail_times, removed_at)
     SELECT tenant, 'former-' || email_key, '', id FROM users WHERE id % 100 = 0",
    "INSERT INTO sign_in_failures (tenant, subject, failures, last_at)
     SELECT tenant, uid, 1, id FROM users WHERE id % 10 = 0",
    "INSERT INTO second_factors (tenant, user_id, seed, confirmed_at, last_step, recovery_seed, recovery_used, failures,
         last_failure_at, link_id, link_key, link_expires_at)
     SELECT tenant, id, uid, id, 0, uid, 0, 0, 0, CASE WHEN id % 100 = 0 THEN uid END, 1, id FROM users WHERE id % 2 = 0",
    "INSERT INTO sign_in_steps (tenant, secret_hash, user_id, session_epoch, password_changed_at, purpose, began_at, expires_at)
     SELECT tenant, uid, id, 0, 0, 'code', id, id FROM users WHERE id % 10 = 0",
    "INSERT INTO roles (tenant, name, uid, metadata, api_groups, created_at, created_by)
     SELECT tenant, 'role-' || email_key, uid, '{}', '[]', id, 'test' FROM users WHERE id % 1000 = 0",
    "INSERT INTO user_groups (tenant, name, uid, display_name, description, sync_id, created_at, created_by)
     SELECT tenant, 'group-' || email_key, uid, '', '', '', id, 'test' FROM users WHERE id % 1000 = 0",
    "INSERT INTO group_members (tenant, group_name, user_id)
     SELECT u.tenant, g.name, u.id FROM users u JOIN user_groups g ON g.tenant = u.tenant WHERE u.id % 100 = 0",
    "INSERT INTO group_grants (tenant, group_name, namespace, role)
     SELECT tenant, name, 'team-' || name, 'role-' || name FROM user_groups",
    "INSERT INTO audit (tenant, id, at, action, outcome, actor, subject, address, facts)
     SELECT tenant, uid, id, 'reset.request', 'accepted', 'test', email, '127.0.0.1', '{}' FROM users",
    "INSERT INTO audit_waiting (tenant, id, digests) SELECT tenant, uid, uid FROM users WHERE id % 10000 = 0",
    "INSERT INTO audit_unsealed (tenant, id, digests) SELECT tenant, uid, uid FROM users WHERE id % 10000 = 0",
    "INSERT INTO audit_links (tenant, number, records, digests, previous, sealed_at, signature)
     SELECT tenant, id, 1, uid, uid, 0, uid FROM users WHERE id % 100 = 0",
    "INSERT INTO audit_heads (tenant, number, records, note, made_at, due_at, attempts, sent_at)
     SELECT tenant, id, id, '', id, CASE WHEN id % 10000 = 0 THEN id END, 0, CASE WHEN id % 10000 > 0 THEN id END
     FROM users WHERE id % 100 = 0",
    "INSERT INTO audit_heads_due (tenant, due_at) SELECT tenant, MIN(id) FROM users GROUP BY tenant",
    "INSERT INTO imports (tenant, id, source, options, state, created_at, created_by, touched_at, chunk, done, counts, noted,
         ended_at)
     SELECT tenant, uid, 'csv', '{}', 'done', id, 'test', id, 1, 0, '{}', 0, CASE WHEN id % 10000 > 0 THEN id END
     FROM users WHERE id % 10 = 0",
    "INSERT INTO import_chunks (tenant, import_id, number, digest, first_row, rows)
     SELECT tenant, uid, id % 10, uid, 1, 1 FROM users",
    "INSERT INTO import_rows (tenant, import_id, phase, number, line, outcome, codes, field)
     SELECT tenant, uid, 1, id % 10, 1, 'refused', 'EXISTS', '' FROM users",
    "INSERT INTO import_keys (tenant, source, key, user_id, digest, import_id, number)
     SELECT tenant, 'csv', email_key, id, uid, uid, 1 FROM users",
    "INSERT INTO import_invitations (tenant, import_id, whom, per_hour, asked_at, asked_by, address, after, invited, next_at)
     SELECT tenant, uid, 'all', 500, id, 'test', '127.0.0.1', 1, 1, CASE WHEN id % 10000 = 0 THEN id END
     FROM users WHERE id % 10 = 0",
    "INSERT INTO import_things (tenant, import_id, kind, name, brings)
     SELECT tenant, uid, 'namespace', email_key, '\"namespace\"' FROM users WHERE id % 10 = 0",
    "INSERT INTO import_uploads (tenant, import_id, key_id, actor, actor_name, address, session_epoch, uploaded_at, next_at)
     SELECT tenant, uid, 1, id, 'test', '127.0.0.1', 0, id, CASE WHEN id % 10000 = 0 THEN id END FROM users WHERE id % 10 = 0",
    "INSERT INTO import_upload_parts (tenant, import_id, number, uploaded_at, sealed)
     SELECT tenant, uid, 1, id, uid FROM users WHERE id % 10 = 0",
    "INSERT INTO bulk_acts (tenant, id, terms, state, created_at, created_by, touched_at, actor, actor_name, address, session_epoch,
         found_to, found_user, planned, digest, acted_to, acted, ended_at, next_at)
     SELECT tenant, uid, '{}', 'done', id, 'test', id, id, 'test', '127.0.0.1', 0, '', 0, '{}', uid, 0, '{}',
         CASE WHEN id % 1000 > 0 THEN id END, CASE WHEN id % 10000 = 0 THEN id END
     FROM users WHERE id % 10 = 0",
    "INSERT INTO bulk_users (tenant, bulk_id, place, user_id, reason)
     SELECT tenant, uid, id % 10, id, CASE WHEN id % 7 = 0 THEN 'already' END FROM users",
    "INSERT INTO incidents (tenant, id, name, terms, words, link_hours, pace, created_at, created_by, touched_at, actor, actor_name,
         address, session_epoch, lines, found_to, found_user, planned, digest, rights, ends_below, ended_to, ended, mailed_to,
         mailed, started_at, ended_at, next_at)
     SELECT tenant, uid, 'test', '{}', '{}', 24, 240, id, 'test', id, id, 'test', '127.0.0.1', 0, 0, '', 0, '{}', uid, '{}', 1, 0,
         '{}', 0, '{}', CASE WHEN id % 100 > 0 THEN id END, id, CASE WHEN id % 10000 = 0 THEN id END
     FROM users WHERE id % 10 = 0",
    "INSERT INTO incident_lines (tenant, incident, email_key, email, part, listed_at)
     SELECT tenant, uid, email_key, email, 1, id FROM users",
    "INSERT INTO incident_users (tenant, incident, place, user_id, reason, listed_at)
     SELECT tenant, uid, id % 10, id, CASE WHEN id % 7 = 0 THEN 'sso' END, id FROM users",
    "INSERT INTO webhooks (tenant, id, name, url, events, seed, link, position, created_at, created_by, off_at)
     SELECT tenant, uid, 'test', 'https://hooks.example.com/', '[]', uid, 1, 0, id, 'test', CASE WHEN id % 10000 > 0 THEN id END
     FROM users WHERE id % 10 = 0",
    "INSERT INTO webhook_deliveries (tenant, id, webhook, event, record, link, position, queued_at, due_at, attempts, tries,
         leased_until, delivered_at)
     SELECT tenant, uid, uid, 'user.created', uid, 1, id, id, id, 1, 1, CASE WHEN id % 10000 = 0 THEN id END,
         CASE WHEN id % 1000 > 0 THEN id END
     FROM users",
    "INSERT INTO signing_keys (tenant, name, public_key, number, known_since)
     SELECT 0, 'id.example.com/tenantry', uid, id, 0 FROM users WHERE id % 10000 = 0",
    "INSERT INTO webhook_attempts (tenant, delivery, number, at, words, millis) SELECT tenant, uid, 1, id, '', 1 FROM users",
    "UPDATE users SET awake_since = id WHERE id % 1000 > 0",
    "UPDATE tenants SET sleep_look_at = id WHERE id % 2 = 0",
    "INSERT INTO sleepers (tenant, user_id, mail, inactive_since, told_at, mailed_at, due_at)
     SELECT tenant, id, uid, id, id, id, id FROM users WHERE id % 10 = 0",
    "INSERT INTO erasures (tenant, address, erased_at) SELECT tenant, uid, id FROM users WHERE id % 100 = 0",
    "INSERT INTO erasures_under_way (tenant, id, pseudonym, user_id, until, sought, place, rewritten)
     SELECT tenant, uid, 'person:0', 0, id, '{}', uid, 0 FROM users WHERE id % 10000 = 0",
];

/// The store in this directory, with the statistics that its engine would have after some use.
pub fn filled(data: &std::path::Path) -> Store {
    let store = Store::open(&settings_of(data, 100), START).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(store.write(Scope::HOUSE, fill)).unwrap();
    for first in statements_of_copies().filter(|statement| statement.ends_with("LIMIT $1")) {
        let found = store.read(Scope::HOUSE, |tx| tx.maybe(first, &params![1])).unwrap();
        assert!(found.is_some(), "a table without a row is planned for as a small one; give it some: {first}");
    }
    store
}

fn fill(tx: &mut Tx<'_>) -> Result<()> {
    let users = if is_postgres() { USERS_OF_POSTGRES } else { USERS_OF_SQLITE };
    tx.run(users, &params![USERS])?;
    for statement in REST {
        tx.run(statement, &[])?;
    }
    // The embedded engine plans by figures of ours.
    if is_postgres() { tx.run("ANALYZE", &[]).map(drop) } else { Ok(()) }
}
