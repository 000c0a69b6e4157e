//! The promises, and events that must occur within the bounds, so that the promises are not kept by doing nothing.

use stateright::Property;

use crate::guard::Guard;
use crate::protocol::{Protocol, carriers};
use crate::scene::Scene;
use crate::state::{Carry, MAILS, Op, SESSIONS, State, Word};
use crate::witness::Wrong;

/// The properties that say something in a scene.
pub fn of(scene: &Scene) -> Vec<Property<Protocol>> {
    let mut properties = promises();
    properties.extend(words());
    properties.push(says_superseded());
    properties.extend(happenings(scene));
    properties
}

fn promises() -> Vec<Property<Protocol>> {
    vec![
        Property::always("a reset changes a password at most once", |_, state: &State| {
            state.seen.changes.iter().all(|changes| *changes <= 1)
        }),
        Property::always("what is over changes no password", |_, state: &State| !state.seen.saw(Wrong::ChangedByOver)),
        Property::always("the last winner's password is the one that counts", |_, state: &State| {
            !state.store.user.exists || state.store.user.password == state.seen.last
        }),
        Property::always("a dead password opens nothing", opens_nothing),
        Property::always(
            "an acknowledged administrator's reset means that password and sessions are dead",
            |_, state: &State| !state.seen.saw(Wrong::ResetLeftAccess),
        ),
        Property::always("a wish of anyone takes no administrator's link away", |_, state: &State| {
            !state.seen.saw(Wrong::WishTookALink)
        }),
        Property::always("a dead password changes nothing", |_, state: &State| {
            !state.seen.saw(Wrong::ChangedByDeadPassword)
        }),
        Property::always("who is locked out or gone keeps the password", |_, state: &State| {
            !state.seen.saw(Wrong::ChangedWhileLockedOut)
        }),
        Property::always("who is locked out has no open reset", |_, state: &State| {
            let open = state.store.user.open;
            !state.store.user.is_disabled || open.is_none_or(|open| state.store.is_held(open))
        }),
        Property::always("a held user gets a link by no other door", |_, state: &State| {
            !state.seen.saw(Wrong::AroundAHold)
        }),
        Property::always("what nothing ended works", |_, state: &State| {
            let works = |reset| state.store.is_alive(reset) || state.store.is_held(reset);
            state.store.begun().all(|reset| state.seen.is_over(reset) || works(reset))
        }),
        Property::always("an ended session stays ended", |model: &Protocol, state: &State| {
            (0..SESSIONS)
                .all(|session| state.seen.ended & 1 << session == 0 || !model.is_session_valid(&state.store, session))
        }),
        Property::always("a revoked credential stays revoked", |_, state: &State| {
            !(state.seen.is_credential_revoked && state.store.has_credential)
        }),
        Property::always("an open reset has a mail, waiting or taken, or is undeliverable", is_on_its_way),
        Property::always("where nothing more can happen, every mail has its fate", has_its_fate),
        Property::always("all mails of a reset carry the same link", |_, state: &State| {
            !state.seen.saw(Wrong::TwoLinks)
        }),
        Property::always("no mail is made for what is over", |_, state: &State| !state.seen.saw(Wrong::MadeForOver)),
        Property::always("two carry a mail only if a lease ran out", |_, state: &State| {
            (0..MAILS as u8).all(|mail| carriers(state, mail) < 2 || state.seen.overdue & 1 << mail != 0)
        }),
        Property::always("what is written as sent is not sent again", |_, state: &State| {
            !state.seen.saw(Wrong::SentAgain)
        }),
        Property::always("one wish under one key begins one reset", |model: &Protocol, state: &State| {
            (0..model.scene.wishes.len()).all(|wish| !model.scene.wishes[wish].has_key || count(state, wish) <= 1)
        }),
        Property::always("a repeat within the window begins nothing", |_, state: &State| {
            !state.seen.saw(Wrong::RepeatBegan)
        }),
        Property::always("every accepted action has its record", |_, state: &State| {
            let owed = state.processes.iter().filter(|process| process.owes_record).count();
            usize::from(state.seen.unrecorded) <= owed
        }),
    ]
}

fn says_superseded() -> Property<Protocol> {
    Property::always("what a later reset replaced says so", |_, state: &State| {
        let is_replaced = |reset: &u8| state.seen.replaced & 1 << reset != 0;
        state.store.begun().filter(is_replaced).all(|reset| state.store.word(reset) == Word::Superseded)
    })
}

/// Promises about the state that a reset reports.
fn words() -> Vec<Property<Protocol>> {
    vec![
        Property::always("a reset whose mail was taken is not called undeliverable", |_, state: &State| {
            state.store.begun().all(|reset| {
                let row = &state.store.resets[usize::from(reset)];
                !(row.is_mailed && row.is_undeliverable)
            })
        }),
        Property::always("the word for a reset tells whether its link works", tells_whether_it_works),
    ]
}

