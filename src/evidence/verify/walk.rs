//! Along the lines of a file.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::Totals;
use super::super::heads::Heads;
use super::super::lines::{ActLine, Closing, Emails, Header, LinkLine, SharedLine, TotalsLine};
use super::super::record::{Said, Shared};
use super::super::records::{Fault, Records};
use super::super::running::Running;
use super::super::said::counted;
use super::kind::Kind;
use super::{Given, NotSound, Sound};
use crate::audit::{Record, link_hash, unpack};
use crate::error::Result;
use crate::identity::TenantId;
use crate::signing::note::{self, NotSigned};
use crate::signing::{VerifierKey, name_under};

pub(super) type Checked<T> = std::result::Result<T, NotSound>;

/// What is known behind the lines that have come.
pub(super) struct Walk<'g> {
    given: &'g Given,
    running: Running,
    before: Option<Kind>,
    pub(super) header: Option<Header>,
    keys: Vec<VerifierKey>,
    heads: Heads,
    pub(super) shared: Option<Shared>,
    records: Records,
    pub(super) totals: Totals,
    /// Code apps that were taken away, as the record of the end counts them.
    code_apps: i64,
    /// The first link's number, the last one's and its hash.
    links: Option<(i64, i64, [u8; 32])>,
    signed_by: Option<VerifierKey>,
}

impl<'g> Walk<'g> {
    pub(super) fn new(given: &'g Given) -> Self {
        Self {
            given,
            running: Running::default(),
            before: None,
            header: None,
            keys: given.keys.clone(),
            heads: Heads::default(),
            shared: None,
            records: Records::default(),
            totals: Totals::default(),
            code_apps: 0,
            links: None,
            signed_by: None,
        }
    }

