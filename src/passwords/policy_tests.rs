use proptest::prelude::*;

use super::*;
use crate::error::Kind;

fn jane() -> About {
    About {
        email: "jane.doe@example.com".into(),
        first_name: "Jane".into(),
        last_name: "Ng".into(),
        tenant_name: "Example Corp".into(),
    }
}

fn of_length(minimum_length: u32) -> PasswordPolicy {
    PasswordPolicy { minimum_length, ..PasswordPolicy::default() }
}

#[test]
fn case_13_length_counts_code_points() {
    let policy = of_length(15);
    assert_eq!(check(&policy, &"🦀".repeat(15), &jane()), []);
    assert_eq!(check(&policy, &"🦀".repeat(14), &jane()), [Reason::TooShort(15)]);
    assert_eq!(check(&policy, &"é".repeat(15), &jane()), []);
    assert_eq!(check(&policy, &"é".repeat(8), &jane()), [Reason::TooShort(15)]);
    assert_eq!(check(&policy, " thirteen and ", &jane()), [Reason::TooShort(15)]);
    assert_eq!(check(&policy, "  thirteen and ", &jane()), []);
    assert_eq!(check(&policy, "seven\0and\0seven", &jane()), []);
}

#[test]
fn what_is_too_long_is_refused_and_not_cut() {
    let policy = of_length(12);
    assert_eq!(check(&policy, &"🦀".repeat(256), &jane()), []);
    assert_eq!(check(&policy, &"a".repeat(257), &jane()), [Reason::TooLong(256)]);
    assert_eq!(check(&policy, &"jane".repeat(1 << 20), &jane()), [Reason::TooLong(256)]);
}

#[test]
fn classes_are_counted_only_where_the_tenant_wants_them() {
    let policy = PasswordPolicy {
        digits: 2,
        lowercase_characters: 1,
        uppercase_characters: 1,
        special_characters: 1,
        ..of_length(7)
    };
    assert_eq!(check(&policy, "Äb 12xyz", &jane()), []);
    assert_eq!(check(&policy, "パスワードです", &jane()).len(), 4);
    assert_eq!(
        check(&policy, "ABCDEFG1", &jane()),
        [Reason::TooFewDigits(2), Reason::TooFewLowercase(1), Reason::TooFewSpecial(1)]
    );
    assert_eq!(check(&of_length(7), "ABCDEFG1", &jane()), []);
}

#[test]
fn the_users_own_names_are_refused_in_any_case() {
    let policy = of_length(7);
    for password in ["JANE.DOE@example.com", "xx-Jane.Doe-xx"] {
        assert_eq!(check(&policy, password, &jane()), [Reason::Username, Reason::ContextWord], "{password}");
    }
    assert_eq!(check(&policy, "our-EXAMPLE-of-2026", &jane()), [Reason::ContextWord]);
    assert_eq!(check(&policy, "doe, a deer; ng", &jane()), []);
    let open = PasswordPolicy { not_username: false, ..policy };
    let nameless = About { first_name: String::new(), tenant_name: String::new(), ..jane() };
    assert_eq!(check(&open, "jane.doe@example.com", &nameless), []);
}

#[test]
fn a_short_or_long_username_is_found_too() {
    let of = |email: &str| About { email: email.into(), ..About::default() };
    let policy = PasswordPolicy { minimum_length: 0, ..PasswordPolicy::default() };
    assert_eq!(check(&policy, "bo", &of("Bo@example.com")), [Reason::Username]);
    assert_eq!(check(&policy, "bonanza!", &of("bo@example.com")), []);
    let long = "u".repeat(200);
    assert_eq!(check(&policy, &format!("{long}-and-more"), &of(&format!("{long}@example.com"))), [Reason::Username]);
    assert_eq!(check(&policy, "anything", &of("")), []);
}

#[test]
fn a_policy_out_of_bounds_is_refused_by_the_name_of_its_field() {
    assert!(validate(&PasswordPolicy::default()).is_ok());
    let wrong = [
        (PasswordPolicy { minimum_length: 6, ..PasswordPolicy::default() }, "minimum_length"),
        (PasswordPolicy { digits: 17, ..PasswordPolicy::default() }, "digits"),
        (PasswordPolicy { special_characters: 17, ..PasswordPolicy::default() }, "special_characters"),
        (PasswordPolicy { expire_password_days: 1081, ..PasswordPolicy::default() }, "expire_password"),
        (PasswordPolicy { not_recently_used: 25, ..PasswordPolicy::default() }, "not_recently_used"),
        (PasswordPolicy { minimum_strength: 5, ..PasswordPolicy::default() }, "minimum_strength"),
    ];
    for (policy, field) in wrong {
        let error = validate(&policy).unwrap_err();
        assert_eq!(error.kind, Kind::Invalid);
        assert!(error.message.contains(&format!("Field {field} ")), "{}", error.message);
    }
}

#[test]
fn it_reads_and_writes_the_names_of_the_public_api() {
    let json = r#"{"minimum_length":12,"digits":1,"lowercase_characters":1,"uppercase_characters":1,
        "special_characters":1,"not_recently_used":3,"not_username":true,"expire_password":0}"#;
    let policy: PasswordPolicy = serde_json::from_str(json).unwrap();
    assert_eq!(policy.minimum_strength, 3);
    let mut written = serde_json::to_value(&policy).unwrap();
    written.as_object_mut().unwrap().remove("minimum_strength");
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(json).unwrap());
}

#[test]
fn the_page_shows_every_rule_that_the_policy_has() {
    let codes =
        |policy: PasswordPolicy| rules(&policy, Language::French).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(
        codes(PasswordPolicy::default()),
        ["too-short", "username", "context-word", "leaked", "too-weak", "recently-used"]
    );
    let bare = PasswordPolicy {
        digits: 1,
        not_username: false,
        minimum_strength: 0,
        not_recently_used: 0,
        ..PasswordPolicy::default()
    };
    assert_eq!(codes(bare), ["too-short", "too-few-digits", "context-word", "leaked"]);
}

proptest! {
    #[test]
    fn any_text_can_be_checked(password in any::<String>(), email in any::<String>(), name in any::<String>()) {
        let about = About { email, first_name: name.clone(), last_name: name.clone(), tenant_name: name };
        check(&PasswordPolicy::default(), &password, &about);
        about.weighed();
    }

    #[test]
    fn every_broken_rule_was_shown(password in any::<String>(), digits in 0_u32..3, special_characters in 0_u32..3) {
        let policy = PasswordPolicy { digits, special_characters, ..PasswordPolicy::default() };
        let shown = rules(&policy, Language::English);
        for reason in check(&policy, &password, &jane()) {
            prop_assert!(matches!(reason, Reason::TooLong(_)) || shown.iter().any(|(code, _)| *code == reason.code()));
        }
    }

    #[test]
    fn one_more_character_never_makes_it_too_short(password in "\\PC{1,40}", last in any::<char>()) {
        let is_short = |password: &str| check(&of_length(15), password, &About::default()).contains(&Reason::TooShort(15));
        prop_assert_eq!(is_short(&password), password.chars().count() < 15);
        let longer = format!("{password}{last}");
        prop_assert!(is_short(&password) || !is_short(&longer));
    }
}
