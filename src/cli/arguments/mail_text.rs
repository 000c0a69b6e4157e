//! The verbs about the words of a tenant's mails.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Api;

/// `tenantry mail-text …`
#[derive(Debug, Subcommand)]
pub enum MailText {
    /// List the kinds of mail, when each is sent, and in which languages your tenant has its own words
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show the words of one kind of mail in one language; `--json` has the shipped ones too
    Show(TextOf),
    /// Choose the words of one kind of mail in one language; they count from the next mail
    Set(TextSet),
    /// Return to the shipped words
    Remove(TextOf),
    /// Show a mail as it would be read, with facts that are made up; nothing is changed or sent
    Preview(TextTried),
    /// Send yourself such a mail, with facts that are made up and a link that opens nothing
    Test(TextTried),
}

/// One kind of mail in one language.
#[derive(Debug, Args)]
pub struct TextOf {
    /// The kind, such as reset.administrator
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// The language: en, de, fr or ja
    #[arg(value_name = "LANGUAGE")]
    pub language: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry mail-text set`
#[derive(Debug, Args)]
pub struct TextSet {
    /// Which mail.
    #[command(flatten)]
    pub of: TextOf,
    /// A JSON file with subject, paragraphs, `link_label`, `code_label` and footer
    #[arg(long, value_name = "FILE")]
    pub words: PathBuf,
}

/// `tenantry mail-text preview` and `test`
#[derive(Debug, Args)]
pub struct TextTried {
    /// Which mail.
    #[command(flatten)]
    pub of: TextOf,
    /// Such a file; without it the words that count now
    #[arg(long, value_name = "FILE")]
    pub words: Option<PathBuf>,
}
