//! Every page of the console in every state, with a text of one's choice in each place that a user or a tenant fills.

use tenantry::clock::Timestamp;
use tenantry::language::Language;
use tenantry::pages::Site;
use tenantry::pages::console::audit::{self, Asked, Audit};
use tenantry::pages::console::confirm::{self, Confirm};
use tenantry::pages::console::overview::{self, IncidentState, Need, Newest, Overview, Try};
use tenantry::pages::console::reset::{self, Reset};
use tenantry::pages::console::resets::{self, Resets};
use tenantry::pages::console::user::{self, Act, Event, Open, Session, User, Way, What};
use tenantry::pages::console::users::{self, Users, View};
use tenantry::pages::console::webhook::{self, Delivery, Fate, Ping, Webhook};
use tenantry::pages::console::webhooks::{self, Sends, Webhooks};
use tenantry::pages::console::{Desk, Pager, Place, Pulse, Stage, Standing, Theme};

use crate::console_access_pages::of_access;

pub const NOON: Timestamp = Timestamp(1_772_615_727_004_211);
const STAGES: [Stage; 9] = [
    Stage::Requested,
    Stage::Held,
    Stage::Mailed,
    Stage::Opened,
    Stage::Redeemed,
    Stage::Superseded,
    Stage::Expired,
    Stage::Undeliverable,
    Stage::Cancelled,
];
const STANDINGS: [Standing; 4] = [Standing::Active, Standing::Invited, Standing::PasswordDead, Standing::Disabled];

/// Names of the pages, with their markup.
pub fn every_console_page(language: Language, text: &str) -> Vec<(&'static str, String)> {
    let site = Site { language, tenant: text, logo_url: None, colour: Some("#17713f"), has_accounts: true };
    let pulse = Pulse { mails: 0, mails_refused: 0, is_unsealed: false };
    let desk = Desk {
        site,
        host: text,
        email: text,
        places: &Place::ALL,
        here: Place::Overview,
        path: "/console",
        theme: Theme::System,
        pulse,
    };
    let troubled = Desk {
        theme: Theme::Dark,
        pulse: Pulse { mails: 12, mails_refused: 3, is_unsealed: true },
        here: Place::Users,
        ..desk
    };
    [
        of_overview(&desk, &troubled, text),
        of_users(&desk, text),
        of_user(&desk, text),
        of_acts(&desk, text),
        of_resets(&desk, text),
        of_audit(&desk, text),
        of_access(&desk, text),
        of_webhooks(&desk, text),
    ]
    .concat()
}

fn of_overview(desk: &Desk, troubled: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let states = [IncidentState::Awaiting, IncidentState::Ending, IncidentState::Held, IncidentState::Mailing];
    let mut needs: Vec<_> =
        states.map(|state| Need::Incident { name: text.into(), state, ended: 9_871 }).into_iter().collect();
    needs.push(Need::RefusedForNow { mails: 3, words: text.into() });
    needs.push(Need::Undeliverable { id: "0196".into(), email: text.into(), words: text.into() });
    let resets = STAGES.map(|stage| Newest { id: "0196".into(), email: text.into(), stage, at: NOON });
    let tries = [true, false].map(|succeeded| Try { email: text.into(), from: text.into(), succeeded, at: NOON });
    let full = Overview { users: 12_418, needs: &needs, resets: &resets, sign_ins: &tries };
    let bare = Overview { users: 1, needs: &[], resets: &[], sign_ins: &[] };
    vec![
        ("console", overview::page(desk, &bare).into_string()),
        ("console in trouble", overview::page(troubled, &full).into_string()),
    ]
}

