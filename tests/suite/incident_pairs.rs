//! Each deed upon a user of an incident beside each state of that incident: what leaves, what is recorded, and what is left.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry::params;

use crate::access::ok;
use crate::bulk;
use crate::erasure::{erase, holders, let_go_on, verified};
use crate::imports::{bring, line, step};
use crate::incidents::{INCIDENTS, act, planned, shown, start, start_whatever_came, wait_while};
use crate::operator::{data, operator, post};
use crate::people::{in_system, owner};
use crate::rig::Rig;

/// The user whose mail is the first one to leave.
const FIRST: &str = "a-first";
/// What happens to the user of this name.
const DEEDS: [&str; 13] = [
    "still",
    "erased",
    "off-by-many",
    "gone-by-many",
    "imported",
    "removed",
    "promoted",
    "toggled",
    "invited",
    "forgot",
    "reset",
    "resent",
    "moved",
];
/// Named by the terms, and erased beside the others: left alone, and removed before the plan.
const NAMED: [&str; 2] = ["excepted", "former"];

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Planned,
    Held,
    Mailing,
    Mailed,
    Cancelled,
}

fn email(name: &str) -> String {
    format!("pair-{name}@example.com")
}

/// A house with an incident in a state, and what was brought by an import before.
struct Scene {
    rig: Rig,
    id: String,
    import: String,
    helper: String,
}

impl Scene {
    fn new(state: State) -> Self {
        let rig = Rig::start();
        let tenant = rig.tenant();
        let helper = rig.add_member(tenant, "helper@example.com", in_system("ves-io-uam-admin-role"));
        let own = DEEDS.into_iter().chain([FIRST]).chain(NAMED);
        own.filter(|name| *name != "invited").for_each(|name| drop(rig.add_user(tenant, &email(name), |_| {})));
        let import = bring(&rig, &json!({}), &[vec![line(&email("invited"), &json!({}))]]);
        let import = import["id"].as_str().unwrap().to_owned();
        remove(&rig, "former");
        let listed: Vec<_> = DEEDS.into_iter().chain([FIRST]).chain(NAMED).map(email).collect();
        let terms = json!({ "name": "Pairs", "emails": listed, "except": [email("excepted")], "hold": true,
                            "pace_per_minute": 0 });
        let id = planned(&rig, &helper, &terms);
        let scene = Self { rig, id, import, helper };
        scene.bring_to(state);
        scene
    }

    fn bring_to(&self, state: State) {
        let (rig, id) = (&self.rig, &self.id);
        if state == State::Planned {
            return;
        }
        ok(&start(rig, &self.helper, id));
        assert_eq!(wait_while(rig, id, &["ending"])["state"], "held");
        match state {
            State::Planned | State::Held => {}
            // One mail in a second of the clock, which stands still.
            State::Mailing => {
                ok(&act(rig, id, "change", &json!({ "pace_per_minute": 60 })));
                ok(&act(rig, id, "release", &json!({})));
                rig.wait_for_mails(&email(FIRST), 1);
            }
            // A link that has just left is not sent again.
            State::Mailed => {
                self.release();
                rig.clock.advance_seconds(3_600);
            }
            State::Cancelled => {
                ok(&act(rig, id, "cancel", &json!({})));
            }
        }
    }

    fn release(&self) {
        ok(&act(&self.rig, &self.id, "release", &json!({})));
        assert_eq!(wait_while(&self.rig, &self.id, &["mailing"])["state"], "mailed");
        self.rig.let_background_rest();
    }

    /// Brings the incident to its end, whatever was done meanwhile.
    fn end(&self, state: State) {
        let (rig, id) = (&self.rig, &self.id);
        match state {
            State::Planned => {
                ok(&start_whatever_came(rig, &self.helper, id));
                assert_eq!(wait_while(rig, id, &["ending"])["state"], "held");
                self.release();
            }
            State::Held => self.release(),
            State::Mailing => {
                ok(&act(rig, id, "change", &json!({ "pace_per_minute": 0 })));
                rig.clock.advance_seconds(120);
                assert_eq!(wait_while(rig, id, &["mailing"])["state"], "mailed");
            }
            State::Mailed | State::Cancelled => {}
        }
        rig.let_background_rest();
    }

    /// Does to each user what their name says. What was answered to a reset, and to a resend where there is something to send.
    fn act(&self) -> (u16, Option<u16>) {
        let (rig, token) = (&self.rig, &self.rig.sample.api_token);
        for (name, done) in [("off-by-many", "disable"), ("gone-by-many", "remove")] {
            let plan = bulk::planned(rig, token, &json!({ "act": done, "filter": { "q": email(name) } }));
            ok(&bulk::act(rig, token, &plan));
            assert_eq!(bulk::wait_while(rig, token, &plan, "running")["state"], "done");
        }
        bring(rig, &json!({ "update": ["names"] }), &[vec![line(&email("imported"), &json!({ "first_name": "New" }))]]);
        remove(rig, "removed");
        rig.give(&email("promoted"), owner());
        for verb in ["disable", "enable"] {
            ok(&rig.post(&format!("/api/tenantry/v1/users/{verb}"), &json!({ "email": email("toggled") })));
        }
        ok(&step(rig, token, &self.import, "invite", &json!({ "whom": "without_password" })));
        ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": email("forgot") })));
        let answered = (rig.reset(&email("reset")).status, self.resend());
        self.move_one();
        for name in ["erased", "excepted", "former"] {
            ok(&erase(rig, &email(name)));
        }
        self.let_invitations_go();
        rig.let_background_rest();
        answered
    }