    /// Takes a line with its end.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Checked<()>> {
        let text = std::str::from_utf8(line).ok().and_then(|text| text.strip_suffix('\n'));
        let Some(text) = text else { return Ok(Err(self.not_as_written(&String::from_utf8_lossy(line)))) };
        if self.before == Some(Kind::Closing) {
            return Ok(Err(NotSound(format!("line {} stands behind the last one", counted(self.number() + 1)))));
        }
        if Kind::of(text) == Some(Kind::Closing) && Kind::Closing.may_follow(self.before) {
            self.before = Some(Kind::Closing);
            return Ok(self.closing(text));
        }
        let Some(body) = self.running.read(text) else { return Ok(Err(self.not_as_written(text))) };
        match Kind::of(&body).filter(|kind| kind.may_follow(self.before)) {
            Some(Kind::Header) => self.take_header(&body),
            Some(kind) => Ok(self.take(kind, &body)),
            None => Ok(Err(self.fault("does not belong at its place"))),
        }
    }

    /// The number of the line that has come.
    fn number(&self) -> u64 {
        self.running.lines()
    }

    pub(super) fn fault(&self, what: &str) -> NotSound {
        NotSound(format!("line {} {what}", counted(self.number())))
    }

    /// The line that comes next, which has another check value than it must have.
    fn not_as_written(&self, text: &str) -> NotSound {
        let said: Option<Value> = serde_json::from_str(text).ok();
        let email = said.as_ref().and_then(|said| said["email"].as_str()).map(|email| format!(" ({email})"));
        NotSound(format!("line {}{} is not as it was written", counted(self.number() + 1), email.unwrap_or_default()))
    }

    fn take_header(&mut self, body: &str) -> Result<Checked<()>> {
        self.before = Some(Kind::Header);
        let header: Header = match self.parse(body) {
            Ok(header) => header,
            Err(fault) => return Ok(Err(fault)),
        };
        if header.evidence != 1 {
            return Ok(Err(NotSound(format!("this file is of version {}, which is not known here", header.evidence))));
        }
        if self.keys.is_empty() {
            let Ok(key) = VerifierKey::parse(&header.key) else { return Ok(Err(self.fault("tells no key"))) };
            self.keys.push(key);
        }
        self.heads = Heads::read(&self.given.heads, &self.keys, &header)?;
        self.header = Some(header);
        Ok(Ok(()))
    }

    fn parse<T: DeserializeOwned>(&self, body: &str) -> Checked<T> {
        serde_json::from_str(body).map_err(|cause| self.fault(&format!("cannot be read: {cause}")))
    }

    fn take(&mut self, kind: Kind, body: &str) -> Checked<()> {
        self.before = Some(kind);
        match kind {
            Kind::Act => {
                let ActLine { act } = self.parse(body)?;
                self.code_apps = self.code_apps.max(counted_apps(&act));
                let record = act.record(None, None);
                self.add(&act, record.as_ref())
            }
            Kind::Shared => {
                self.shared = Some(self.parse::<SharedLine>(body)?.shared);
                Ok(())
            }
            Kind::User => self.user(&self.parse(body)?),
            Kind::Totals => {
                let TotalsLine { totals } = self.parse(body)?;
                if totals != self.totals {
                    return Err(self.fault("does not tell what the lines before it come to"));
                }
                if totals.code_apps < self.code_apps {
                    return Err(self.fault(&format!(
                        "tells {} code apps that were taken away, and the record of the end counts {}",
                        totals.code_apps, self.code_apps
                    )));
                }
                self.records.order().map_err(|fault| said_of(fault, None))
            }
            Kind::Link => self.link(&self.parse(body)?),
            Kind::Header | Kind::Closing => Err(self.fault("does not belong at its place")),
        }
    }

    /// Whether addresses are told as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.header.as_ref().is_some_and(|header| header.emails == Emails::Plain)
    }

    /// Adds a record. In a file that tells addresses as they are, each can be reckoned unless it was rewritten.
    pub(super) fn add(&mut self, said: &Said, record: Option<&Record>) -> Checked<()> {
        let Some(header) = &self.header else { return Err(self.fault("stands before the first")) };
        let is_plain = self.is_plain();
        let record = record.filter(|_| is_plain);
        let tenant = TenantId(header.tenant_id);
        if (is_plain && record.is_none()) || !self.records.add(tenant, said, record, self.running.lines()) {
            return Err(self.fault("does not tell all of a record"));
        }
        Ok(())
    }

    fn link(&mut self, line: &LinkLine) -> Checked<()> {
        let (link, tenant) = (line.read(), self.header.as_ref().map(|header| TenantId(header.tenant_id)));
        let (Some(link), Some(tenant)) = (link, tenant) else { return Err(self.fault("cannot be read")) };
        let listed = unpack(&link.entries).filter(|listed| i64::try_from(listed.len()) == Ok(link.records));
        let Some(listed) = listed else { return Err(self.fault("is not a link")) };
        match (self.links, <[u8; 32]>::try_from(link.previous.as_slice())) {
            (Some((_, last, hash)), Ok(previous)) if last + 1 != link.number || previous != hash => {
                return Err(self.fault(&format!("is not the link behind link {last}")));
            }
            (None, Ok(previous)) => self.heads.hold_against(link.number - 1, &previous).map_err(NotSound)?,
            (Some(_), Ok(_)) => {}
            (_, Err(_)) => return Err(self.fault("is not a link")),
        }
        let hash = link_hash(tenant, &link);
        self.heads.hold_against(link.number, &hash).map_err(NotSound)?;
        self.links = Some((self.links.map_or(link.number, |(first, ..)| first), link.number, hash));
        self.records.hold_against(&listed).map_err(|fault| said_of(fault, Some(link.number)))
    }

    fn closing(&mut self, text: &str) -> Checked<()> {
        let line = self.number() + 1;
        let broken = || NotSound(format!("line {}, the last one, is not as it was written", counted(line)));
        let closing: Closing = serde_json::from_str(text).map_err(|_| broken())?;
        // Spelt otherwise it would be the same to a reader, and not to a stranger's program.
        if serde_json::to_string(&closing).ok().as_deref() != Some(text) || closing.lines != self.number() {
            return Err(broken());
        }
        self.records.are_found().map_err(|fault| said_of(fault, None))?;
        let (Some(header), Some((_, number, hash))) = (&self.header, self.links) else { return Err(broken()) };
        let (signed, by) = note::open(&closing.note, &self.keys).map_err(|why| match why {
            NotSigned::ByAnother => NotSound(self.signed_by_another(line)),
            NotSigned::Malformed | NotSigned::Wrong => broken(),
        })?;
        let name = name_under(&header.installation);
        let meant = format!("{name}/{}/evidence\n{}", header.tenant, self.running.signed(number, &hash));
        if signed != meant || by.name() != name {
            return Err(NotSound(format!("what line {} signs is not this file", counted(line))));
        }
        self.signed_by = Some(by.clone());
        Ok(())
    }

    fn signed_by_another(&self, line: u64) -> String {
        match self.given.keys.len() {
            0 => format!("line {}, the last one, is not signed by the key that the file names", counted(line)),
            1 => format!("line {}, the last one, is not signed by this key", counted(line)),
            _ => format!("line {}, the last one, is not signed by any of these keys", counted(line)),
        }
    }

    /// What is proved, once there are no more lines.
    pub(super) fn end(self) -> Checked<Sound> {
        let (Some(header), Some((first, last, head)), Some(signed_by)) = (self.header, self.links, self.signed_by)
        else {
            let line = counted(self.running.lines() + 1);
            return Err(NotSound(format!("it ends before its last line: line {line} is missing")));
        };
        Ok(Sound {
            header,
            totals: self.totals,
            records: self.records.count() as u64,
            erased: self.records.erased,
            links: (first, last),
            head,
            heads_agree: self.heads.agree,
            heads: self.heads.count,
            signed_by,
            is_key_given: !self.given.keys.is_empty(),
        })
    }
}

/// The code apps that were taken away, as the record of an end counts them.
fn counted_apps(act: &Said) -> i64 {
    act.fact("ended").and_then(|ended| ended["factors"].as_i64()).unwrap_or_default()
}

fn said_of(fault: Fault, link: Option<i64>) -> NotSound {
    let link = link.map_or_else(String::new, |number| format!(" in link {number}"));
    NotSound(match fault {
        Fault::Differs(id, line) => {
            format!("the record {} of line {} is not the one{link}", id.simple(), counted(line.into()))
        }
        Fault::Missing(id, line) => {
            format!("the record {} of line {} stands in no link of this file", id.simple(), counted(line.into()))
        }
        Fault::Twice(id, line) => format!("line {} tells the record {} once more", counted(line.into()), id.simple()),
    })
}