fn of_users(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let row = |standing, nth: usize| users::Row {
        uid: "0196".into(),
        email: text.into(),
        name: text.into(),
        standing,
        is_owner: nth == 0,
        by_sso: nth == 1,
        has_second_factor: nth == 2,
        roles: vec![text.into(); nth + 1],
        last_sign_in: (nth == 0).then_some(NOON),
    };
    let rows: Vec<_> = STANDINGS.iter().enumerate().map(|(nth, standing)| row(*standing, nth)).collect();
    let pager = Pager { first: Some("/console/users"), next: Some("/console/users?cursor=a&q=b") };
    let full = Users {
        all: 12_418,
        q: text,
        view: View::Disabled,
        may_make: true,
        rows: &rows,
        is_reading_in: true,
        pager,
        url: text,
    };
    let empty = Users { rows: &[], pager: Pager::default(), is_reading_in: false, ..full };
    let none = Users { q: "", view: View::Everyone, ..empty };
    [("console users", full), ("console users not found", empty), ("console users empty", none)]
        .map(|(name, shown)| (name, users::page(desk, &shown).into_string()))
        .into()
}

fn of_user(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let events = [
        What::Redeemed,
        What::Opened,
        What::Undeliverable(text.into()),
        What::Mailed(text.into()),
        What::Reset {
            id: "0196".into(),
            stage: Stage::Mailed,
            by: text.into(),
            from: text.into(),
            ended_password: true,
        },
        What::Reset {
            id: "0197".into(),
            stage: Stage::Expired,
            by: text.into(),
            from: text.into(),
            ended_password: false,
        },
        What::SignedIn(text.into()),
        What::Refused(text.into(), text.into()),
        What::Disabled(text.into()),
        What::Created(text.into()),
    ]
    .map(|what| Event { at: NOON, what });
    let sessions = [Session { from: text.into(), seen_at: NOON }];
    let (roles, groups) = ([(text.to_owned(), text.to_owned())], [text.to_owned()]);
    let open = Some(Open { id: "0196", stage: Stage::Mailed, until: NOON });
    let full = User {
        uid: "0196",
        email: text,
        name: text,
        standing: Standing::PasswordDead,
        open,
        acts: &[Act::Reset, Act::Enable, Act::Disable, Act::Remove],
        above: None,
        events: &events,
        is_owner: true,
        way: Way::PasswordAndCode,
        roles: &roles,
        may_see_roles: true,
        groups: &groups,
        sessions: &sessions,
        last_sign_in: Some(NOON),
        created: (NOON, text),
        verified_at: Some(NOON),
        password_changed_at: Some(NOON),
        mail_goes_to: Some(text),
        url: text,
    };
    let held = Open { id: "0196", stage: Stage::Held, until: NOON };
    let bare = User {
        name: "",
        acts: &[],
        above: Some(text),
        sessions: &[],
        groups: &[],
        last_sign_in: None,
        verified_at: None,
        password_changed_at: None,
        mail_goes_to: None,
        way: Way::SingleSignOn,
        ..full
    };
    let pages = [
        ("console user", full),
        ("console user above", bare),
        ("console user held", User { open: Some(held), ..full }),
        ("console user without a link", User { open: None, ..full }),
        ("console user invited", User { standing: Standing::Invited, open: None, ..full }),
        ("console user disabled", User { standing: Standing::Disabled, way: Way::Password, ..full }),
        ("console user active", User { standing: Standing::Active, ..full }),
    ];
    pages.map(|(name, shown)| (name, user::page(desk, &shown).into_string())).into()
}

fn of_acts(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let of = |act| Confirm {
        act,
        uid: "0196",
        email: text,
        name: text,
        mail_goes_to: text,
        sessions: 2,
        minutes: 60,
        ends_credentials: false,
        keeps_password: false,
        refused: None,
    };
    let kept =
        Confirm { ends_credentials: true, keeps_password: true, name: "", refused: Some(text), ..of(Act::Reset) };
    let pages = [
        ("console reset asked", of(Act::Reset)),
        ("console reset refused", kept),
        ("console disable asked", of(Act::Disable)),
        ("console enable asked", of(Act::Enable)),
        ("console remove asked", of(Act::Remove)),
    ];
    pages.map(|(name, shown)| (name, confirm::page(desk, &shown).into_string())).into()
}

