//! Moving in: people, groups and roles from files that another product, a spreadsheet or another Tenantry has written.

pub mod import;
