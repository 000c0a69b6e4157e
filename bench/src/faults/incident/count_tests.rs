use super::*;

const JANE: &str = "jane@example.com";
const JOHN: &str = "john@example.com";
const OTHER: &str = "other@example.com";

fn user(is_alive: bool) -> User {
    User { is_alive, row: is_alive.to_string() }
}

fn mail(token: &str) -> Received {
    Received { message_id: "<1@example.com>".into(), token: token.into(), is_encrypted: false }
}

/// An incident of one user, beside one who is excepted and one who is not on the list.
struct Case {
    list: List,
    book: Book,
    before: Users,
    mails: HashMap<Uuid, Vec<Received>>,
    early: HashSet<Uuid>,
}

impl Case {
    fn in_order() -> Self {
        let (reset, all) = (Uuid::from_u128(1), [JANE, JOHN, OTHER]);
        Self {
            list: List { entries: [(JANE.into(), None), (JOHN.into(), Some("excepted"))].into() },
            book: Book {
                listed: vec![(JANE.into(), None), (JOHN.into(), Some("excepted".into()))],
                resets: vec![(reset, JANE.into())],
                records: [(reset, 1)].into(),
                steps: ONCE.map(|step| (step.to_owned(), 1)).into(),
                users: all.map(|email| (email.to_owned(), user(email != JANE))).into(),
            },
            before: all.map(|email| (email.to_owned(), user(true))).into(),
            mails: [(reset, vec![mail("a")])].into(),
            early: HashSet::new(),
        }
    }

    /// The numbers lost, doubled, outside and early after a change.
    fn found(change: impl FnOnce(&mut Self)) -> [usize; 4] {
        let mut case = Self::in_order();
        change(&mut case);
        let counted = case.judged();
        [&counted.lost, &counted.doubled, &counted.outside, &counted.early].map(Vec::len)
    }

    fn judged(&self) -> Counted {
        judge(&self.list, &self.book, &self.before, &self.mails, &self.early)
    }
}

#[test]
fn in_order_nothing_is_found_and_a_mail_that_comes_again_with_its_link_is_counted_apart() {
    assert_eq!(Case::found(|_| {}), [0; 4]);
    let mut case = Case::in_order();
    case.mails.values_mut().for_each(|mails| mails.push(mail("a")));
    let counted = case.judged();
    assert_eq!((counted.ended, counted.again, counted.findings().is_empty()), (1, 1, true));
}

#[test]
fn whatever_is_missing_is_lost() {
    // The record and the link go with their reset, since nothing else tells whose they are: then they are strange.
    assert_eq!(Case::found(|case| case.book.resets.clear()), [1, 0, 2, 0]);
    assert_eq!(Case::found(|case| case.book.records.clear()), [1, 0, 0, 0]);
    assert_eq!(Case::found(|case| case.mails.clear()), [1, 0, 0, 0]);
    assert_eq!(Case::found(|case| case.book.listed.truncate(1)), [1, 0, 0, 0]);
    assert_eq!(Case::found(|case| case.book.steps.clear()), [4, 0, 0, 0]);
    assert_eq!(Case::found(|case| case.book.listed[0].1 = Some("gone".into())), [1, 0, 0, 0]);
    assert_eq!(Case::found(|case| drop(case.book.users.insert(JANE.into(), user(true)))), [1, 0, 0, 0]);
}

#[test]
fn whatever_is_there_twice_is_doubled() {
    assert_eq!(Case::found(|case| *case.book.records.entry(Uuid::from_u128(1)).or_default() = 2), [0, 1, 0, 0]);
    assert_eq!(Case::found(|case| case.book.listed.push((JANE.into(), None))), [0, 1, 0, 0]);
    assert_eq!(Case::found(|case| case.mails.values_mut().for_each(|all| all.push(mail("b")))), [0, 1, 0, 0]);
    assert_eq!(Case::found(|case| case.book.steps.extend([("incident.end".into(), 2)])), [0, 1, 0, 0]);
    let second = |case: &mut Case| {
        let id = Uuid::from_u128(2);
        case.book.resets.push((id, JANE.into()));
        case.book.records.insert(id, 1);
        case.mails.insert(id, vec![mail("c")]);
    };
    assert_eq!(Case::found(second), [0, 1, 0, 0]);
}

#[test]
fn nobody_else_is_touched_and_no_link_leaves_early() {
    for email in [JOHN, OTHER] {
        assert_eq!(Case::found(|case| drop(case.book.users.insert(email.into(), user(false)))), [0, 0, 1, 0]);
        let reset = |case: &mut Case| case.book.resets.push((Uuid::from_u128(3), email.into()));
        assert_eq!(Case::found(reset), [0, 0, 1, 0], "{email}");
    }
    assert_eq!(Case::found(|case| case.book.listed.push((OTHER.into(), None))), [0, 0, 1, 0]);
    assert_eq!(Case::found(|case| drop(case.mails.insert(Uuid::from_u128(4), Vec::new()))), [0, 0, 1, 0]);
    assert_eq!(Case::found(|case| case.early.extend([Uuid::from_u128(1)])), [0, 0, 0, 1]);
}
