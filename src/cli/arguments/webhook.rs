//! The verbs about webhooks.

use clap::{Args, Subcommand};

use super::Api;

/// `tenantry webhook …`
#[derive(Debug, Subcommand)]
pub enum Webhook {
    /// Add a webhook and print its secret, which is shown this once
    Add(WebhookAdd),
    /// List the webhooks
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show a webhook: whether it is on, and what waits
    Show(WebhookId),
    /// Give a webhook another name, address or choice of events
    Change(WebhookChange),
    /// List the events that were sent to a webhook, or wait, with the last answer
    Deliveries(WebhookDeliveries),
    /// Send a ping to a webhook now (exit code 1 if the receiver does not take it)
    Test(WebhookId),
    /// Give a webhook another secret and print it; the former one signs too for a day
    Rotate(WebhookId),
    /// Send an event once more, with the same id
    Resend(WebhookResend),
    /// Switch a webhook on again
    On(WebhookOn),
    /// Switch a webhook off; what happens meanwhile waits
    Off(WebhookId),
    /// Remove a webhook, with what waits
    Remove(WebhookId),
}

/// What a webhook is to be.
#[derive(Debug, Args)]
pub struct WebhookTerms {
    /// Where events are sent, such as https://hooks.example.com/tenantry
    #[arg(value_name = "URL")]
    pub to: String,
    /// What it is called [default: the host of the address]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Which events: reset.redeemed, reset.*, or * for all; may be repeated
    #[arg(long = "event", value_name = "EVENT", default_value = "*")]
    pub events: Vec<String>,
    /// An event for each user of an incident too, of which there may be many thousands
    #[arg(long)]
    pub people: bool,
}

/// `tenantry webhook add`
#[derive(Debug, Args)]
pub struct WebhookAdd {
    /// What it is to be.
    #[command(flatten)]
    pub terms: WebhookTerms,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry webhook change`
#[derive(Debug, Args)]
pub struct WebhookChange {
    /// The id of the webhook
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// What it is to be from now on.
    #[command(flatten)]
    pub terms: WebhookTerms,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry webhook deliveries`
#[derive(Debug, Args)]
pub struct WebhookDeliveries {
    /// The id of the webhook
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Only those in this state: waiting, delivered, failed
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry webhook resend`
#[derive(Debug, Args)]
pub struct WebhookResend {
    /// The id of the webhook
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// The id of the delivery
    #[arg(value_name = "DELIVERY")]
    pub delivery: uuid::Uuid,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry webhook on`
#[derive(Debug, Args)]
pub struct WebhookOn {
    /// The id of the webhook
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Begin with what happens from now on, and give up what waits; without it, go on from where it stood
    #[arg(long)]
    pub from_now: bool,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// A verb about one webhook.
#[derive(Debug, Args)]
pub struct WebhookId {
    /// The id of the webhook
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}
