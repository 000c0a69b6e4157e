//! The verbs about mail.

use clap::{Args, Subcommand};

use super::Open;
use super::people::parse_email;

/// `tenantry mail …`
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// List mail that waits or was given up, with the relay's own words
    Queue(MailQueue),
    /// Try a mail at once, also one that was given up
    Retry(MailId),
    /// Give up a mail that waits
    Drop(MailId),
    /// List addresses to which mail is held back for a day, since the relay said that there is no such mailbox
    Refused {
        /// The tenant's name
        #[arg(value_name = "TENANT")]
        tenant: String,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Let mail go to an address again that the relay has refused
    Allow {
        /// The tenant's name
        #[arg(value_name = "TENANT")]
        tenant: String,
        /// The address
        #[arg(value_name = "EMAIL", value_parser = parse_email)]
        email: String,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Send a mail through the configured relay, and show what the relay says
    Test(MailTest),
}

/// `tenantry mail queue`
#[derive(Debug, Args)]
pub struct MailQueue {
    /// Only mail of this tenant
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Where the store is.
    #[command(flatten)]
    pub open: Open,
}

/// One mail that was not sent.
#[derive(Debug, Args)]
pub struct MailId {
    /// The tenant's name, as `mail queue` shows it
    #[arg(value_name = "TENANT")]
    pub tenant: String,
    /// The mail's id
    #[arg(value_name = "ID")]
    pub id: String,
    /// Where the store is.
    #[command(flatten)]
    pub open: Open,
}

/// `tenantry mail test`
#[derive(Debug, Args)]
pub struct MailTest {
    /// Who gets it
    #[arg(long, value_name = "ADDRESS", value_parser = parse_email)]
    pub to: String,
    /// Where the settings of the relay are.
    #[command(flatten)]
    pub open: Open,
}
