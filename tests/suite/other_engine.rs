//! What waits, cools off or is narrowed, in a store that goes to the other engine: by a restore, and by a move.

use serde_json::{Value, json};

use crate::keeping::{beside, call, run, say, text, token, user};
use crate::keeping_well::{elsewhere, on_the_other_engine};
use crate::moving::place_of;
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::wire::Reply;

const WAITS: usize = 1;
const COOLS_OFF: usize = 2;
const WAITED_FOR: &str = "waited.for@example.com";
const MOVED_TO: &str = "moved.to@example.com";
const USERS: &str = "/api/web/custom/namespaces/system/user_roles";
const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";
const CREDENTIALS: &str = "/api/web/namespaces/system/api_credentials";

/// What was under way when the server stopped.
struct UnderWay {
    place: Place,
    /// The link to the new address of one user.
    link: String,
    /// The name of a token that may read users, and its header line.
    narrowed: (String, String),
}

fn change(process: &Process, number: usize, to: &str) -> String {
    let path = format!("/api/tenantry/v1/users/{}/email", user(number));
    let asked = call(process, "POST", &path, &process.authorization(), &json!({ "email": to }));
    assert_eq!(asked.status, 200, "{asked:?}");
    token(process, to, 1)
}

fn confirm(process: &Process, link: &str) -> u16 {
    call(process, "POST", "/email", "", &json!({ "token": link, "agreed": "yes" })).status
}

fn narrowed(process: &Process) -> (String, String) {
    let ask = json!({ "name": "reader", "spec": { "type": "API_TOKEN" },
        "narrowed_to": { "api_groups": ["ves-io-uam-read"], "namespaces": ["system"] } });
    let made = read(&call(process, "POST", CREDENTIALS, &process.authorization(), &ask));
    let text = |member: &str| made[member].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    (text("name"), format!("Authorization: APIToken {}\r\n", text("data")))
}

fn read(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or_else(|_| panic!("{reply:?}"))
}

/// The cookie line of the owner's session.
fn owner(process: &Process) -> String {
    let directions = &process.directions;
    let body = json!({ "email": directions.admin_email, "password": directions.admin_password });
    let reply = call(process, "POST", "/signin", "", &body);
    let cookie =
        reply.head.lines().find_map(|line| line.split_once("tenantry=")).unwrap_or_else(|| panic!("{reply:?}"));
    format!("Cookie: tenantry={}\r\n", cookie.1.split(';').next().unwrap())
}

impl UnderWay {
    fn new(place: Place, process: Process) -> Self {
        let link = change(&process, WAITS, WAITED_FOR);
        assert_eq!(confirm(&process, &change(&process, COOLS_OFF, MOVED_TO)), 204);
        let narrowed = narrowed(&process);
        assert!(process.terminate().1);
        Self { place, link, narrowed }
    }

    /// The narrowed token does what it may and nothing else.
    fn assert_narrowed(&self, process: &Process) {
        let by = |method: &str, path: &str, body: &Value| call(process, method, path, &self.narrowed.1, body);
        assert_eq!(by("GET", USERS, &Value::Null).status, 200);
        let refused = by("POST", ADMIN_RESET, &json!({ "email": user(3) }));
        assert!(refused.status == 403 && refused.body.contains("it is narrowed"), "{refused:?}");
        let elsewhere = by("GET", "/api/web/namespaces/default/contacts", &Value::Null);
        assert_eq!(elsewhere.status, 403, "{elsewhere:?}");
    }

    /// Mail of the user whose address was changed still goes to the former one.
    fn assert_cools_off(process: &Process, authorization: &str) {
        let count = |email: &str| {
            let list = call(process, "GET", "/dev/mailbox", "Accept: application/json\r\n", &Value::Null);
            let mails = read(&list);
            let links = mails.as_array().unwrap().iter().filter(|mail| mail["to"] == email);
            links.filter(|mail| mail["text"].to_string().contains("/reset#")).count()
        };
        let (former, new) = (count(&user(COOLS_OFF)), count(MOVED_TO));
        let reset = call(process, "POST", ADMIN_RESET, authorization, &json!({ "email": MOVED_TO }));
        assert_eq!(reset.status, 200, "{reset:?}");
        for _ in 0..1_000 {
            if count(&user(COOLS_OFF)) > former {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!((count(&user(COOLS_OFF)), count(MOVED_TO)), (former + 1, new));
    }
}

#[test]
fn a_restore_on_the_other_engine_drops_the_change_that_waits_and_keeps_what_cools_off_and_what_is_narrowed() {
    let place = Place::new();
    let process = Process::start(&place, 5);
    let file = place.data().with_file_name("monday.backup");
    let under_way = UnderWay::new(place, process);
    let place = &under_way.place;
    run(place, &["backup", "--to", text(&file), "--data", text(&place.data())]).done();
    let (middle, back) = (beside(place, "middle"), beside(place, "back"));
    let there = elsewhere(&middle);
    let line = [&restore_line(text(&file), text(&middle))[..], &["--passwords", "keep"]].concat();
    on_the_other_engine(place, &there, &line);
    say(place, &["move", "--from", &there, "--to", &place_of(&back)]);

    let process = Process::start_at(place, &back, 0);
    let owner = owner(&process);
    assert_eq!(confirm(&process, &under_way.link), 400, "what waited is dropped");
    let users = read(&call(&process, "GET", USERS, &owner, &Value::Null)).to_string();
    assert!(users.contains(&user(WAITS)) && users.contains(MOVED_TO) && !users.contains(WAITED_FOR), "{users}");
    UnderWay::assert_cools_off(&process, &owner);
    let (name, token) = &under_way.narrowed;
    assert_eq!(call(&process, "GET", USERS, token, &Value::Null).status, 401, "credentials are switched off");
    let again = json!({ "name": name, "namespace": "system", "active": true });
    let activate = "/api/web/namespaces/system/activate/api_credentials";
    assert_eq!(call(&process, "POST", activate, &owner, &again).status, 200);
    under_way.assert_narrowed(&process);
    assert!(process.terminate().1);
}

#[test]
fn a_move_to_the_other_engine_and_back_ends_nothing_of_it() {
    let place = Place::new();
    let process = Process::start(&place, 5);
    let under_way = UnderWay::new(place, process);
    let place = &under_way.place;
    let (middle, back) = (beside(place, "middle"), beside(place, "back"));
    let there = elsewhere(&middle);
    say(place, &["move", "--from", &place_of(&place.data()), "--to", &there]);
    say(place, &["move", "--from", &there, "--to", &place_of(&back)]);

    let process = Process::start_at(place, &back, 0);
    under_way.assert_narrowed(&process);
    UnderWay::assert_cools_off(&process, &process.authorization());
    assert_eq!((confirm(&process, &under_way.link), confirm(&process, &under_way.link)), (204, 400));
    let users = read(&call(&process, "GET", USERS, &process.authorization(), &Value::Null)).to_string();
    assert!(users.contains(WAITED_FOR) && !users.contains(&user(WAITS)), "{users}");
    assert!(process.terminate().1);
}