    fn resend(&self) -> Option<u16> {
        let found = self.rig.get(&format!("/api/tenantry/v1/resets?email={}", email("resent"))).body;
        let id = found["items"][0]["id"].as_str()?.to_owned();
        Some(self.rig.post(&format!("/api/tenantry/v1/resets/{id}/resend"), &json!({})).status)
    }

    fn move_one(&self) {
        let (rig, new) = (&self.rig, "elsewhere@example.com");
        ok(&rig.post(&format!("/api/tenantry/v1/users/{}/email", email("moved")), &json!({ "email": new })));
        let confirmed = rig.post_open("/email", &json!({ "token": rig.token(new, 1), "agreed": "yes" }));
        assert_eq!(confirmed.status, 204, "{}", confirmed.text);
    }

    fn let_invitations_go(&self) {
        let open = "SELECT COUNT(*) FROM import_invitations WHERE tenant = $1 AND next_at <= $2";
        self.rig.wait_until_none(open, &params![self.rig.tenant(), self.rig.clock.now()]);
    }

    /// How many mails with a link each user has had.
    fn links(&self) -> BTreeMap<&'static str, usize> {
        let of =
            |address: &str| self.rig.mails(address).iter().filter(|mail| mail.to_string().contains("/reset#")).count();
        let moved = of("elsewhere@example.com");
        DEEDS.into_iter().map(|name| (name, of(&email(name)) + if name == "moved" { moved } else { 0 })).collect()
    }

    /// The users of the incident as they are told, by address; and those who have none any more, by what has become of them.
    fn people(&self) -> Vec<Value> {
        let page = self.rig.get(&format!("{INCIDENTS}/{}/people?limit=1000", self.id)).body;
        page["items"].as_array().unwrap().clone()
    }

    fn outcome(&self, address: &str) -> (String, Option<String>) {
        let people = self.people();
        let one = people.iter().find(|one| one["email"] == address).unwrap_or_else(|| panic!("{address}: {people:?}"));
        (one["outcome"].as_str().unwrap().to_owned(), one["reason"].as_str().map(str::to_owned))
    }

    /// Each user has one reset of the incident with its record, or none and a reason.
    fn assert_each_once(&self) {
        let (rig, tenant) = (&self.rig, self.rig.tenant());
        let doubled = "SELECT COUNT(*) FROM (SELECT user_id FROM resets WHERE tenant = $1 AND incident IS NOT NULL
            GROUP BY user_id HAVING COUNT(*) > 1) AS doubled";
        assert_eq!(rig.number(doubled, &params![tenant]), 0);
        let ended = shown(rig, &self.id)["progress"]["ended"].as_i64().unwrap();
        let of_incident = |action: &str| {
            let found = rig.get(&format!("/api/tenantry/v1/audit?action={action}&limit=1000")).body;
            let items = found["items"].as_array().unwrap().clone();
            items.iter().filter(|item| item["facts"]["incident"] == self.id.as_str()).count() as i64
        };
        assert_eq!(of_incident("reset.request") + of_incident("reset.end_password"), ended);
        let people = self.people();
        assert_eq!(people.len(), DEEDS.len() + 1 + NAMED.len(), "{people:?}");
        let left_out = people.iter().filter(|one| one["outcome"] == "left_out").count() as i64;
        assert_eq!(ended + left_out, people.len() as i64, "each has ended, or a reason: {people:?}");
    }

    /// Nothing of people who were erased is in what is told, nor in the store.
    fn assert_erased(&self) {
        let marks = ["pair-erased", "pair-excepted", "pair-former"];
        let_go_on(&self.rig);
        let told = format!("{} {:?}", shown(&self.rig, &self.id), self.people());
        assert!(marks.iter().all(|mark| !told.contains(mark)), "{told}");
        assert_eq!(holders(&data(&self.rig), &marks), []);
        verified(&self.rig);
    }
}

fn remove(rig: &Rig, name: &str) {
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": email(name) })));
}

