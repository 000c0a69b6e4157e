use super::*;
use crate::store::Settings;

fn queue(tx: &mut Tx<'_>, tenant: i64, nth: u128, due_at: i64) -> Result<()> {
    let id = Uuid::from_u128(nth);
    tx.run(
        "INSERT INTO mails (tenant, id, kind, user_id, facts, queued_at, due_at, give_up_at, attempts)
         VALUES ($1, $2, 'budget', 1, '{}', $3, $3, $4, 0)",
        &params![TenantId(tenant), &id, Timestamp(due_at), Timestamp(i64::MAX)],
    )
    .map(drop)
}

#[test]
fn a_flood_of_one_tenant_does_not_hold_up_the_mail_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings::embedded(directory.path(), 10);
    let store = Store::open(&settings, Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tenant = |tx: &mut Tx<'_>, id: i64, name: &str| {
        tx.run(
            "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at) VALUES ($1, $2, $2, '{}', 0, 1, 0)",
            &params![TenantId(id), name],
        )
    };
    let flood = move |tx: &mut Tx<'_>| {
        tenant(tx, 1, "flooding")?;
        tenant(tx, 2, "other")?;
        (0..200).try_for_each(|nth| queue(tx, 1, nth, nth as i64))?;
        queue(tx, 2, 1, 1_000)
    };
    runtime.block_on(store.write(Scope::HOUSE, flood)).unwrap();
    let now = Timestamp(2_000);
    let found = || store.read(Scope::HOUSE, |tx| find_due(tx, now, BATCH)).unwrap();
    let is_for_other = |(job, _): &(Job, Timestamp)| job.tenant == TenantId(2);
    let due = found();
    assert_eq!(due.len(), BATCH);
    assert!(due.iter().any(is_for_other), "by age alone the other would have to wait");
    let count = due.len();

    let leased = runtime.block_on(store.write(Scope::HOUSE, move |tx| lease(tx, &due, now))).unwrap();
    assert_eq!(leased.len(), count);
    let again = found();
    assert!(!again.iter().any(is_for_other), "a mail that is on its way is not due");
}

#[test]
fn mail_steps_back_when_the_api_is_busy_and_never_stands_still() {
    let mut pace = Pace::default();
    assert_eq!(pace.credit(BUSY_WRITES), CREDIT_MAX);
    assert_eq!(pace.credit(BUSY_WRITES + 1_000), 50);
    assert_eq!(pace.credit(BUSY_WRITES + 1_000 + 51), 2);
    assert_eq!(pace.credit(BUSY_WRITES + 1_000 + 51), CREDIT_MAX);
}
