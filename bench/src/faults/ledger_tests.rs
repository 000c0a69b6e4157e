use super::*;

const EVA: &str = "eva@example.com";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn ask(key: Option<&str>) -> Ask {
    Ask { email: EVA.into(), key: key.map(Into::into) }
}

fn whole() -> Found {
    Found { email: EVA.into(), records: 1, mails: 1, ..Found::default() }
}

fn judged(ledger: &mut Ledger, found: &[(u128, Found)], keys: &[(&str, u128)]) -> Findings {
    let found = found.iter().map(|(number, found)| (id(*number), found.clone())).collect();
    let keys = keys.iter().map(|(key, number)| ((*key).to_string(), id(*number))).collect();
    ledger.judge(&found, &keys)
}

#[test]
fn what_was_acknowledged_and_is_there_once_is_well() {
    let mut ledger = Ledger::default();
    ledger.note(ask(Some("a")), Fate::Acknowledged(id(1)));
    ledger.note(ask(None), Fate::Acknowledged(id(2)));
    assert_eq!(judged(&mut ledger, &[(1, whole()), (2, whole())], &[]), Findings::default());
    assert_eq!((ledger.ids().count(), ledger.repeatable().len()), (2, 0));
}

#[test]
fn what_was_acknowledged_and_is_not_there_is_lost() {
    let mut ledger = Ledger::default();
    ledger.note(ask(None), Fate::Acknowledged(id(1)));
    assert_eq!(judged(&mut ledger, &[], &[]).lost.len(), 1);
    let mut ledger = Ledger::default();
    ledger.note(ask(None), Fate::Acknowledged(id(1)));
    let other = Found { email: "max@example.com".into(), ..whole() };
    assert_eq!(judged(&mut ledger, &[(1, other)], &[]).lost.len(), 1);
}

#[test]
fn what_was_seen_whole_is_not_asked_for_again_but_by_the_look_at_everything() {
    let mut ledger = Ledger::default();
    ledger.note(ask(None), Fate::Acknowledged(id(1)));
    assert!(judged(&mut ledger, &[(1, whole())], &[]).is_empty());
    assert!(judged(&mut ledger, &[], &[]).is_empty());
    assert_eq!(ledger.judge_all(&HashMap::new(), &HashMap::new()).lost.len(), 1);
}

#[test]
fn an_unanswered_ask_may_have_been_done_once_and_not_twice() {
    let mut ledger = Ledger::default();
    ledger.note(ask(None), Fate::Unanswered);
    assert!(judged(&mut ledger, &[], &[]).is_empty());
    assert!(judged(&mut ledger, &[(1, whole())], &[]).is_empty());
    assert_eq!(judged(&mut ledger, &[(1, whole()), (2, whole())], &[]).doubled.len(), 1);
}

#[test]
fn a_refused_ask_explains_nothing() {
    let mut ledger = Ledger::default();
    ledger.note(ask(None), Fate::Refused(429));
    assert_eq!(judged(&mut ledger, &[(1, whole())], &[]).doubled.len(), 1);
    assert_eq!(ledger.refused, 1);
}

#[test]
fn a_key_is_repeated_until_it_is_answered_and_stands_for_one_reset() {
    let mut ledger = Ledger::default();
    ledger.note(ask(Some("a")), Fate::Unanswered);
    assert_eq!(ledger.repeatable(), [ask(Some("a"))]);
    assert!(judged(&mut ledger, &[(1, whole())], &[("a", 1)]).is_empty());
    assert_eq!(judged(&mut ledger, &[(1, whole()), (2, whole())], &[("a", 1)]).doubled.len(), 1);
    ledger.note(ask(Some("a")), Fate::Acknowledged(id(1)));
    assert!(ledger.repeatable().is_empty());
    assert!(judged(&mut ledger, &[(1, whole())], &[]).is_empty());
}

#[test]
fn what_was_denied_and_done_all_the_same_is_counted() {
    let mut ledger = Ledger::default();
    ledger.note(ask(Some("a")), Fate::Denied(503));
    ledger.note(ask(Some("b")), Fate::Denied(503));
    assert!(judged(&mut ledger, &[(1, whole())], &[("a", 1)]).is_empty());
    assert_eq!(ledger.denied_and_done, 1);
}

#[test]
fn a_denial_that_was_repeated_without_an_answer_says_nothing_of_what_was_done() {
    let mut ledger = Ledger::default();
    ledger.note(ask(Some("a")), Fate::Denied(503));
    ledger.note(ask(Some("a")), Fate::Unanswered);
    assert!(judged(&mut ledger, &[(1, whole())], &[("a", 1)]).is_empty());
    assert_eq!(ledger.denied_and_done, 0);
}

#[test]
fn the_same_reset_for_two_wishes_is_one_wish_lost_and_for_a_repeat_it_is_well() {
    let mut ledger = Ledger::default();
    ledger.note(ask(Some("a")), Fate::Acknowledged(id(1)));
    ledger.note(ask(Some("a")), Fate::Acknowledged(id(1)));
    assert!(judged(&mut ledger, &[(1, whole())], &[]).is_empty());
    ledger.note(ask(Some("b")), Fate::Acknowledged(id(1)));
    assert_eq!(judged(&mut ledger, &[(1, whole())], &[]).lost.len(), 1);
}

#[test]
fn every_part_of_a_reset_is_counted() {
    let cases = [
        (Found { records: 0, ..whole() }, (1, 0)),
        (Found { records: 2, ..whole() }, (0, 1)),
        (Found { mails: 0, ..whole() }, (1, 0)),
        (Found { mails: 2, ..whole() }, (0, 1)),
        (Found { redemptions: 1, ..whole() }, (0, 0)),
        (Found { redemptions: 2, ..whole() }, (0, 1)),
        (Found { password_alive: true, ..whole() }, (1, 0)),
    ];
    for (found, expected) in cases {
        let mut ledger = Ledger::default();
        ledger.note(ask(None), Fate::Acknowledged(id(1)));
        let findings = judged(&mut ledger, &[(1, found.clone())], &[]);
        assert_eq!((findings.lost.len(), findings.doubled.len()), expected, "{found:?}");
    }
}

#[test]
fn the_middle_and_the_most_are_of_what_was_measured() {
    let ms = |times: &[u64]| times.iter().map(|time| Duration::from_millis(*time)).collect::<Vec<_>>();
    assert_eq!(middle_and_most(&ms(&[9, 1, 5])), Some((5.0, 9.0)));
    assert_eq!(middle_and_most(&[]), None);
}
