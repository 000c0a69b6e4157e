//! Tenantry: self-hosted, multi-tenant identity administration. Read the rooms in this order.

pub mod letters;
pub mod operations;

pub mod reset;

pub mod account;
pub mod addresses;
pub mod backup;
pub mod bulk;
pub mod compatibility;
pub mod contacts;
pub mod credentials;
pub mod factors;
pub mod groups;
pub mod heads;
pub mod incidents;
pub mod mail_texts;
pub mod mails;
pub mod namespaces;
pub mod operator;
pub mod person;
pub mod roles;
pub mod sessions;
pub mod sign_in;
pub mod signing;
pub mod tenant_settings;
pub mod tenants;
pub mod transfer;
pub mod user_settings;
pub mod users;
pub mod webhooks;

pub mod audit;
pub mod devices;
pub mod evidence;
pub mod passwords;
pub mod people;

pub mod access;
pub mod act;
pub mod authority;
pub mod giving;
pub mod identity;
pub mod notices;
pub mod objects;
pub mod views;

pub mod app;
pub mod cli;
pub mod contract;
pub mod dev;
pub mod gate;
pub mod hex;
pub mod house;
pub mod housekeeping;
pub mod status;

pub mod address;
pub mod clock;
pub mod config;
pub mod error;
pub mod fair_queue;
pub mod guesses;
pub mod http;
pub mod ids;
pub mod keys;
pub mod language;
pub mod logs;
pub mod lost_history;
pub mod mail;
pub mod names;
pub mod network;
pub mod outbound;
pub mod pages;
pub mod private;
pub mod random;
pub mod seal;
pub mod secret;
pub mod sent_picture;
pub mod store;
pub mod stride;
pub mod terms;
pub mod text;
pub mod tls;
pub mod whole;
pub mod words;
