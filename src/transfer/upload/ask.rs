//! What an upload is asked with, in its query: the options of an import, and how the file is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::Call;
use crate::terms::Word;
use crate::text::shown;
use crate::transfer::chosen::{Erased, Groups, Options, Part};
use crate::transfer::import::{self, BadHashes, Encoding, FastHashes, Hashes, RoleAt, Source};

/// How the files are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// The name of the source.
    pub(super) from: String,
    encoding: String,
    domain: Option<String>,
    /// Which role here stands for one of the source, as `NAMESPACE:ROLE`.
    roles: BTreeMap<String, String>,
    /// Which provider here stands for one of the source.
    providers: BTreeMap<String, String>,
    groups: Groups,
    is_tenant: bool,
    without_hashes: bool,
    /// Whether a row whose hash is not taken comes without a password, instead of being refused.
    invites_bad: bool,
    /// The same for hashes that are quick to guess, instead of laying them beneath Argon2id.
    invites_fast: bool,
}

impl Reading {
    /// As the options of the reader, at the moment at which the import was begun.
    pub(super) fn options(&self, began: Timestamp) -> import::Options {
        import::Options {
            encoding: Encoding::named(&self.encoding).unwrap_or_default(),
            domain: self.domain.clone(),
            roles: self.roles.iter().filter_map(|(name, role)| Some((name.clone(), role_at(role)?))).collect(),
            providers: self.providers.clone(),
            groups: self.groups.into(),
            hashes: if self.without_hashes { Hashes::Drop } else { Hashes::Take },
            bad_hashes: if self.invites_bad { BadHashes::Invite } else { BadHashes::Refuse },
            fast_hashes: if self.invites_fast { FastHashes::Invite } else { FastHashes::Wrap },
            is_tenant: self.is_tenant,
            ..import::Options::at(began)
        }
    }

    /// The source, which was known when the file was uploaded.
    pub(super) fn source(&self) -> Source {
        Source::named(&self.from).unwrap_or(Source::Tenantry)
    }

    #[cfg(test)]
    pub(super) fn plain(from: &str) -> Self {
        Self {
            from: from.into(),
            encoding: "utf-8".into(),
            domain: None,
            roles: BTreeMap::new(),
            providers: BTreeMap::new(),
            groups: Groups::Existing,
            is_tenant: false,
            without_hashes: false,
            invites_bad: false,
            invites_fast: false,
        }
    }
}

/// Reads what is asked.
///
/// # Errors
/// `Invalid`, by the name of the parameter.
pub(super) fn read(call: &Call) -> Result<(Reading, Options)> {
    let options = Options {
        groups: call.one_of("groups")?.unwrap_or_default(),
        update: update(call)?,
        tenant: call.flag("tenant")?,
        erased: call.one_of::<Erased>("erased")?.unwrap_or_default(),
    };
    let encoding = call.text("encoding").unwrap_or_else(|| "utf-8".into());
    if Encoding::named(&encoding).is_none() {
        return Err(Error::invalid("Field encoding must be utf-8, latin1 or windows-1252."));
    }
    let roles = named(call, "roles")?;
    if let Some((name, _)) = roles.iter().find(|(_, role)| role_at(role).is_none()) {
        return Err(Error::invalid(format!("Field roles must say NAMESPACE:ROLE for {}.", shown(name))));
    }
    let reading = Reading {
        from: source(call)?.word().into(),
        encoding,
        domain: call.text("domain"),
        roles,
        providers: named(call, "sso")?,
        groups: options.groups,
        is_tenant: options.tenant,
        without_hashes: call.flag("without_hashes")?,
        invites_bad: call.flag("bad_hash_invite")?,
        invites_fast: call.flag("fast_hash_invite")?,
    };
    Ok((reading, options))
}

/// What stands here for names of the source: `NAME=THIS`, with commas between them.
fn named(call: &Call, parameter: &str) -> Result<BTreeMap<String, String>> {
    let text = call.text(parameter).unwrap_or_default();
    let pair = |text: &str| match text.split_once('=') {
        Some((name, here)) if !name.is_empty() && !here.is_empty() => Ok((name.to_owned(), here.to_owned())),
        _ => Err(Error::invalid(format!(
            "Field {parameter} must be names with what stands for them here, as in a=b,c=d."
        ))),
    };
    text.split(',').filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn role_at(text: &str) -> Option<RoleAt> {
    let (namespace, role) =
        text.split_once(':').filter(|(namespace, role)| !namespace.is_empty() && !role.is_empty())?;
    Some(RoleAt { namespace: namespace.into(), role: role.into() })
}

fn source(call: &Call) -> Result<Source> {
    let names = || Source::ALL.map(Source::word).join(", ");
    let Some(from) = call.text("from") else { return Ok(Source::Tenantry) };
    Source::named(&from)
        .ok_or_else(|| Error::invalid(format!("Field from is {}, and none of {}.", shown(&from), names())))
}

/// The parts that are taken over, with commas between them.
fn update(call: &Call) -> Result<Vec<Part>> {
    let text = call.text("update").unwrap_or_default();
    let part = |word: &str| {
        let known = Part::ALL.iter().find(|part| part.word() == word.trim());
        known
            .copied()
            .ok_or_else(|| Error::invalid("Field update must be some of names, state, groups and roles, with commas."))
    };
    text.split(',').filter(|word| !word.trim().is_empty()).map(part).collect()
}