fn opens_nothing(model: &Protocol, state: &State) -> bool {
    let is_dead = |password: u8| state.seen.dead & 1 << password != 0;
    let user = &state.store.user;
    let is_refused_later = user.is_dead && model.keeps(Guard::SignInRequiresLiving);
    let signs_in = model.lets_in(&state.store) && !is_refused_later && is_dead(user.password);
    let lives_on = |session: usize| {
        is_dead(state.seen.session_passwords[session]) && model.is_session_valid(&state.store, session)
    };
    !signs_in && !(0..SESSIONS).any(lives_on)
}

fn is_on_its_way(_: &Protocol, state: &State) -> bool {
    let has_mail = |reset: u8| {
        state.store.mails.iter().any(|mail| mail.exists && mail.reset == reset && (mail.is_sent || mail.is_pending()))
    };
    let is_owed = |reset: u8| state.processes.iter().any(|process| process.owed_mail == Some(reset));
    state
        .store
        .begun()
        .filter(|reset| state.store.is_alive(*reset))
        .all(|reset| has_mail(reset) || is_owed(reset) || state.store.resets[usize::from(reset)].is_undeliverable)
}

fn has_its_fate(model: &Protocol, state: &State) -> bool {
    !state.store.mails.iter().any(|mail| mail.is_pending()) || !model.is_at_rest(state)
}

fn count(state: &State, wish: usize) -> usize {
    state.store.begun().filter(|reset| usize::from(state.store.resets[usize::from(*reset)].wish) == wish).count()
}

fn tells_whether_it_works(_: &Protocol, state: &State) -> bool {
    state.store.begun().all(|reset| match state.store.word(reset) {
        Word::Requested | Word::Mailed | Word::Opened => !state.seen.is_over(reset),
        // The mail was given up; the link may be of an age or not, nobody has it.
        Word::Undeliverable => true,
        Word::Redeemed | Word::Superseded | Word::Expired | Word::Cancelled => state.seen.is_over(reset),
    })
}

/// Whether some reset has this word.
macro_rules! says {
    ($name:literal, $word:ident) => {
        Property::sometimes($name, |_, state: &State| {
            state.store.begun().any(|reset| state.store.word(reset) == Word::$word)
        })
    };
}

/// Events that must occur, as far as the bounds of the scene allow.
fn happenings(scene: &Scene) -> Vec<Property<Protocol>> {
    let left = &scene.left;
    let mut found = vec![says!("a reset is requested", Requested), says!("a reset is mailed", Mailed)];
    let mut when = |is_possible: bool, property: Property<Protocol>| found.extend(is_possible.then_some(property));
    when(left.redeems > 0, says!("a reset is redeemed", Redeemed));
    when(left.cancels > 0, says!("a reset is cancelled", Cancelled));
    when(left.opens > 0, says!("a reset is opened", Opened));
    when(left.bounces > 0, says!("a reset is undeliverable", Undeliverable));
    when(scene.expires, says!("a reset is expired", Expired));
    when(left.asks[1] > 0, says!("a reset is superseded", Superseded));
    when(
        left.releases > 0,
        Property::sometimes("a held link is released, mailed and redeemed", |_, state: &State| {
            let is_released = |reset: &u8| state.seen.changes[usize::from(*reset)] > 0;
            state.left.releases < 2 && state.store.begun().any(|reset| is_released(&reset))
        }),
    );
    when(
        left.redeems > 1,
        Property::sometimes("two redeem one link at once and one has won", |_, state: &State| {
            (0..state.processes.len()).any(|who| Protocol::has_lost_a_race(state, who))
        }),
    );
    when(
        left.sign_ins > 0,
        Property::sometimes("a password dies while its sign-in is on the way", |_, state: &State| {
            let is_late = |op| matches!(op, Op::SignIn { password, .. } if state.seen.dead & 1 << password != 0);
            state.processes.iter().any(|process| process.op.is_some_and(is_late))
        }),
    );
    when(
        scene.has_mail_in_steps && left.crashes > 0,
        Property::sometimes("a mail that was taken goes out again, since a crash lost its fate", |_, state: &State| {
            let is_again = |mail: u8| state.seen.taken & !state.seen.overdue & 1 << mail != 0;
            let is_made = |carry| matches!(carry, Carry::Made { mail, .. } if is_again(mail));
            state.processes.iter().any(|process| process.carry.is_some_and(is_made))
        }),
    );
    when(
        left.stalls > 0,
        Property::sometimes("two carry one mail, since a lease ran out", |_, state: &State| {
            (0..MAILS as u8).any(|mail| carriers(state, mail) == 2)
        }),
    );
    when(
        left.backups > 0,
        Property::sometimes("a link that was used is restored unused, and void", |_, state: &State| {
            let is_void = |reset: &u8| state.store.word(*reset) == Word::Cancelled;
            let was_used = |reset: u8| state.seen.changes[usize::from(reset)] > 0;
            state.seen.is_restored && state.store.begun().filter(is_void).any(was_used)
        }),
    );
    when(
        scene.has_window,
        Property::sometimes("all wishes are asked and one was a repeat", |_, state: &State| {
            state.left.asks == [0, 0, 0]
                && state.next_reset == 1
                && state.store.begun().any(|reset| state.store.is_alive(reset))
        }),
    );
    found
}
