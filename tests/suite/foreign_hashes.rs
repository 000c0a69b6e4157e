//! Users who were brought here with the hash that another product made of their password.

use serde_json::json;
use tenantry::params;
use tenantry::passwords::Cost;
use tenantry::passwords::foreign::{Dialect, Foreign, Wrapper};
use tenantry::store::Scope;

use crate::phone::{enrol, sign_in, step};
use crate::rig::Rig;

/// Each made by another program over this password: one of each scheme.
const PASSWORD: &str = "harbor-ember-umber-58";
const SCHEMES: [(&str, &str); 14] = [
    ("bcrypt", "$2b$08$abcdefghijklmnopqrstuuJ7RlursFnPuMpoO.k8exQmuUNiR/.eK"),
    ("few rounds of bcrypt", "{CRYPT}$2b$06$abcdefghijklmnopqrstuuRODNoynfS.NJgnlNvF2HfVlt2H2YYRW"),
    ("argon2id", "$argon2id$v=19$m=7168,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BhsPKQzHfDo5GaNIG3MRBQdQ7oIdR+Sfka/rAJw6qCg"),
    ("pbkdf2-sha1", "$pbkdf2$i=20000,l=20$MDEyMzQ1Njc4OWFiY2RlZg$WGNESqwXbVzfq757JGyZDI7cg/o"),
    ("pbkdf2-sha256", "pbkdf2_sha256$20003$saltsaltsalt$V5uY3feO1ouXgtro4JOMivG/n5ajMkCyVF65RswUpxU="),
    (
        "pbkdf2-sha512",
        "pbkdf2:sha512:20002$0123456789abcdef$77a367ef69c3dd5f2522439cc1acd0a592569b3752aaf072c8329c9b87f86e66858f45fa013f93db33298b5ed0b479ad60dbef7837272171a43b40dbf41203e4",
    ),
    (
        "scrypt",
        "$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$lCC4gFa1BgGEERf6xyRg43cUHgRkdPZgxUomKiRJPlsHdYYgyt8Q4YPgPmX7lXx3OLSEVoRkt1NSGkooEjNfbQ",
    ),
    ("sha256-crypt", "$5$rounds=5001$saltsaltsaltsalt$64jpP5VttieEZK94Fa5COfyRN4UOv0.WAKCrWF5NNN1"),
    (
        "sha512-crypt",
        "$6$saltsaltsalt$4qkTP5JnE1C9Rg46Uu1XC6esrQKk56sXE4dW8IljcEfJ3IcrzKVVBZnNpupTTphl/B2ujKYnaXU...A5keUtM/",
    ),
    ("md5-crypt", "$1$abcdefgh$TcJCyw2jakBsGqSc9Yw/X0"),
    ("phpass", "$P$6saltsaltJWi3yM8R7dQ2rlxVtXgtJ1"),
    ("salted sha1", "{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0"),
    (
        "hmac",
        "$hmac-sha256$YjAwYTNjMDI4MmRjZTRjMWQzYTM4MDczZGI1ZWYyNDFlOWRhMzhhMGExYTg2OGJhN2ZiMDkyMDhhNjVlZjYxYg==$a2V5",
    ),
    (
        "quick argon2id",
        "$argon2id$v=19$m=1024,t=2,p=2$i4qux+vcyQV3HiniKijZ4Q$NrDMZxBUgnOV4swLCRjQmKL5WirKxRvC/Vis25rG7k8",
    ),
];
const CHEAP: Cost = Cost { memory_kib: 64, iterations: 1, parallelism: 1 };

fn stored(text: &str) -> String {
    let foreign = Foreign::read(text, Dialect::Usual).unwrap();
    Wrapper::new(CHEAP).unwrap().stored(&foreign, [9; 16]).unwrap()
}

fn add(rig: &Rig, email: &str, text: &str) {
    let hash = stored(text);
    rig.add_user(rig.tenant(), email, |new| new.password_hash = Some(hash));
}

fn hash_of(rig: &Rig, email: &str) -> String {
    let verb = |tx: &mut tenantry::store::Tx<'_>| {
        tx.one("SELECT password_hash FROM users WHERE email = $1", &params![email])?.get::<String>(0)
    };
    rig.store.read(Scope::HOUSE, verb).unwrap()
}

