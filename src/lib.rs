//! Tenantry: self-hosted, multi-tenant identity administration. Read the rooms in this order.

pub mod cli;
pub mod clock;
pub mod config;
pub mod error;
pub mod logs;
pub mod random;
pub mod secret;
