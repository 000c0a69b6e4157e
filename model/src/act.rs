//! The possible steps, in words that make a counterexample readable.

use std::fmt;

/// Which of the two processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Who(pub usize);

/// The relay's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    Takes,
    RefusesForNow,
    Refuses,
}

/// One step. A crash can come between any two transactions of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    Request(Who, u8),
    Open(Who, u8),
    Resend(Who, u8),
    Release(Who, u8),
    Redeem(Who, u8),
    SignIn(Who),
    Change(Who, u8),
    Cancel(Who, u8),
    Disable(Who),
    Enable(Who),
    Delete(Who),
    Revoke,
    Write(Who),
    WriteOwed(Who),
    Find(Who, u8),
    Lease(Who),
    Send(Who, Reply),
    Settle(Who),
    Deliver(u8, Reply),
    LeaseRunsOut(u8),
    Expire(u8),
    WindowEnds(u8),
    RotateKey,
    Crash(Who),
    Backup,
    Restore,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["process A", "process B"][self.0])
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(who, wish) => write!(f, "wish {wish} for a reset arrives at {who}"),
            Self::Open(who, reset) => write!(f, "someone opens the page of link {reset} at {who}"),
            Self::Resend(who, reset) => write!(f, "an administrator has reset {reset} mailed again by {who}"),
            Self::Release(who, reset) => write!(f, "the incident of reset {reset} is released, and {who} comes to it"),
            Self::Redeem(who, reset) => write!(f, "someone posts link {reset} and a password; {who} finds it alive"),
            Self::SignIn(who) => write!(f, "someone signs in; {who} finds the password right"),
            Self::Change(who, session) => write!(f, "the holder of session {session} changes the password at {who}"),
            Self::Cancel(who, reset) => write!(f, "an administrator cancels reset {reset} at {who}"),
            Self::Disable(who) => write!(f, "an administrator disables the user at {who}"),
            Self::Enable(who) => write!(f, "an administrator enables the user at {who}"),
            Self::Delete(who) => write!(f, "an administrator deletes the user at {who}"),
            Self::Revoke => f.write_str("an administrator revokes the credential"),
            Self::Write(who) => write!(f, "{who} runs the transaction that writes it"),
            Self::WriteOwed(who) => write!(f, "{who} writes what it left out of the transaction"),
            Self::Find(who, mail) => write!(f, "{who} finds mail {mail} due"),
            Self::Lease(who) => write!(f, "{who} leases it and makes the mail"),
            Self::Send(who, Reply::Takes) => write!(f, "the relay takes the mail of {who}"),
            Self::Send(who, Reply::RefusesForNow) => write!(f, "the relay refuses the mail of {who} for now"),
            Self::Send(who, Reply::Refuses) => write!(f, "the relay refuses the mail of {who} for good"),
            Self::Settle(who) => write!(f, "{who} writes the fate of its mail"),
            Self::Deliver(mail, Reply::Takes) => {
                write!(f, "mail {mail} is leased, made, taken by the relay and settled")
            }
            Self::Deliver(mail, _) => write!(f, "mail {mail} is leased, made, refused by the relay and settled"),
            Self::LeaseRunsOut(mail) => write!(f, "the time of mail {mail} comes"),
            Self::Expire(reset) => write!(f, "link {reset} grows too old"),
            Self::WindowEnds(reset) => write!(f, "the window for repeats of reset {reset} ends"),
            Self::RotateKey => f.write_str("the key of links is rotated"),
            Self::Crash(who) => write!(f, "{who} crashes; all that it held in memory is gone"),
            Self::Backup => f.write_str("a backup is taken"),
            Self::Restore => f.write_str("both processes end and the backup is restored"),
        }
    }
}