/// The schemes that are counted, with their users; but for those at the cost that tests configure.
fn counted(rig: &Rig) -> Vec<(String, i64)> {
    let verb = |tx: &mut tenantry::store::Tx<'_>| {
        let rows =
            tx.all("SELECT scheme, users FROM hash_schemes WHERE scheme NOT LIKE 'argon2id$%' ORDER BY scheme", &[])?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    };
    rig.store.read(Scope::HOUSE, verb).unwrap()
}

#[test]
fn the_password_of_every_scheme_signs_in_and_its_hash_becomes_ours() {
    let rig = Rig::start();
    let ours = hash_of(&rig, "hello@example.com");
    let ours = ours.rsplitn(3, '$').last().unwrap();
    for (nth, (name, text)) in SCHEMES.iter().enumerate() {
        let email = format!("user{nth}@example.com");
        add(&rig, &email, text);
        // One client address may try only so often.
        rig.clock.advance_seconds(60);
        let before = hash_of(&rig, &email);
        assert_eq!(rig.sign_in(&email, "another password"), 401, "{name}");
        assert_eq!(rig.sign_in(&email, &PASSWORD[1..]), 401, "{name}");
        assert_eq!(hash_of(&rig, &email), before, "a wrong password changes nothing: {name}");
        assert_eq!(rig.sign_in(&email, PASSWORD), 204, "{name}");
        let after = hash_of(&rig, &email);
        assert!(after != before && after.starts_with(ours), "{name}: {after}");
        assert_eq!(rig.sign_in(&email, PASSWORD), 204, "{name}, by our hash");
        assert_eq!(hash_of(&rig, &email), after, "{name}: once");
        assert_eq!(rig.sign_in(&email, "another password"), 401, "{name}, by our hash");
    }
    assert_eq!(counted(&rig), [], "all have a hash of ours");
}

#[test]
fn a_code_is_asked_for_behind_a_password_from_elsewhere_whose_hash_becomes_ours_before_it() {
    let rig = Rig::start();
    let email = "factor@example.com";
    add(&rig, email, SCHEMES[0].1);
    let session = rig.session(email, PASSWORD);
    let (phone, _) = enrol(&rig, &session);
    // As if the app had been there before the first sign-in.
    let put_back = move |tx: &mut tenantry::store::Tx<'_>| {
        tx.run("UPDATE users SET password_hash = $1 WHERE email = $2", &params![stored(SCHEMES[0].1).as_str(), email])
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(rig.store.write(Scope::HOUSE, put_back)).unwrap(), 1);
    let before = hash_of(&rig, email);
    assert_eq!(sign_in(&rig, email, "another password", &phone.next_code(&rig)).status, 401);
    assert_eq!(hash_of(&rig, email), before);
    let (place, _) = step(&rig, email, PASSWORD);
    assert_eq!(place, "/signin/code");
    let ours = hash_of(&rig, email);
    assert!(ours.starts_with("$argon2id$"), "{ours}");
    assert_eq!(sign_in(&rig, email, PASSWORD, &phone.next_code(&rig)).status, 204);
    assert_eq!(hash_of(&rig, email), ours, "once");
}

#[test]
fn an_older_release_runs_on_this_store_until_the_first_hash_from_elsewhere() {
    let rig = Rig::start();
    let bar = "SELECT runs_from FROM migrations WHERE name = 'hash_schemes'";
    assert_eq!(rig.number(bar, &[]), 1);
    add(&rig, "one@example.com", SCHEMES[0].1);
    assert_eq!(rig.number(bar, &[]), rig.number("SELECT number FROM migrations WHERE name = 'hash_schemes'", &[]));
}

