//! The rules by which a user's life goes. Any of them can be put wrong in the model, to see that the table notices.

macro_rules! rules {
    ($($rule:ident, $what:literal;)*) => {
        /// A rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Rule {
            $(#[doc = $what] $rule,)*
        }

        impl Rule {
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            /// The rule in words.
            pub fn what(self) -> &'static str {
                match self { $(Self::$rule => $what,)* }
            }
        }
    };
}

rules! {
    ResetKills, "an administrator's reset kills the password, unless the tenant keeps it";
    ResetEndsSessions, "an administrator's reset ends the sessions, whatever the tenant keeps";
    ResetRepeatsResetsOnly, "an administrator's reset is the repeat of another one and of nothing else";
    ResetRepeatsSamePerson, "an administrator's reset is the repeat of the same administrator's";
    ResetRepeatsAsStrong, "an administrator's reset is no repeat of one that kept the password where this one would not";
    ResetRepeatsWhatHolds, "an administrator's reset is no repeat when the user has signed in since";
    ResetRevokesIfToldTo, "an administrator's reset that is told to revokes the credentials too";
    ResetRepeatsRevocation, "an administrator's reset that revokes credentials is no repeat of one that left them";
    RepeatEnds, "what is asked again after half a minute is asked anew";
    RepeatIsSilent, "a repeat within half a minute begins, mails and records nothing";
    SendLinkRepeatsAnyMail, "sending a link is the repeat of whatever the same administrator just mailed";
    SendLinkRepeatsWhatWasMailed, "sending a link is no repeat of a reset whose mail has to wait";
    SendLinkKeeps, "sending a link keeps password and sessions";
    KeyNamesOneCall, "an Idempotency-Key gets the answer of its call again";
    KeyIsForgotten, "an Idempotency-Key means nothing after a day";
    NewerSupersedes, "a newer reset supersedes the one before it";
    ForgotKeepsAdministratorsLink, "a wish of anyone mails an administrator's link again while it lives";
    WishesHaveTheirOwnBound, "wishes of the user and of anyone count in a bound of their own";
    KillBeyondTheBound, "beyond the bound of mails an administrator's reset still kills";
    LifeCountsFromTheMail, "a link whose mail had to wait lives from its mail on";
    LinkDiesOfAge, "a link dies of age";
    ExpiredIsNotOpen, "a reset whose link died of age is not shown as open";
    LinkWorksOnce, "a link works once";
    ResendRenews, "a reset that is mailed again lives anew";
    CancelEndsTheLink, "a cancelled reset's link is dead";
    RedeemEndsSessions, "a redemption ends the sessions";
    RedeemRevives, "a redemption brings a dead password's owner in again";
    NewPasswordClearsGuesses, "with a new password the count of wrong tries begins anew";
    GuessesWait, "after five wrong tries the next must wait";
    GuessesAreForgotten, "a wait ends";
    SignInClearsGuesses, "a right sign-in clears the count of wrong tries";
    ChangeEndsOthers, "a change of the own password ends all other sessions";
    ChangeKeepsOwn, "a change of the own password keeps the session that asked";
    ChangeCancels, "a change of the own password ends the open reset";
    AddressWaitsForItsLink, "a new address counts once its link has come back";
    AddressLinkWorksOnce, "the link of a new address works once";
    AddressLinkDiesOfAge, "the link of a new address dies of age";
    SessionsEndAddressChanges, "what ends the sessions by a new secret ends a change of the address that waits";
    KeptAddressIsOver, "the link of a change that was taken back is dead";
    NewAddressEndsLinks, "a new address ends the open reset, whose mail went to the former one";
    MailGoesToTheFormer, "mail goes to the former address until the cool-off is over";
    FormerIsLeft, "after the cool-off mail goes to the new address";
    GoingBackEndsCoolOff, "who goes back to the former address gets mail there for good";
    UnusedAddressHearsNothing, "an address that never served the account is told nothing";
    AddressMailsCount, "links to new addresses count in the bounds of mails";
    SessionsIdleOut, "a session that nobody uses ends";
    SignOutEnds, "signing out ends the session";
    OthersEnd, "ending the other sessions keeps the one that asks";
    DisableEndsSessions, "a disabled user's sessions end and do not come back";
    DisableEndsLinks, "a disabled user's links end and do not come back";
    DisableSuspendsCredentials, "a disabled user's credentials do not work";
    EnableRestoresCredentials, "an enabled user's credentials work again";
    CredentialsOutliveResets, "credentials outlive a reset";
    CredentialsDieOfAge, "a credential dies of age";
    RevokedIsGone, "a revoked credential does not work";
    SwitchedOffIsOff, "a credential that is switched off does not work";
    RemovedIsGone, "a removed user has nothing";
    RemovedIsFound, "the resets of a removed user are found by the address";
    NewUserIsAnother, "who is made again under an old address has nothing of what was there before";
    InvitedHasNoPassword, "an invited user has no password, and none that could be dead";
    MailSpeaksToItsReader, "a mail speaks to the one whom it is for";
    MailTellsTimeLeft, "a mail tells the time that is left";
    MailTellsOfThePassword, "a mail says of the old password what is true";
    RestartChangesNothing, "a restart changes nothing";
    NewKeyChangesNothing, "a new key changes nothing for what was made by the old one";
    SettingsCountFromNow, "a setting counts for what is asked from now on";
    RolesAreReplaced, "new roles take the place of the old ones";
    OwnersAreKept, "an owner is not removed, disabled or stripped of roles";
    OwnersAreMailedOnce, "who is an owner already is mailed no second link";
}

/// Which rule is put wrong, if any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules(Option<Rule>);

impl Rules {
    pub fn without(rule: Rule) -> Self {
        Self(Some(rule))
    }

    pub fn hold(self, rule: Rule) -> bool {
        self.0 != Some(rule)
    }
}
