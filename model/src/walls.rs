//! For each guard, the promise that breaks without it: with these guards out, in this scene, this promise is broken.
//! Where several are named, each of them alone keeps the promise.

use crate::guard::Guard::{self, *};

/// Guards that keep a promise together.
pub struct Wall {
    pub guards: &'static [Guard],
    pub scene: &'static str,
    pub breaks: &'static str,
}

const fn wall(guards: &'static [Guard], scene: &'static str, breaks: &'static str) -> Wall {
    Wall { guards, scene, breaks }
}

const ONCE: &str = "a reset changes a password at most once";
const OVER: &str = "what is over changes no password";
const LAST: &str = "the last winner's password is the one that counts";
const DEAD: &str = "a dead password opens nothing";
const DEAD_CHANGES: &str = "a dead password changes nothing";
const LOCKED_CHANGES: &str = "who is locked out or gone keeps the password";
const LOCKED: &str = "who is locked out has no open reset";
const ENDED: &str = "an ended session stays ended";
const CARRIED_TWICE: &str = "two carry a mail only if a lease ran out";
const UNDELIVERABLE: &str = "a reset whose mail was taken is not called undeliverable";

const ACKNOWLEDGED: &str = "an acknowledged administrator's reset means that password and sessions are dead";

/// Every guard is in at least one of them.
pub const WALLS: &[Wall] = &[
    wall(&[RequestRequiresEpoch, RequestRequiresEnabled], "read committed", LOCKED),
    wall(&[RequestRefusesDisabled, RequestRequiresEnabled], "links", LOCKED),
    wall(&[RequestRequiresSamePlace], "read committed", "what a later reset replaced says so"),
    wall(&[RequestTakesThePlace], "links", OVER),
    wall(&[RequestSupersedes], "links", "what a later reset replaced says so"),
    wall(&[RequestKillsPassword], "links", DEAD),
    wall(&[RequestEndsSessions], "links", DEAD),
    wall(&[RequestQueuesMail], "links", "an open reset has a mail, waiting or taken, or is undeliverable"),
    wall(&[RequestRecords], "links", "every accepted action has its record"),
    wall(&[RequestLooksUnderKey, KeyIsUsedOnce], "repeats", "one wish under one key begins one reset"),
    wall(&[RepeatAnswersTheOpenOne], "repeats", "a repeat within the window begins nothing"),
    wall(&[RepeatIsOfTheSameKind, RepeatRequiresDeadPassword], "kinds", ACKNOWLEDGED),
    wall(&[RepeatIsOfTheSameKind], "settings", ACKNOWLEDGED),
    wall(&[RepeatRequiresDeadPassword], "settings", ACKNOWLEDGED),
    wall(&[RepeatRequiresNoSignIn], "settings", ACKNOWLEDGED),
    wall(&[WishMailsTheSameLink], "kinds", "a wish of anyone takes no administrator's link away"),
    wall(&[HoldShutsEveryDoor], "incident", "a held user gets a link by no other door"),
    wall(&[ReleaseRequiresPlace, MadeForTheLiving], "incident", "no mail is made for what is over"),
    wall(&[RedeemRequiresPlace], "links", ONCE),
    wall(&[RedeemRequiresTime], "links", OVER),
    wall(&[RedeemRequiresEnabled, DisableEmptiesThePlace], "links", LOCKED_CHANGES),
    wall(&[RedeemEmptiesThePlace], "links", ONCE),
    wall(&[RedeemEndsSessions], "links", DEAD),
    wall(&[CancelRequiresPlace], "read committed", "what nothing ended works"),
    wall(&[CancelEmptiesThePlace], "links", OVER),
    wall(&[SignInRefusesDead, SignInRequiresLiving], "links", DEAD),
    wall(&[SignInRequiresSame, SignInRequiresEpoch], "links", LAST),
    wall(&[SessionCountsInItsEpoch], "links", DEAD),
    wall(&[ChangeRequiresEpoch, ChangeRequiresSame], "links", DEAD_CHANGES),
    wall(&[ChangeRequiresEpoch, ChangeRequiresSamePlace, ChangeRequiresLiving], "links", DEAD_CHANGES),
    wall(&[ChangeEmptiesThePlace], "links", OVER),
    wall(&[ChangeEndsSessions], "links", DEAD),
    wall(&[DisableEmptiesThePlace], "links", LOCKED),
    wall(&[DisableEndsSessions], "links", ENDED),
    wall(&[LeaseRequiresDueTime], "mail", CARRIED_TWICE),
    wall(&[LeaseMovesDueTime], "mail", CARRIED_TWICE),
    wall(&[LeaseRunsOut], "mail", "where nothing more can happen, every mail has its fate"),
    wall(&[SentIsNotDue], "mail", "what is written as sent is not sent again"),
    wall(&[MadeForTheLiving], "mail", "no mail is made for what is over"),
    wall(&[LinkFromItsRow], "mail", "all mails of a reset carry the same link"),
    wall(&[UndeliverableOnlyIfNotMailed], "mail", UNDELIVERABLE),
    wall(&[MailedIsNotUndeliverable], "mail", UNDELIVERABLE),
    wall(&[RestoreVoidsResets], "restore", ONCE),
    wall(&[RestoreEndsSessions], "restore", ENDED),
    wall(&[RestoreKillsPasswords], "restore", DEAD),
    wall(&[RestoreRevokesCredentials], "restore", "a revoked credential stays revoked"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Checked;
    use crate::guard::Removed;
    use crate::scene::SCENES;

    #[test]
    fn every_guard_keeps_a_promise() {
        for guard in Guard::ALL {
            let is_named = WALLS.iter().any(|wall| wall.guards.contains(guard));
            assert!(is_named, "say in walls.rs which promise is broken without {guard}");
        }
    }

    #[test]
    fn without_its_guards_each_promise_is_broken() {
        for wall in WALLS {
            let scene = SCENES.into_iter().find(|scene| scene.name == wall.scene).unwrap();
            let checked = Checked::run(scene, Removed::of(wall.guards), Some(wall.breaks));
            let row = checked.rows.iter().find(|row| row.name == wall.breaks).expect("a property of this name");
            assert!(!row.is_kept(), "without {:?} it still holds that {}", wall.guards, wall.breaks);
        }
    }
}