#[test]
fn bcrypt_ends_at_72_bytes_and_no_longer_password_becomes_the_users() {
    let rig = Rig::start();
    let text = "$2b$08$abcdefghijklmnopqrstuujyJJZFHxfP7uFcWoV4k5KREorUKVI2K";
    add(&rig, "long@example.com", text);
    let exactly = "x".repeat(72);
    for (other, status) in [(format!("{exactly}y"), 401), ("x".repeat(71), 401), (format!("{exactly}\0"), 400)] {
        assert_eq!(rig.sign_in("long@example.com", &other), status, "{}", other.len());
        assert!(hash_of(&rig, "long@example.com").starts_with("$bcrypt$"));
    }
    assert_eq!(rig.sign_in("long@example.com", &exactly), 204);
    assert_eq!(rig.sign_in("long@example.com", &exactly), 204, "by our hash");
    assert_eq!(rig.sign_in("long@example.com", &format!("{exactly}y")), 401, "by our hash");
}

#[test]
fn it_is_reset_disabled_and_remembered_as_any_other() {
    let rig = Rig::start();
    let (bcrypt, ssha) = (SCHEMES[0].1, SCHEMES[11].1);
    for email in ["reset@example.com", "disabled@example.com", "history@example.com"] {
        add(&rig, email, if email.starts_with('d') { ssha } else { bcrypt });
    }
    assert_eq!(rig.reset("reset@example.com").status, 200);
    assert_eq!(rig.sign_in("reset@example.com", PASSWORD), 401, "the reset has ended it");
    let new = "a lantern over quiet harbour water";
    assert_eq!(rig.redeem(&rig.token("reset@example.com", 1), PASSWORD), 422, "it was the last one");
    assert_eq!(rig.redeem(&rig.token("reset@example.com", 1), new), 204);
    assert_eq!(rig.sign_in("reset@example.com", new), 204);

    let disabled = json!({ "email": "disabled@example.com" });
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &disabled).status, 200);
    let before = hash_of(&rig, "disabled@example.com");
    assert_eq!(rig.sign_in("disabled@example.com", PASSWORD), 401);
    assert_eq!(hash_of(&rig, "disabled@example.com"), before);
    assert_eq!(rig.post("/api/tenantry/v1/users/enable", &disabled).status, 200);
    assert_eq!(rig.sign_in("disabled@example.com", PASSWORD), 204);

    let cookie = rig.session("history@example.com", PASSWORD);
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "password": new }).to_string();
        rig.send("POST", "/account/password", &headers, Some(&body)).status
    };
    assert_eq!(change(PASSWORD, new), 204);
    assert_eq!(change(new, PASSWORD), 422, "it stands in the history");
}

#[test]
fn a_password_from_elsewhere_expires() {
    let rig = Rig::start();
    rig.choose(|settings| settings.password.expire_password_days = 30);
    add(&rig, "old@example.com", SCHEMES[0].1);
    let before = hash_of(&rig, "old@example.com");
    rig.clock.advance_seconds(31 * 24 * 3600);
    assert_eq!(rig.sign_in("old@example.com", PASSWORD), 403);
    assert_eq!(hash_of(&rig, "old@example.com"), before);
}

#[test]
fn an_address_without_a_hash_is_compared_as_those_with_one() {
    let rig = Rig::start();
    let users = 40;
    for nth in 0..users {
        add(&rig, &format!("user{nth}@example.com"), SCHEMES[0].1);
    }
    assert_eq!(counted(&rig), [("bcrypt$c=8".to_string(), users)]);
    rig.add_user(rig.tenant(), "invited@example.com", |_| {});
    // Nearly all of the tenant's users have bcrypt, so nearly all unknown addresses cost one.
    for email in ["unknown@example.com", "invited@example.com", "nobody@example.com"] {
        let before = rig.hashes();
        assert_eq!(rig.sign_in(email, PASSWORD), 401, "{email}");
        assert_eq!(rig.hashes() - before, 1, "{email}");
    }
    assert_eq!(rig.sign_in("user0@example.com", PASSWORD), 204);
    let gone = json!({ "email": "user1@example.com" });
    assert_eq!(rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &gone).status, 200);
    assert_eq!(rig.reset("user2@example.com").status, 200);
    assert_eq!(rig.redeem(&rig.token("user2@example.com", 1), "a lantern over quiet harbour water"), 204);
    assert_eq!(counted(&rig), [("bcrypt$c=8".to_string(), users - 3)], "one signed in, one went, one chose anew");
}
