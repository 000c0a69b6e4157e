use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::passwords::Verdict;

const CHEAP: Cost = Cost { memory_kib: 8, iterations: 1, parallelism: 1 };
/// Made by other programs: which, whether the scheme is slow, the dialect, the password, the text.
const VECTORS: &str = include_str!("vectors.tsv");

struct Vector {
    maker: &'static str,
    is_fast: bool,
    dialect: Dialect,
    password: &'static str,
    text: &'static str,
}

fn vectors() -> impl Iterator<Item = Vector> {
    VECTORS.lines().map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
        [maker, kind, dialect, password, text] => {
            let dialect = if dialect == "Kratos" { Dialect::Kratos } else { Dialect::Usual };
            Vector { maker, is_fast: kind == "fast", dialect, password, text }
        }
        _ => panic!("{line}"),
    })
}

fn area() -> Area {
    Area::new(CHEAP.params().unwrap(), Arc::default(), Arc::default())
}

fn stored(text: &str, dialect: Dialect) -> String {
    let foreign = Foreign::read(text, dialect).unwrap_or_else(|refused| panic!("{text}: {refused:?}"));
    Wrapper::new(CHEAP).unwrap().stored(&foreign, [7; SALT_BYTES]).unwrap()
}

fn verdict(password: &str, stored: &str) -> Verdict {
    area().verify(password.as_bytes(), Some(stored)).unwrap()
}

fn code(text: &str) -> &'static str {
    Foreign::read(text, Dialect::Usual).map_or_else(Refused::code, |_| "taken")
}

#[test]
fn what_other_programs_made_is_right_here_and_old() {
    for vector in vectors() {
        let Vector { maker, is_fast, dialect, password, text } = vector;
        let foreign = Foreign::read(text, dialect).unwrap_or_else(|refused| panic!("{maker}: {text}: {refused:?}"));
        assert_eq!(foreign.is_fast(), is_fast, "{maker}: {text}");
        let stored = stored(text, dialect);
        assert_eq!(stored.starts_with("$argon2id-"), is_fast, "{stored}");
        assert_eq!(verdict(password, &stored), Verdict::RightButOld, "{maker}: {text}: {stored}");
        assert_eq!(verdict(&format!("{password}x"), &stored), Verdict::Wrong, "{maker}: {text}");
        if !password.is_empty() {
            assert_eq!(verdict(&password[..password.len() - 1], &stored), Verdict::Wrong, "{maker}: {text}");
        }
    }
}

#[test]
fn one_spelling_lies_in_the_store_and_it_can_be_read_again() {
    for Vector { dialect, text, .. } in vectors() {
        let once = stored(text, dialect);
        assert_eq!(stored(&once, Dialect::Usual), once, "{text}");
        assert!(!once.contains(['=']) || once.split('$').nth(2).is_some_and(|part| part.contains('=')), "{once}");
    }
}

#[test]
fn no_hash_that_is_quick_to_guess_lies_in_the_store_as_it_was() {
    for Vector { is_fast, dialect, text, .. } in vectors().filter(|vector| vector.is_fast) {
        let once = stored(text, dialect);
        // HMAC has its key behind it.
        let nth = usize::from(text.starts_with("$hmac-"));
        let output = text.rsplit(['$', '}']).nth(nth).unwrap().trim_end_matches('=');
        assert!(is_fast && !once.contains(output), "{once} holds {output}");
    }
}

#[test]
fn bcrypt_ends_at_72_bytes_and_at_a_nul_and_what_is_longer_is_wrong() {
    let stored = stored(vectors().find(|vector| vector.password.len() == 72).unwrap().text, Dialect::Usual);
    let exactly = "x".repeat(72);
    assert_eq!(verdict(&exactly, &stored), Verdict::RightButOld);
    for other in [format!("{exactly}x"), format!("{exactly}\0"), "x".repeat(71), "x".repeat(9_000)] {
        assert_eq!(verdict(&other, &stored), Verdict::Wrong, "{}", other.len());
    }
    let short = self::stored(vectors().next().unwrap().text, Dialect::Usual);
    let password = vectors().next().unwrap().password;
    assert_eq!(verdict(password, &short), Verdict::RightButOld);
    for other in [format!("{password}\0"), format!("{password}\0more"), format!("\0{password}")] {
        assert_eq!(verdict(&other, &short), Verdict::Wrong, "{other:?}");
    }
}

#[test]
fn low_bits_at_the_end_of_a_bcrypt_salt_mean_nothing() {
    let text = vectors().next().unwrap().text;
    for last in ["u", "v", "x"] {
        let other = format!("{}{last}{}", &text[..28], &text[29..]);
        assert_eq!(stored(&other, Dialect::Usual), stored(text, Dialect::Usual));
    }
}

