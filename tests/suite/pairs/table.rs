//! Which lives are tried.

use super::deed::{Deed, Gap, Script, Start};
use crate::dice::Dice;

/// The number of batches of random triples.
const BATCHES: usize = 4;
const TRIPLES: usize = 30;
/// The number of deeds in a long life.
const LONG: usize = 30;
const LENGTH: usize = 12;

/// Every deed after every other with one gap, in rotation, so that each deed has each gap before and after it; each
/// deed after each habit; and wishes after wishes with more gaps.
pub fn pairs() -> Vec<Script> {
    let (count, gaps) = (Deed::ALL.len(), Gap::ALL.len());
    let mut found = Vec::new();
    for (first, one) in Deed::ALL.into_iter().enumerate() {
        for (second, other) in Deed::ALL.into_iter().enumerate() {
            let gap = Gap::ALL[(second + gaps * count - first) % gaps];
            let mut between = vec![gap];
            if Deed::WISHES.contains(&one) && Deed::WISHES.contains(&other) {
                between.extend([Gap::Nothing, Gap::Seconds(31)].into_iter().filter(|more| *more != gap));
            }
            for gap in between {
                found.push(Script::new(&[one, other], &[gap], found.len()));
            }
        }
    }
    for (nth, start) in Start::HABITS.into_iter().enumerate() {
        for (second, deed) in Deed::ALL.into_iter().enumerate() {
            let gap = Gap::ALL[(second + 2 * nth) % Gap::ALL.len()];
            found.push(Script::after(start, deed, gap, second));
        }
    }
    found
}

/// Three deeds at random, with something at random between them.
pub fn triples(dice: &mut Dice) -> Vec<Script> {
    let mut found = Vec::new();
    for _ in 0..BATCHES {
        let gaps = [*dice.pick(&Gap::ALL), *dice.pick(&Gap::ALL)];
        for _ in 0..TRIPLES {
            let deeds = [(); 3].map(|()| *dice.pick(&Deed::ALL));
            found.push(Script::new(&deeds, &gaps, dice.below(12)));
        }
    }
    found
}

/// Long random lives, side by side. Most events in a user's life come soon after another one.
pub fn long(dice: &mut Dice) -> Vec<Script> {
    const SOON: [Gap; 4] = [Gap::Nothing, Gap::Nothing, Gap::Seconds(31), Gap::Seconds(31)];
    let gaps: Vec<Gap> =
        (1..LENGTH).map(|_| if dice.below(4) > 0 { *dice.pick(&SOON) } else { *dice.pick(&Gap::ALL) }).collect();
    let deeds = |dice: &mut Dice| (0..LENGTH).map(|_| *dice.pick(&Deed::ALL)).collect::<Vec<_>>();
    (0..LONG).map(|_| Script::new(&deeds(dice), &gaps, dice.below(12))).collect()
}

/// Longer lives in which something was wrong once, or that alone tell whether a rule holds.
pub fn remembered() -> Vec<Script> {
    use Deed::*;
    let short: &[(&[Deed], Gap)] = &[
        (&[KeepPasswords, AdminReset, KillPasswords, AdminReset], Gap::Nothing),
        (&[KeepPasswords, AdminReset, SignIn, AdminReset], Gap::Nothing),
        (&[AdminReset, Redeem, AdminReset], Gap::Nothing),
        (&[GuessOn, AdminReset, Redeem], Gap::Nothing),
        (&[ChangePassword, GuessOn, ChangePassword], Gap::Nothing),
        (&[AdminReset, Redeem, Redeem], Gap::Nothing),
        (&[SendLink, Cancel, Redeem], Gap::Nothing),
        (&[SendLink, ChangePassword, Redeem], Gap::Nothing),
        (&[SendLink, Disable, Enable], Gap::Nothing),
        (&[Disable, Enable, OwnWish], Gap::Nothing),
        (&[SendLink, Forgot, AdminReset], Gap::Nothing),
        (&[AdminReset, ResetUnderKey, ResetUnderKey], Gap::Seconds(31)),
        (&[KeepPasswords, AdminReset, ResetAndRevoke], Gap::Nothing),
        (&[AdminReset, RevokeOnReset, AdminReset], Gap::Nothing),
        (&[ResetUnderKey, ResetUnderKey], Gap::Seconds(691_200)),
        (&[OneMailAnHour, SendLink, AdminReset], Gap::Nothing),
        (&[OneMailAnHour, SendLink, AdminReset, SendLink], Gap::Nothing),
        (&[OneMailAnHour, SendLink, AdminReset], Gap::Seconds(7_200)),
        (&[OneMailAnHour, Forgot, AdminReset], Gap::Seconds(31)),
        (&[AdminReset, Remove, Create, Redeem], Gap::Seconds(31)),
        (&[AssignOwner, UnassignOwner, AssignOwner], Gap::Nothing),
        (&[OneMailAnHour, SendLink, AssignOwner], Gap::Nothing),
    ];
    let scripts = short.iter().enumerate();
    let short = scripts.map(|(nth, (deeds, gap))| Script::new(deeds, &vec![*gap; deeds.len() - 1], nth));
    short.chain(moves()).collect()
}

/// Changes of the address, each asked for by an administrator and by the user: whether a rule of them holds is often told by
/// three deeds or more.
fn moves() -> impl Iterator<Item = Script> {
    use Deed::*;
    const SOON: Gap = Gap::Seconds(31);
    const LATE: Gap = Gap::Seconds(691_200);
    let moves: [(&[Deed], &[Gap]); 14] = [
        (&[ChangeAddress, ConfirmAddress, AdminReset], &[Gap::Nothing, SOON]),
        (&[ChangeAddress, ConfirmAddress, AdminReset], &[SOON, LATE]),
        (&[ChangeAddress, ConfirmAddress, ConfirmAddress], &[SOON, SOON]),
        (&[ChangeAddress, ConfirmAddress, ChangeAddress, ConfirmAddress, SendLink], &[SOON; 4]),
        (&[ChangeAddress, ConfirmAddress, SignIn, ChangeAddress, SendLink], &[LATE, SOON, SOON, SOON]),
        (&[ChangeAddress, AdminReset, ConfirmAddress], &[SOON, SOON]),
        (&[ChangeAddress, ChangePassword, ConfirmAddress], &[SOON, SOON]),
        (&[ChangeAddress, Disable, Enable, ConfirmAddress], &[SOON; 3]),
        (&[ChangeAddress, KeepAddress, ConfirmAddress], &[SOON, SOON]),
        (&[ChangeAddress, ChangeAddress, ConfirmAddress], &[SOON, SOON]),
        (&[ChangeAddress, ConfirmAddress, Remove, Create], &[SOON; 3]),
        (&[Create, ChangeAddress, ConfirmAddress, Forgot, Redeem], &[SOON; 4]),
        (&[OneMailAnHour, ChangeAddress, SendLink, OwnWish], &[SOON; 3]),
        (&[ResetUnderKey, ChangeAddress, ConfirmAddress, ResetUnderKey], &[SOON; 3]),
    ];
    moves.into_iter().flat_map(|(deeds, gaps)| [0, 1].map(|way| Script::new(deeds, gaps, way)))
}

/// Scripts with the same gaps are played side by side.
pub fn batches(scripts: impl Iterator<Item = Script>) -> Vec<Vec<Script>> {
    let mut batches: Vec<Vec<Script>> = Vec::new();
    for script in scripts {
        match batches.iter_mut().find(|batch| batch[0].gaps == script.gaps) {
            Some(batch) => batch.push(script),
            None => batches.push(vec![script]),
        }
    }
    batches
}
