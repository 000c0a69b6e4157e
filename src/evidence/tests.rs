//! A file as the server writes it, and each way in which it could be another one.

use std::io::Cursor;

use uuid::Uuid;

use super::*;
use crate::audit::{Entry, Link, Record, link_hash};
use crate::clock::Timestamp;
use crate::identity::TenantId;
use crate::signing::note::SigningKey;
use crate::signing::{Head, VerifierKey};

mod made;

use self::made::{File, File as Made};

fn checked(text: &[u8], given: &Given) -> Result<Sound, String> {
    verify(Cursor::new(text), given).unwrap().map_err(|NotSound(why)| why)
}

fn own_key(file: &File) -> Given {
    Given { keys: vec![file.key.verifier().clone()], heads: Vec::new() }
}

#[test]
fn a_file_is_sound_as_it_was_written() {
    let file = Made::usual();
    let sound = checked(&file.text(), &own_key(&file)).unwrap();
    assert_eq!((sound.records, sound.erased, sound.links), (8, 1, (7, 8)));
    assert_eq!((sound.totals.ended, sound.totals.redeemed, sound.totals.sessions), (3, 2, 6));
    assert_eq!((sound.totals.renewed, sound.totals.code_apps), (1, 1));
    let said = sentences(&sound);
    assert!(said.starts_with("Sound. 3 ended, 1 dropped, 1 left out: the 5 listed. 1 code app"), "{said}");
    assert!(said.contains("1 link had died, and a reminder brought another. 2 chose a new password"), "{said}");
    assert!(
        said.contains("Signed by the key that you gave.") && said.contains("1 of these records were rewritten"),
        "{said}"
    );
    let alone = checked(&file.text(), &Given::default()).unwrap();
    assert!(!alone.is_key_given && sentences(&alone).contains(&file.key.verifier().to_string()));
}

#[test]
fn every_byte_counts_and_its_line_is_named() {
    let file = Made::usual();
    let (text, given) = (file.text(), own_key(&file));
    for at in 0..text.len() {
        let line = 1 + text[..at].iter().filter(|byte| **byte == b'\n').count();
        for bit in [0, 5, at % 8] {
            let mut changed = text.clone();
            changed[at] ^= 1 << bit;
            let Err(why) = checked(&changed, &given) else { panic!("byte {at}, bit {bit} of line {line}") };
            assert!(
                why.contains(&format!("line {line} ")) || why.contains(&format!("line {line},")),
                "{at} {bit} {line}: {why}"
            );
        }
    }
}

#[test]
fn lines_taken_out_swapped_or_added_are_seen() {
    let file = Made::usual();
    let (text, given) = (String::from_utf8(file.text()).unwrap(), own_key(&file));
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(at);
        checked(fewer.concat().as_bytes(), &given).unwrap_err();
        let mut more = lines.clone();
        more.insert(at, lines[at]);
        checked(more.concat().as_bytes(), &given).unwrap_err();
        if at > 0 {
            let mut swapped = lines.clone();
            swapped.swap(at - 1, at);
            checked(swapped.concat().as_bytes(), &given).unwrap_err();
        }
        checked(lines[..at].concat().as_bytes(), &given).unwrap_err();
    }
    checked(format!("{text}\n").as_bytes(), &given).unwrap_err();
}

#[test]
fn a_record_that_was_changed_before_the_check_values_is_not_the_one_in_its_link() {
    let mut file = Made::usual();
    let given = own_key(&file);
    file.users[0].record.as_mut().unwrap().facts =
        Some(file.users[0].record.as_ref().unwrap().facts.clone().unwrap() + " ");
    let why = checked(&file.text(), &given).unwrap_err();
    assert!(why.contains("of line 4 is not the one in link 7"), "{why}");
    let mut file = Made::usual();
    file.users[0].email = Some("other@example.com".into());
    assert!(checked(&file.text(), &given).unwrap_err().contains("of line 4 is not the one in link 7"));
    let mut file = Made::usual();
    file.users[0].redeem = None;
    // Fewer lines of records are as true as all; the signature is what tells.
    let forged = File { key: SigningKey::of_seed("id.example.com/tenantry", &[9; 32]).unwrap(), ..file };
    assert!(checked(&forged.text(), &given).unwrap_err().contains("not signed by this key"));
}

#[test]
fn links_made_anew_are_signed_by_nobody() {
    let file = Made::usual();
    let given = own_key(&file);
    let mut forged = File { key: SigningKey::of_seed("id.example.com/tenantry", &[9; 32]).unwrap(), ..Made::changed() };
    forged.header.key = forged.key.verifier().to_string();
    let why = checked(&forged.text(), &given).unwrap_err();
    assert_eq!(why, "line 12, the last one, is not signed by this key");
    assert!(checked(&forged.text(), &Given::default()).unwrap().signed_by != *file.key.verifier());
    // By their own key the links must still be a chain.
    let mut broken = Made::usual();
    broken.links[1].previous[0] ^= 1;
    assert!(checked(&broken.text(), &given).unwrap_err().contains("is not the link behind link 7"));
    let mut short = Made::usual();
    short.links.remove(0);
    assert!(checked(&short.text(), &given).unwrap_err().contains("stands in no link"));
}