#[test]
fn what_would_cost_too_much_is_refused_before_it_is_computed() {
    let bcrypt = |cost: &str| format!("$2b${cost}${}", &vectors().next().unwrap().text[7..]);
    let salt = "A".repeat(1 << 20);
    for text in [
        bcrypt("31"),
        bcrypt("15"),
        "$pbkdf2-sha256$99999999$TxkX3GwFq9KFBdw3vcRUQn$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw=".into(),
        "$pbkdf2-sha256$i=4294967296,l=32$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw".into(),
        "$scrypt$ln=20,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw".into(),
        "$scrypt$ln=14,r=1048576,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw".into(),
        "$scrypt$ln=14,r=8,p=4096$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw".into(),
        "$scrypt$ln=63,r=4294967295,p=4294967295$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw"
            .into(),
        format!("scrypt:1073741824:8:1$saltsalt${}", "ab".repeat(32)),
        format!("$6$rounds=999999999$saltsaltsalt${}", "A".repeat(86)),
        format!("$P$S{}", "A".repeat(30)),
        "$argon2id$v=19$m=4194304,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw".into(),
        "$argon2id$v=19$m=65536,t=1000,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw".into(),
        "$argon2id$v=19$m=65536,t=1,p=200$MDEyMzQ1Njc4OWFiY2RlZg$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw".into(),
        format!("pbkdf2_sha256$30000${}$9tyjnKluvG4AaWMWk5IkoYieDo3YMhG2lgG5U/sj0Sw=", "s".repeat(49)),
    ] {
        assert_eq!(code(&text), "HASH_TOO_COSTLY", "{text}");
    }
    assert_eq!(code(&format!("$pbkdf2-sha256$i=30000${salt}$AAAA")), "HASH_MALFORMED");
}

#[test]
fn a_stored_text_beyond_the_bounds_is_a_wrong_password_and_not_computed() {
    let bomb = format!("$bcrypt$c=31${}${}", "A".repeat(22), "A".repeat(31));
    let begun = std::time::Instant::now();
    assert_eq!(verdict("secret", &bomb), Verdict::Wrong);
    assert!(begun.elapsed() < std::time::Duration::from_secs(60));
}

#[test]
fn what_protects_nothing_is_refused_by_name() {
    for text in [
        "",
        "f37b028077a5823a110c1325e9f418db",
        "{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ=",
        "{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
        "{CRYPT}abaeHVgJjK8Pm",
        "$2x$08$abcdefghijklmnopqrstuuJ7RlursFnPuMpoO.k8exQmuUNiR/.eK",
        "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19",
        "$3$$8846f7eaee8fb117ad06bdd830b7586c",
        "$sha256$ueyuEwrf6LK6WToW2SrNQQmvdfjE3olMFAr1LbymAlk=",
    ] {
        assert_eq!(code(text), "HASH_UNSAFE", "{text}");
    }
    for text in ["$y$j9T$r7G9c8FhFpsMgfsG2E6N$kakgH/GIlDgXrYeXH9JoLf5hKeyt0Om3PV1Apyw4HXC", "$7$x$y", "{X-NEW}abc"] {
        assert_eq!(code(text), "HASH_UNKNOWN", "{text}");
    }
    for text in
        ["$1$x", "$2b$10$short", "{SSHA}!!", "$argon2id$v=19$m=8", "$6$rounds=x$salt$A", "$pbkdf2-sha256$i=x$a$b"]
    {
        assert_eq!(code(text), "HASH_MALFORMED", "{text}");
    }
    for text in ["Summer2024!", "secret", "pass$word", "grüße", "{CLEARTEXT}secret", "open sesame"] {
        assert_eq!(code(text), "PASSWORD_PLAIN", "{text}");
    }
    assert_eq!(code("$hmac-sha256$ZTg4$"), "HASH_KEY_MISSING".replace("KEY_MISSING", "MALFORMED"));
    assert_eq!(code("$hmac-sha256$ZTg4"), "HASH_KEY_MISSING");
}

