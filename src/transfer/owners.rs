//! Owners come with a whole tenant alone: by an owner, into a tenant where nobody else was when the import was begun. And the one
//! who was there, who imports it, is taken over as the file has them.

use super::import::{Code, Reason, State};
use super::judge::{Judge, Verdict};
use super::lines::Person;
use crate::error::Result;
use crate::people::{self, User};
use crate::store::Tx;

impl Judge<'_> {
    /// Whether the caller owns the tenant, and acts by a token that leaves them that.
    pub(super) fn is_owner(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let caller = people::find_by_id(tx, self.act.tenant.id, self.act.caller.user)?;
        Ok(self.mine.are_owners() && caller.is_some_and(|caller| caller.owner_since.is_some()))
    }

    /// Why a row may not bring an owner, if that is so.
    pub(super) fn owner_refused(&self, tx: &mut Tx<'_>, is_sso: bool) -> Result<Option<Reason>> {
        let reason = |detail: &str| Some(Reason::row(Code::Owner).because(detail));
        Ok(if self.import.found_empty_at.is_none() {
            reason("this tenant had users when the import was begun")
        } else if !self.is_owner(tx)? {
            reason("only an owner brings owners")
        } else if is_sso {
            reason("an owner has a password here")
        } else {
            None
        })
    }

    /// The caller's own row, in a tenant where nobody else is.
    pub(super) fn adopt<'r>(
        &mut self,
        tx: &mut Tx<'_>,
        person: &'r Person,
        user: User,
        is_uid_taken: bool,
    ) -> Result<Verdict<'r>> {
        let record = &person.record;
        let has_own_uid = person.uid() == Some(user.uid);
        if record.is_sso || record.is_service || record.state == State::Disabled || (is_uid_taken && !has_own_uid) {
            return Ok(Verdict::Refuse(Reason::row(Code::Exists).because("it is your own account")));
        }
        Ok(match self.give(tx, &record.roles, &record.groups)? {
            Ok(grants) => Verdict::Adopt(person, Box::new(user), grants),
            Err(reason) => Verdict::Refuse(reason),
        })
    }
}
