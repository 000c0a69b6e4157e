//! Tenantry: self-hosted, multi-tenant identity administration. Read the rooms in this order.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod error;
pub mod http;
pub mod identity;
pub mod language;
pub mod logs;
pub mod mail;
pub mod pages;
pub mod passwords;
pub mod random;
pub mod rights;
pub mod secret;
pub mod sessions;
pub mod sign_in;
pub mod store;
pub mod tenants;
pub mod users;