/// Made by Python's hashlib and hmac.
#[test]
fn hashes_in_parts_are_right_as_those_in_one_text() {
    let password = "harbor-ember-umber-58";
    let salt = Spelt::Text("saltsalt");
    let key = Spelt::Base64("a2V5");
    let (md5, sha256) = ("a022ad0cc4e5c990ecdf33ed8eeaf962", "1oOMZanw62Z6vNBKduNWRpnSluLjLNGjDJR/AUM/UsU=");
    let hmac = "26d1d2bc13b98d18e44760f7f714126466fe37d2d4cbc353681474974a58bd6c2476d669fff8355e8ff6ce3e53c51265f2cab40ec36f6\
                df307ee4c2f78282ef6";
    let scrypt = "c9a52cb603df586c62bb4c237a54f1371304261c4f333e088343cfcfb7ac82a18145b74b84bd5b8c10a00c994a198f78a0d24ff11e\
                  55892d036cd75bf64f8a1a";
    let pbkdf2 = "6mP/FpjuZXiCqVsjUdCG8Zv0AnG5+mya7IVcRO9jv9owvpjK5uhDs9QhmajTCi+CoVvGdLl1EifrfDjgb31j9A==";
    let argon2 = Argon2Parts { variant: "id", version: 19, memory: 7_168, iterations: 1, parallelism: 1 };
    let long = Spelt::Base64("MDEyMzQ1Njc4OWFiY2RlZg==");
    for (read, is_fast) in [
        (Foreign::salted("md5", salt, true, Spelt::Hex(md5)), true),
        (Foreign::salted("sha256", salt, false, Spelt::Base64(sha256)), true),
        (Foreign::keyed("sha512", key, Spelt::Hex(hmac)), true),
        (Foreign::scrypt(1 << 15, 8, 1, Spelt::Text("saltsaltsaltsalt"), Spelt::Hex(scrypt)), false),
        (Foreign::pbkdf2("sha512", 30_000, long, Spelt::Base64(pbkdf2)), false),
        (Foreign::argon2(&argon2, long, Spelt::Base64("BhsPKQzHfDo5GaNIG3MRBQdQ7oIdR+Sfka/rAJw6qCg=")), false),
    ] {
        let foreign = read.unwrap();
        assert_eq!(foreign.is_fast(), is_fast, "{foreign:?}");
        let stored = Wrapper::new(CHEAP).unwrap().stored(&foreign, [7; SALT_BYTES]).unwrap();
        assert_eq!(verdict(password, &stored), Verdict::RightButOld, "{stored}");
        assert_eq!(verdict("harbor-ember-umber-5", &stored), Verdict::Wrong, "{stored}");
    }
    let costly = Argon2Parts { memory: u32::MAX, ..argon2 };
    for (read, expected) in [
        (Foreign::salted("md5", Spelt::Text(""), true, Spelt::Hex(md5)), "HASH_UNSAFE"),
        (Foreign::salted("sha3", salt, true, Spelt::Hex(md5)), "HASH_UNKNOWN"),
        (Foreign::salted("md5", salt, true, Spelt::Hex("no")), "HASH_MALFORMED"),
        (Foreign::keyed("sha512", Spelt::Hex(""), Spelt::Hex(hmac)), "HASH_KEY_MISSING"),
        (Foreign::scrypt(1 << 40, 8, 1, salt, Spelt::Hex(scrypt)), "HASH_TOO_COSTLY"),
        (Foreign::scrypt(30_000, 8, 1, salt, Spelt::Hex(scrypt)), "HASH_MALFORMED"),
        (Foreign::pbkdf2("sha1", u64::MAX, long, Spelt::Base64(pbkdf2)), "HASH_TOO_COSTLY"),
        (Foreign::argon2(&costly, long, long), "HASH_TOO_COSTLY"),
        (Foreign::argon2(&Argon2Parts { variant: "x", ..argon2 }, long, long), "HASH_UNKNOWN"),
    ] {
        assert_eq!(read.map_or_else(Refused::code, |_| "taken"), expected);
    }
}

#[test]
fn the_names_of_schemes_are_known_and_no_password_is_one() {
    for Vector { dialect, text, .. } in vectors() {
        let stored = stored(text, dialect);
        let name = stored.split('$').nth(1).unwrap();
        assert!(is_scheme(name), "{name}");
    }
    for other in ["", "argon2id-", "argon2", "s", "sha256", "hunter2", "pbkdf2-", "bcrypt$c=12"] {
        assert!(!is_scheme(other), "{other}");
    }
}

#[test]
fn a_class_tells_the_cost_and_nothing_of_the_user() {
    let class = |text: &str| Stored::read(&stored(text, Dialect::Usual)).map(|stored| stored.class());
    assert_eq!(class(vectors().next().unwrap().text).as_deref(), Some("bcrypt$c=8"));
    let ssha = class("{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0").unwrap();
    assert_eq!(ssha, "argon2id-ssha1$v=19$m=8,t=1,p=1");
    for Vector { dialect, text, .. } in vectors() {
        if let Some(read) = Stored::read(&stored(text, dialect)) {
            assert!(!read.class().contains("is=") && read.microseconds() < 1_000_000, "{}", read.class());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        for dialect in [Dialect::Usual, Dialect::Kratos] {
            let _ = Foreign::read(&text, dialect);
        }
    }

    #[test]
    fn no_text_that_looks_like_a_hash_makes_the_reader_panic_and_what_it_takes_can_be_stored(
        nth in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), "[$,=.:{}A-Za-z0-9/+é]{0,3}"), 0..4),
    ) {
        let all: Vec<_> = vectors().collect();
        let vector = &all[nth.index(all.len())];
        let mut text = vector.text.to_string();
        for (at, other) in cuts {
            let at = at.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, &other);
            }
        }
        if let Ok(foreign) = Foreign::read(&text, vector.dialect) {
            let stored = Wrapper::new(CHEAP).unwrap().stored(&foreign, [1; SALT_BYTES]);
            prop_assert!(stored.is_ok_and(|stored| Foreign::read(&stored, Dialect::Usual).is_ok()), "{}", text);
        }
    }
}