/// The links of each user, where one does not differ from the user to whom nothing was done.
fn links(still: usize, others: &[(&'static str, usize)]) -> BTreeMap<&'static str, usize> {
    let mut links: BTreeMap<_, _> = DEEDS.map(|name| (name, still)).into();
    links.extend(others.iter().copied());
    links
}

/// What leaves for those who are out of it when the mails leave.
const NOBODY: [(&str, usize); 4] = [("erased", 0), ("off-by-many", 0), ("gone-by-many", 0), ("removed", 0)];

#[test]
fn what_happens_before_the_start_is_heeded_when_passwords_end() {
    let scene = Scene::new(State::Planned);
    assert_eq!(scene.act(), (200, None));
    let before = scene.links();
    assert_eq!(before, links(0, &[("invited", 1), ("forgot", 1), ("reset", 1)]));
    scene.end(State::Planned);
    let others = [NOBODY.as_slice(), &[("promoted", 0), ("invited", 2), ("forgot", 2), ("reset", 2)]].concat();
    assert_eq!(scene.links(), links(1, &others));
    assert_eq!(scene.outcome(&email("promoted")), ("left_out".into(), Some("above_rank".into())));
    assert_eq!(scene.outcome(&email("off-by-many")), ("ended".into(), None));
    assert_eq!(scene.outcome("elsewhere@example.com").0, "mailed");
    scene.assert_each_once();
    scene.assert_erased();
}

#[test]
fn while_mails_are_held_nothing_leaves_by_any_door() {
    let scene = Scene::new(State::Held);
    assert_eq!(scene.act(), (409, Some(409)));
    assert_eq!(scene.links(), links(0, &[]));
    scene.end(State::Held);
    assert_eq!(scene.links(), links(1, &NOBODY));
    scene.assert_each_once();
    scene.assert_erased();
}

#[test]
fn while_mails_leave_each_user_has_one_by_the_incident_alone() {
    let scene = Scene::new(State::Mailing);
    assert_eq!(scene.act(), (409, Some(409)));
    assert_eq!(scene.links(), links(0, &[]));
    scene.end(State::Mailing);
    assert_eq!(scene.links(), links(1, &NOBODY));
    scene.assert_each_once();
    scene.assert_erased();
}

#[test]
fn once_mails_have_left_the_doors_are_open_again() {
    let scene = Scene::new(State::Mailed);
    assert_eq!(scene.act(), (200, Some(200)));
    assert_eq!(scene.links(), links(1, &[("forgot", 2), ("reset", 2), ("resent", 2)]));
    assert_eq!(scene.outcome(&email("reset")).0, "superseded");
    scene.assert_each_once();
    scene.assert_erased();
}

#[test]
fn after_a_cancellation_an_administrator_may_reset_and_strangers_may_not() {
    let scene = Scene::new(State::Cancelled);
    assert_eq!(scene.act(), (200, Some(409)));
    assert_eq!(scene.links(), links(0, &[("reset", 1)]));
    scene.assert_each_once();
    scene.assert_erased();
}

#[test]
fn a_plan_that_spares_a_person_who_was_erased_can_be_begun() {
    let scene = Scene::new(State::Planned);
    ok(&erase(&scene.rig, &email("excepted")));
    let_go_on(&scene.rig);
    ok(&start(&scene.rig, &scene.helper, &scene.id));
    assert_eq!(wait_while(&scene.rig, &scene.id, &["ending"])["state"], "held");
}

#[test]
fn words_of_the_relay_name_nobody_who_was_erased() {
    let scene = Scene::new(State::Held);
    let (rig, tenant) = (&scene.rig, scene.rig.tenant());
    let slowed = "UPDATE incidents SET mailed = REPLACE(mailed, '\"slowed_by\":null',
        '\"slowed_by\":\"450 4.2.1 <pair-erased@example.com>: try later\"') WHERE tenant = $1";
    rig.write(move |tx| tx.run(slowed, &params![tenant]).map(drop));
    let words = || shown(rig, &scene.id)["progress"]["slowed_by"].as_str().unwrap().to_owned();
    assert!(words().contains("pair-erased"), "{}", words());
    ok(&erase(rig, &email("erased")));
    let_go_on(rig);
    assert!(!words().contains("pair-erased"), "{}", words());
    scene.end(State::Held);
}

/// The tenant is removed and comes back: it stands still meanwhile, and then is where it was.
#[test]
fn a_tenant_that_is_removed_and_comes_back_goes_on_where_it_stood() {
    for state in [State::Planned, State::Held, State::Mailing, State::Mailed, State::Cancelled] {
        let scene = Scene::new(state);
        let rig = &scene.rig;
        let ops = operator(rig);
        let (was, links_before) = (shown(rig, &scene.id)["state"].clone(), scene.links());
        ok(&post(rig, &ops, "/example-corp/remove", json!({ "grace_days": 30 })));
        rig.clock.advance_seconds(3_600);
        rig.post_open("/no_auth/send_password_email", &json!({ "email": email("forgot") }));
        std::thread::sleep(std::time::Duration::from_millis(1_200));
        assert_eq!(scene.links(), links_before, "{state:?}: nothing leaves meanwhile");
        ok(&post(rig, &ops, "/example-corp/resume", json!({})));
        if state != State::Mailing {
            assert_eq!(shown(rig, &scene.id)["state"], was, "{state:?}");
        }
        scene.end(state);
        let all = if state == State::Cancelled { 0 } else { 1 };
        // A forgotten password that was told meanwhile is heeded afterwards, where no incident holds the user.
        let forgot = all + usize::from(matches!(state, State::Planned | State::Mailed));
        assert_eq!(scene.links(), links(all, &[("forgot", forgot)]), "{state:?}");
        scene.assert_each_once();
        verified(rig);
    }
}
