//! The names of events, and the actions of records that they stand for. One style: `noun.past`.
//!
//! A test goes through every action that the house records: each has its line here, or its reason in [`UNTOLD`].

use crate::error::{Error, Result};

/// What happened, as receivers are told it.
pub(super) struct Event {
    /// The name.
    pub(super) name: &'static str,
    /// The actions that it stands for.
    actions: &'static [&'static str],
}

const fn event(name: &'static str, actions: &'static [&'static str]) -> Event {
    Event { name, actions }
}

/// What was refused: a sign-in, and everything else.
const SIGN_IN_REFUSED: Event = event("sign_in.refused", &["sign_in", "sign_in.step"]);
const REFUSED: Event = event("access.refused", &["access.refuse"]);

/// What was done.
const DONE: &[Event] = &[
    event("access.requested", &["access.request"]),
    event("address.requested", &["address.request"]),
    event("address.cancelled", &["address.cancel"]),
    event("address.changed", &["address.confirm"]),
    event("backup.restored", &["backup.restore"]),
    event("bulk.planned", &["bulk.plan"]),
    event("bulk.begun", &["bulk.act"]),
    event("bulk.stopped", &["bulk.stop"]),
    event("bulk.ended", &["bulk.end"]),
    event("contact.created", &["contact.create"]),
    event("contact.changed", &["contact.replace"]),
    event("contact.removed", &["contact.remove"]),
    event("credential.created", &["credential.create"]),
    event("credential.renewed", &["credential.renew"]),
    event("credential.changed", &["credential.replace"]),
    event("credential.activated", &["credential.activate"]),
    event("credential.revoked", &["credential.revoke", "credential.revoke_in_bulk"]),
    event("export.sealed", &["export.hashes"]),
    event("group.created", &["group.create"]),
    event("group.changed", &["group.replace", "group.assign_roles", "group.remove_roles"]),
    event("group.removed", &["group.remove"]),
    event("house.tidied", &["house.tidy"]),
    event("import.begun", &["import.begin"]),
    event("import.planned", &["import.plan"]),
    event("import.started", &["import.run"]),
    event("import.ended", &["import.end"]),
    event("import.invited", &["import.invite"]),
    event("import.key_made", &["import.make_key"]),
    event("incident.declared", &["incident.declare"]),
    event("incident.listed", &["incident.list"]),
    event("incident.planned", &["incident.plan"]),
    event("incident.asked", &["incident.ask"]),
    event("incident.agreed", &["incident.agree"]),
    event("incident.declined", &["incident.decline"]),
    event("incident.started", &["incident.start"]),
    event("incident.ended", &["incident.end"]),
    event("incident.paused", &["incident.pause"]),
    event("incident.continued", &["incident.go_on"]),
    event("incident.released", &["incident.release"]),
    event("incident.changed", &["incident.change"]),
    event("incident.retried", &["incident.retry"]),
    event("incident.reminded", &["incident.remind"]),
    event("incident.mailed", &["incident.mail"]),
    event("incident.proved", &["incident.evidence"]),
    event("incident.cancelled", &["incident.cancel"]),
    event("key.added", &["key.add"]),
    event("key.used", &["key.use"]),
    event("key.rotated", &["key.rotate"]),
    event("key.removed", &["key.remove"]),
    event("mail.given_up", &["mail.give_up"]),
    event("mail.retried", &["mail.retry"]),
    event("mail.dropped", &["mail.drop"]),
    event("mail.address_allowed", &["mail.allow_address"]),
    event("mail_text.changed", &["mail_text.set", "mail_text.remove"]),
    event("namespace.created", &["namespace.create"]),
    event("namespace.changed", &["namespace.replace"]),
    event("namespace.removed", &["namespace.remove"]),
    event("owner.assigned", &["user.assign_owner", "tenant.give_owner"]),
    event("owner.unassigned", &["user.unassign_owner"]),
    event("password.changed", &["password.change"]),
    event("password.ended", &["reset.end_password"]),
    event("person.exported", &["person.export"]),
    event("reset.requested", &["reset.request"]),
    event("reset.opened", &["reset.open"]),
    event("reset.redeemed", &["reset.redeem"]),
    event("reset.cancelled", &["reset.cancel"]),
    event("reset.resent", &["reset.resend"]),
    event("role.created", &["role.create"]),
    event("role.changed", &["role.replace"]),
    event("role.removed", &["role.remove"]),
    event("second_factor.set_up", &["second_factor.set_up"]),
    event("second_factor.switched_off", &["second_factor.switch_off"]),
    event("second_factor.taken_away", &["user.reset_codes"]),
    event("second_factor.link_mailed", &["second_factor.link"]),
    event("second_factor.recovery_codes_made", &["second_factor.recovery_codes"]),
    event("session.ended", &["session.end", "sign_out"]),
    event("session.proved", &["session.prove"]),
    event(
        "settings.changed",
        &["settings.change", "settings.image", "settings.image_remove", "settings.notifications", "settings.view"],
    ),
    event("sign_in.succeeded", &["sign_in"]),
    event("store.went_back", &["store.went_back"]),
    event("tenant.created", &["tenant.create"]),
    event(
        "tenant.changed",
        &[
            "tenant.set",
            "tenant.rename",
            "tenant.replace_picture",
            "tenant.remove_picture",
            "tenant.enable_codes",
            "tenant.disable_codes",
            "tenant_configuration.create",
            "tenant_configuration.replace",
            "tenant_configuration.remove",
        ],
    ),
    event("tenant.suspended", &["tenant.suspend"]),
    event("tenant.resumed", &["tenant.resume"]),
    event("tenant.deletion_requested", &["tenant.request_deletion"]),
    event("tenant.removed", &["tenant.remove"]),
    event("tenant.deleted", &["tenant.delete", "tenant.deleted"]),
    event("terms.accepted", &["terms.accept"]),
    event("user.created", &["user.create", "user.import"]),
    event(
        "user.changed",
        &["user.replace", "user.give_role", "user.group_add", "user.group_remove", "user.import_update"],
    ),
    event("user.disabled", &["user.disable", "user.fall_asleep"]),
    event("user.enabled", &["user.enable"]),
    event("user.removed", &["user.remove"]),
    event("user.invited", &["user.invite"]),
    event("user.warned", &["user.warn"]),
    event("webhook.created", &["webhook.create"]),
    event("webhook.changed", &["webhook.change"]),
    event("webhook.rotated", &["webhook.rotate"]),
    event("webhook.switched_on", &["webhook.on"]),
    event("webhook.switched_off", &["webhook.off"]),
    event("webhook.removed", &["webhook.remove"]),
    event("webhook.tested", &["webhook.test"]),
    event("webhook.resent", &["webhook.resend"]),
];

/// Actions that no receiver is told of, each with the reason.
#[cfg(test)]
const UNTOLD: &[(&str, &str)] = &[
    ("mail_text.try", "nothing is changed; the caller has the answer"),
    ("person.erase", "its records hold digests and signatures of other records, and name nobody"),
    ("second_factor.begin", "a code app counts only once it is confirmed: second_factor.set_up"),
    ("sign_in.step", "half of a sign-in; its end is sign_in.succeeded or sign_in.refused"),
];

/// What a webhook is sent on demand, and no record stands behind.
pub(super) const PING: &str = "webhook.ping";
/// The signed end of the chain of records, of which no record tells: it would make another head due.
pub(super) const HEAD: &str = "audit.head";

/// Every event, in the order in which lists show them.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    let others = [SIGN_IN_REFUSED.name, REFUSED.name, HEAD];
    let mut names: Vec<_> = DONE.iter().map(|event| event.name).chain(others).collect();
    names.sort_unstable();
    names.into_iter()
}