fn of_resets(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let rows = STAGES.map(|stage| resets::Row {
        id: "0196".into(),
        email: text.into(),
        stage,
        by: text.into(),
        at: NOON,
        relay_words: Some(text.into()),
    });
    let list = Resets { email: text, state: "mailed", rows: &rows, pager: Pager::default(), url: text };
    let lists = [
        ("console resets", list),
        ("console resets not found", Resets { rows: &[], ..list }),
        ("console resets empty", Resets { rows: &[], email: "", state: "", ..list }),
    ];
    let one = Reset {
        id: "0196",
        email: text,
        uid: Some("0196"),
        stage: Stage::Mailed,
        ended_password: true,
        requested_at: NOON,
        requested_by: (text, text),
        mailed_at: Some(NOON),
        undeliverable_at: None,
        relay_words: Some(text),
        opened_at: None,
        redeemed_at: None,
        expires_at: NOON,
        may_resend: true,
        may_cancel: true,
        of_incident: true,
        refused: None,
        url: text,
    };
    let redeemed = Reset { opened_at: Some(NOON), redeemed_at: Some(NOON), stage: Stage::Redeemed, uid: None, ..one };
    let ones = [
        ("console reset", one),
        ("console reset redeemed", redeemed),
        ("console reset not taken", Reset { undeliverable_at: Some(NOON), refused: Some(text), ..one }),
        ("console link asked for", Reset { ended_password: false, mailed_at: None, relay_words: None, ..one }),
    ];
    let lists = lists.map(|(name, shown)| (name, resets::page(desk, &shown).into_string()));
    let ones = ones.map(|(name, shown)| (name, reset::page(desk, &shown).into_string()));
    lists.into_iter().chain(ones).collect()
}

fn of_audit(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let rows = [true, false].map(|is_refused| audit::Row {
        id: "0196".into(),
        at: NOON,
        action: text.into(),
        is_refused,
        actor: text.into(),
        credential: is_refused.then(|| text.into()),
        subject: text.into(),
        address: text.into(),
        facts: vec![(text.into(), text.into())],
    });
    let asked = Asked { action: text, actor: text, subject: text, outcome: "refused" };
    let full = Audit { asked, rows: &rows, pager: Pager::default(), url: text };
    let pages = [
        ("console audit", full),
        ("console audit not found", Audit { rows: &[], ..full }),
        ("console audit empty", Audit { rows: &[], asked: Asked::default(), ..full }),
    ];
    pages.map(|(name, shown)| (name, audit::page(desk, &shown).into_string())).into()
}

fn of_webhooks(desk: &Desk, text: &str) -> Vec<(&'static str, String)> {
    let rows = [Sends::On, Sends::Failing, Sends::Off].map(|sends| webhooks::Row {
        id: "0196".into(),
        name: text.into(),
        url: text.into(),
        events: vec![text.into()],
        sends,
        waiting: 3,
        trouble: Some(text.into()),
    });
    let list = Webhooks { rows: &rows, url: text };
    let lists = [("console webhooks", list), ("console webhooks empty", Webhooks { rows: &[], ..list })];
    let deliveries = [Fate::Waiting, Fate::Delivered, Fate::Failed].map(|fate| Delivery {
        id: "0196".into(),
        event: text.into(),
        fate,
        queued_at: NOON,
        attempts: 2,
        status: Some(503),
        words: text.into(),
    });
    let events = [text.to_owned()];
    let full = Webhook {
        id: "0196",
        name: text,
        url_of_receiver: text,
        events: &events,
        with_people: true,
        sends: Sends::Failing,
        created: (NOON, text),
        failing_since: Some(NOON),
        trouble: Some(text),
        waiting: 1,
        old_secret_until: Some(NOON),
        may_test: true,
        may_resend: true,
        state: "failed",
        deliveries: &deliveries,
        pager: Pager::default(),
        ping: Some(Ping { status: None, words: text.into(), millis: 5 }),
        refused: Some(text),
        url: text,
    };
    let answered = Some(Ping { status: Some(204), words: String::new(), millis: 5 });
    let ones = [
        ("console webhook without deliveries", Webhook { deliveries: &[], ping: answered, ..full.clone() }),
        ("console webhook", full),
    ];
    let lists = lists.map(|(name, shown)| (name, webhooks::page(desk, &shown).into_string()));
    let ones = ones.map(|(name, shown)| (name, webhook::page(desk, &shown).into_string()));
    lists.into_iter().chain(ones).collect()
}