#[test]
fn totals_numbers_and_other_incidents_are_held_against_the_lines() {
    let given = own_key(&Made::usual());
    let mut file = Made::usual();
    file.users.remove(4);
    file.totals = Some(Made::usual().counted());
    assert!(checked(&file.text(), &given).unwrap_err().contains("does not tell what the lines before it come to"));
    let mut file = Made::usual();
    file.users[1].n = 3;
    assert!(checked(&file.text(), &given).unwrap_err().contains("should be of user 2"));
    let mut file = Made::usual();
    file.header.incident = Uuid::from_u128(99);
    assert!(checked(&file.text(), &given).unwrap_err().contains("a record of something else"));
    let mut file = Made::usual();
    file.users[0].record = None;
    assert!(checked(&file.text(), &given).unwrap_err().contains("without its record"));
    let mut file = Made::usual();
    file.header.tenant = "another".into();
    assert!(checked(&file.text(), &given).unwrap_err().contains("signs is not this file"));
    let mut file = Made::usual();
    file.header.tenant_id = 8;
    assert!(checked(&file.text(), &given).unwrap_err().contains("is not the one in link"));
}

#[test]
fn records_of_other_links_other_incidents_and_other_acts_are_refused() {
    let refused = |change: &dyn Fn(&mut [UserLine]), wanted: &str| {
        let mut file = Made::usual();
        change(&mut file.users);
        let why = checked(&file.text(), &own_key(&file)).unwrap_err();
        assert!(why.contains(wanted), "{why}");
    };
    refused(&|users| users[2].reminders[0].record = None, "the link of a reminder without its record");
    refused(&|users| users[0].redeem = users[2].reminders[0].redeem.clone(), "the redemption of another link");
    refused(&|users| users[2].reminders[0].redeem = users[0].redeem.clone(), "the redemption of another link");
    refused(&|users| users[0].code_app = users[2].record.clone(), "a code app by a record of something else");
    refused(&|users| users[3].reminders = users[2].reminders.clone(), "what came of an end that it does not tell");
    refused(&|users| users[4].code_app = users[0].code_app.clone(), "what came of an end that it does not tell");
    refused(&|users| users[2].email = Some("other@example.com".into()), "an address that is not that of its record");
    let of_another = |said: &mut Option<Said>| {
        said.as_mut().unwrap().facts = Some(format!("{{\"incident\":\"{}\"}}", Uuid::from_u128(99)));
    };
    refused(&|users| of_another(&mut users[2].reminders[0].record), "a record of something else");
    refused(&|users| of_another(&mut users[0].code_app), "a record of something else");
}

#[test]
fn code_apps_that_the_record_of_the_end_counts_are_missed() {
    let counted = |factors: i64| {
        let mut file = Made::usual();
        file.acts[0].facts = Some(format!("{{\"ended\":{{\"factors\":{factors}}}}}"));
        checked(&file.text(), &own_key(&file)).unwrap_err()
    };
    assert!(counted(2).contains("tells 1 code apps that were taken away, and the record of the end counts 2"));
    assert!(counted(1).contains("is not the one in link"), "the act itself was changed");
}

#[test]
fn lists_of_either_version_are_read_and_both_may_stand_in_one_chain() {
    for wide in [[true, true], [true, false], [false, true], [false, false]] {
        let file = Made::of(wide, "ended as told");
        checked(&file.text(), &own_key(&file)).unwrap();
    }
}

#[test]
fn heads_agree_or_the_first_that_differs_is_named() {
    let file = Made::usual();
    let hashes: Vec<_> = file.links.iter().map(|link| link_hash(TenantId(7), link)).collect();
    let head = |number: i64, hash: [u8; 32], tenant: &str| {
        let head = Head { number, hash, records: 9, at: "2026-11-29T02:07:12Z".into() };
        file.key.sign(&format!("id.example.com/tenantry/{tenant}/audit\n{}", head.lines())).unwrap()
    };
    let with = |heads: Vec<String>| Given {
        heads: heads.into_iter().enumerate().map(|(nth, note)| (format!("head-{nth}"), note)).collect(),
        ..own_key(&file)
    };
    let before: [u8; 32] = file.links[0].previous.as_slice().try_into().unwrap();
    let all =
        vec![head(6, before, "acme"), head(7, hashes[0], "acme"), head(8, hashes[1], "acme"), head(9, [0; 32], "acme")];
    let sound = checked(&file.text(), &with(all)).unwrap();
    assert_eq!((sound.heads_agree, sound.heads), (3, 4));
    let why = checked(&file.text(), &with(vec![head(7, hashes[0], "acme"), head(8, [1; 32], "acme")])).unwrap_err();
    assert!(why.contains("that head-1 holds is not link 8"), "{why}");
    let refused = |note: String| verify(Cursor::new(file.text()), &with(vec![note])).unwrap_err().message;
    assert!(refused(head(7, hashes[0], "other")).contains("is a head of id.example.com/tenantry/other/audit"));
    assert!(refused("nothing".into()).contains("not a signed note"));
    let other = SigningKey::of_seed("id.example.com/tenantry", &[9; 32]).unwrap();
    assert!(refused(other.sign("id.example.com/tenantry/acme/audit\n7\n").unwrap()).contains("--key"));
    // The key after a rotation has signed the later head.
    let mut given = with(vec![head(7, hashes[0], "acme")]);
    given.keys.push(VerifierKey::parse(&other.verifier().to_string()).unwrap());
    checked(&file.text(), &given).unwrap();
}

#[test]
fn hidden_records_are_found_by_their_ids_alone() {
    let mut file = Made::usual();
    file.header.emails = Emails::Hidden;
    for user in &mut file.users {
        user.email = Some("00ff".into());
    }
    let sound = checked(&file.text(), &own_key(&file)).unwrap();
    assert!(sentences(&sound).contains("Its addresses are hidden"));
    file.users[1].record.as_mut().unwrap().id = Uuid::from_u128(77).simple().to_string();
    assert!(checked(&file.text(), &own_key(&file)).unwrap_err().contains("stands in no link"));
}
