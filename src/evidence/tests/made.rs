//! A small file, made as the server makes it.

use serde_json::json;

use super::*;

pub struct File {
    pub header: Header,
    pub acts: Vec<Said>,
    pub shared: Shared,
    pub users: Vec<UserLine>,
    /// Other totals than those of the lines.
    pub totals: Option<Totals>,
    pub links: Vec<Link>,
    pub key: SigningKey,
}

fn record(id: u128, action: &str, subject: &str, facts: &str) -> Record {
    Record {
        id: Uuid::from_u128(id),
        at: Timestamp(1_000_000 + id as i64),
        action: action.into(),
        outcome: "accepted".into(),
        actor: "ada@example.com".into(),
        credential: None,
        subject: subject.into(),
        address: "::1".into(),
        facts: facts.into(),
        salt: None,
        erased_by: None,
    }
}

fn user(n: i64, outcome: Outcome, record: Option<&Record>, shared: &Shared) -> UserLine {
    let said = |record: &Record| if shared.is_of(record) { Said::brief(record) } else { Said::whole(record) };
    UserLine {
        n,
        email: Some(record.map_or("nobody@example.com".into(), |record| record.subject.clone())),
        outcome,
        reason: None,
        state: None,
        at: record.map(|record| record.at.0),
        record: record.map(said),
        mailed_at: None,
        relay: None,
        opened_at: None,
        redeemed_at: None,
        redeem: None,
        code_app: None,
        reminders: Vec::new(),
    }
}

/// A link that the first reminder brought.
fn reminder(record: &Record, redeem: Option<&Record>) -> Reminder {
    Reminder {
        round: 1,
        record: Some(Said { at: Some(record.at.0), subject: Some(record.subject.clone()), ..Said::brief(record) }),
        mailed_at: None,
        relay: None,
        opened_at: None,
        redeemed_at: redeem.map(|record| record.at),
        redeem: redeem.map(Said::whole),
    }
}

/// A packed list of version 2, or of version 1.
fn list(entries: &[Entry], is_wide: bool) -> Vec<u8> {
    let mut list = if is_wide { vec![2] } else { Vec::new() };
    for entry in entries {
        list.extend(entry.id.as_bytes());
        list.extend(&entry.digest[..if is_wide { 32 } else { 16 }]);
    }
    list
}

impl File {
    pub fn usual() -> Self {
        Self::of([true, true], "ended as told")
    }

    /// The same with another record, and links made for it.
    pub fn changed() -> Self {
        Self::of([true, true], "ended otherwise")
    }

    pub fn of(is_wide: [bool; 2], told: &str) -> Self {
        let incident = Uuid::from_u128(5);
        let facts = |sessions: i64| json!({ "incident": incident, "sessions": sessions, "told": told }).to_string();
        let start = record(1, "incident.start", &incident.to_string(), "{\"name\":\"Leak\\n\"}");
        let jane = record(2, "reset.request", "jane@example.com", &facts(1));
        let gone = Record { erased_by: Some(Uuid::from_u128(9)), ..record(3, "reset.request", "erased-1", &facts(2)) };
        let alone = record(4, "reset.end_password", "b\u{e4}r@example.com", &facts(3));
        let redeemed = record(6, "reset.redeem", "jane@example.com", &json!({ "reset": jane.id }).to_string());
        let app = record(7, "user.reset_codes", "jane@example.com", &facts(0));
        let renewed = record(8, "reset.request", "b\u{e4}r.of.old@example.com", &facts(0));
        let chosen = record(10, "reset.redeem", "b\u{e4}r@example.com", &json!({ "reset": renewed.id }).to_string());
        let shared = Shared {
            action: "reset.request".into(),
            outcome: "accepted".into(),
            actor: "ada@example.com".into(),
            credential: None,
            address: "::1".into(),
        };
        let mut users = vec![
            UserLine {
                redeem: Some(Said::whole(&redeemed)),
                code_app: Some(Said::whole(&app)),
                ..user(1, Outcome::Ended, Some(&jane), &shared)
            },
            user(2, Outcome::Ended, Some(&gone), &shared),
            UserLine {
                reminders: vec![reminder(&renewed, Some(&chosen))],
                ..user(3, Outcome::Ended, Some(&alone), &shared)
            },
            user(4, Outcome::Dropped, None, &shared),
            user(5, Outcome::LeftOut, None, &shared),
        ];
        users[3].reason = Some("disabled".into());
        users[4].reason = Some("sso".into());
        let entry = |record: &Record| record.entry(TenantId(7));
        let was = Record { erased_by: None, subject: "erik@example.com".into(), ..gone };
        let other = record(50, "user.create", "x", "{}");
        let links = [
            [&start, &other, &jane, &was].map(entry).to_vec(),
            [&redeemed, &alone, &app, &renewed, &chosen].map(entry).to_vec(),
        ];
        let key = SigningKey::of_seed("id.example.com/tenantry", &[1; 32]).unwrap();
        let header = Header {
            evidence: 1,
            installation: "id.example.com".into(),
            tenant: "acme".into(),
            tenant_id: 7,
            incident,
            name: Some("Leak".into()),
            terms: Some(json!({ "all": true })),
            state: "mailed".into(),
            emails: Emails::Plain,
            made_at: Timestamp(2_000_000),
            key: key.verifier().to_string(),
        };
        let links = chained(&links, is_wide);
        Self { header, acts: vec![Said::whole(&start)], shared, users, totals: None, links, key }
    }

    /// What the lines come to.
    pub fn counted(&self) -> Totals {
        let mut totals = Totals::default();
        self.users.iter().for_each(|user| totals.add(user));
        totals
    }

    pub fn text(&self) -> Vec<u8> {
        let (mut text, mut running) = (Vec::new(), Running::default());
        running.write(&mut text, &self.header).unwrap();
        for act in &self.acts {
            running.act(&mut text, act.clone()).unwrap();
        }
        running.shared(&mut text, self.shared.clone()).unwrap();
        for user in &self.users {
            running.user(&mut text, user).unwrap();
        }
        running.totals(&mut text, self.totals.clone().unwrap_or_else(|| self.counted())).unwrap();
        for link in &self.links {
            running.link(&mut text, &LinkLine::from(link)).unwrap();
        }
        let last = self.links.last().unwrap();
        let sign = |lines: &str| self.key.sign(&format!("id.example.com/tenantry/acme/evidence\n{lines}"));
        running.close(&mut text, (last.number, &link_hash(TenantId(7), last)), sign).unwrap();
        text
    }
}

fn chained(entries: &[Vec<Entry>; 2], is_wide: [bool; 2]) -> Vec<Link> {
    let (mut links, mut previous) = (Vec::new(), vec![6; 32]);
    for (nth, (entries, is_wide)) in entries.iter().zip(is_wide).enumerate() {
        let (number, records) = (7 + nth as i64, entries.len() as i64);
        let (entries, sealed_at) = (list(entries, is_wide), Timestamp(3_000_000));
        let link = Link { number, records, entries, previous, sealed_at };
        previous = link_hash(TenantId(7), &link).to_vec();
        links.push(link);
    }
    links
}
