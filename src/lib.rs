//! Tenantry: self-hosted, multi-tenant identity administration. Read the rooms in this order.

pub mod clock;
pub mod error;
pub mod language;
pub mod mail;
pub mod random;
pub mod secret;