/// The event that a record is, by its action and how that ended.
pub(super) fn of_record(action: &str, outcome: &str) -> Option<&'static str> {
    if outcome != "accepted" {
        let is_sign_in = SIGN_IN_REFUSED.actions.contains(&action);
        return Some(if is_sign_in { SIGN_IN_REFUSED.name } else { REFUSED.name });
    }
    DONE.iter().find(|event| event.actions.contains(&action)).map(|event| event.name)
}

/// The events that a webhook wants: names, `noun.*`, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted(pub(super) Vec<String>);

/// So many patterns a webhook may have.
const PATTERNS_MAX: usize = 100;

impl Wanted {
    /// Those of a caller, without repeats.
    ///
    /// # Errors
    /// `Invalid`, one sentence that names the first that leads to no event.
    pub(super) fn parse(patterns: Vec<String>) -> Result<Self> {
        if patterns.is_empty() || patterns.len() > PATTERNS_MAX {
            return Err(Error::invalid(format!(
                "Field events must have 1 to {PATTERNS_MAX} names of events, such as reset.redeemed, reset.* or * for all."
            )));
        }
        let mut wanted = Vec::new();
        for pattern in patterns {
            if !all().any(|name| matches(&pattern, name)) {
                return Err(unknown(&pattern));
            }
            if !wanted.contains(&pattern) {
                wanted.push(pattern);
            }
        }
        Ok(Self(wanted))
    }

    /// Whether an event is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, name))
    }
}

fn unknown(pattern: &str) -> Error {
    let shown: String = pattern.chars().take(64).collect();
    let known = all().collect::<Vec<_>>().join(", ");
    Error::invalid(format!(
        "Field events: there is no event {shown}. There are {known}; noun.* for all of a noun, * for all."
    ))
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(noun) => noun.ends_with('.') && name.starts_with(noun),
        None => pattern == name,
    }
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
