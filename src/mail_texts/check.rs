//! What a chosen text must be. Pure. Control characters, line ends and characters that turn the direction of text are
//! refused before, at the door.

use super::plain::{self, NotPlain};
use crate::error::{Error, Result};
use crate::mail::letter::{CODE, LINK, Piece, Wording, is_only, pieces};
use crate::mails::KindOfMail;
use crate::text;

/// Longest subject, in characters: what mail programs show, with room for what is put in.
const SUBJECT_MAX: usize = 120;
/// Longest label of a button, in characters.
const LINK_LABEL_MAX: usize = 60;
/// Longest line before the code, in characters.
const CODE_LABEL_MAX: usize = 200;
/// Most paragraphs.
const PARAGRAPHS_MAX: usize = 20;
/// Longest paragraph, in characters.
const PARAGRAPH_MAX: usize = 1_000;

/// Refuses a text that a mail of this kind cannot have.
///
/// # Errors
/// `Invalid`, with the name of the field and what to do.
pub(super) fn check(kind: &KindOfMail, words: &Wording) -> Result<()> {
    let Wording { subject, paragraphs, link_label, code_label, footer } = words;
    if !(1..=PARAGRAPHS_MAX).contains(&paragraphs.len()) {
        let sentence = format!("Field paragraphs must have from 1 to {PARAGRAPHS_MAX} paragraphs.");
        return Err(Error::invalid(sentence));
    }
    needs_text("subject", subject)?;
    check_line(kind, "subject", subject, SUBJECT_MAX)?;
    for (nth, paragraph) in paragraphs.iter().enumerate() {
        let field = format!("paragraphs[{nth}]");
        needs_text(&field, paragraph)?;
        check_text(kind, &field, paragraph, PARAGRAPH_MAX)?;
    }
    check_line(kind, "footer", footer, PARAGRAPH_MAX)?;
    check_label(kind, LINK, ("link_label", link_label, LINK_LABEL_MAX))?;
    check_label(kind, CODE, ("code_label", code_label, CODE_LABEL_MAX))?;
    kind.holes.iter().filter(|hole| hole.is_needed).try_for_each(|hole| stands_once(hole.name, paragraphs))
}

fn needs_text(field: &str, text: &str) -> Result<()> {
    match text.trim().is_empty() {
        true => Err(Error::invalid(format!("Field {field} is empty: write its words."))),
        false => Ok(()),
    }
}

/// The label of what the mail has, and none of what it does not have: it would be said nowhere.
fn check_label(kind: &KindOfMail, hole: &str, (field, label, most): (&str, &str, usize)) -> Result<()> {
    if kind.holes.iter().any(|known| known.name == hole) {
        needs_text(field, label)?;
    } else if !label.is_empty() {
        return Err(Error::invalid(format!("Field {field} must be empty: this mail has no {hole}.")));
    }
    check_line(kind, field, label, most)
}

/// A text outside the paragraphs, where the link and the code have no place: subjects are shown and kept in many places.
fn check_line(kind: &KindOfMail, field: &str, text: &str, most: usize) -> Result<()> {
    check_text(kind, field, text, most)?;
    match [LINK, CODE].into_iter().find(|hole| pieces(text).contains(&Piece::Hole(hole))) {
        Some(hole) => Err(Error::invalid(format!(
            "Field {field} must not have {{{hole}}}. Make it a paragraph of its own, in paragraphs."
        ))),
        None => Ok(()),
    }
}

fn check_text(kind: &KindOfMail, field: &str, text: &str, most: usize) -> Result<()> {
    if text.chars().count() > most {
        return Err(Error::invalid(format!("Field {field} is longer than {most} characters.")));
    }
    for piece in pieces(text) {
        match piece {
            Piece::Says(_) => {}
            Piece::Hole(name) => knows(kind, field, name)?,
            Piece::Brace(brace) => {
                let sentence =
                    format!("Field {field} has a {brace} of its own: braces stand only around the name of a hole.");
                return Err(Error::invalid(sentence));
            }
        }
    }
    match plain::find(text) {
        None => Ok(()),
        Some(NotPlain::Markup(tag)) => Err(Error::invalid(format!(
            "Field {field} has the tag {}. Mails are plain text: take it out.",
            text::shown(tag)
        ))),
        Some(NotPlain::Address(address)) => Err(Error::invalid(format!(
            "Field {field} has the address {}. The only link in a mail is its own: take it out, or write {{contact}} for the \
             tenant's contact.",
            text::shown(address)
        ))),
    }
}

fn knows(kind: &KindOfMail, field: &str, name: &str) -> Result<()> {
    let names = || kind.holes.iter().map(|hole| hole.name);
    if names().any(|known| known == name) {
        return Ok(());
    }
    let advice = match text::nearest(name, names()) {
        Some(near) => format!("Did you mean {{{near}}}?"),
        None => format!("This mail has {}.", names().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ")),
    };
    Err(Error::invalid(format!(
        "Field {field} has the hole {{{}}}, which this mail does not have. {advice}",
        text::shown(name)
    )))
}

/// A hole that the mail needs stands once in the paragraphs; link and code have their paragraph for themselves.
fn stands_once(hole: &str, paragraphs: &[String]) -> Result<()> {
    let with = |paragraph: &&String| pieces(paragraph).contains(&Piece::Hole(hole));
    let found: Vec<_> = paragraphs.iter().filter(with).collect();
    let is_own = [LINK, CODE].contains(&hole);
    match found[..] {
        [paragraph] if !is_own || is_only(paragraph, hole) => Ok(()),
        [_] => Err(Error::invalid(format!("Field paragraphs must have {{{hole}}} as a paragraph of its own."))),
        [] => Err(Error::invalid(format!("Field paragraphs lacks {{{hole}}}: without it the mail fails its purpose."))),
        _ => Err(Error::invalid(format!("Field paragraphs has {{{hole}}} more than once."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::{notices, reset};

    fn refusal(change: impl FnOnce(&mut Wording)) -> String {
        let kind = reset::WORDED_LINKS[0];
        let mut words = (kind.shipped)(Language::English);
        change(&mut words);
        check(&kind, &words).unwrap_err().message
    }

    #[test]
    fn each_part_is_refused_by_its_name() {
        for (sentence, refused) in [
            ("Field subject is empty", refusal(|words| words.subject = " ".into())),
            ("Field subject is longer than 120", refusal(|words| words.subject = "あ".repeat(121))),
            ("Field subject must not have {link}", refusal(|words| words.subject += "{link}")),
            ("Field footer must not have {code}", refusal(|words| words.footer += " {code}")),
            ("Field paragraphs must have from 1", refusal(|words| words.paragraphs.clear())),
            ("Field paragraphs must have from 1", refusal(|words| words.paragraphs = vec!["a".into(); 21])),
            ("Field paragraphs[1] is longer than 1000", refusal(|words| words.paragraphs[1] = "x".repeat(100_000))),
            ("Field paragraphs[0] is empty", refusal(|words| words.paragraphs[0] = String::new())),
            ("Field paragraphs[0] has a } of its own", refusal(|words| words.paragraphs[0] = "a } b".into())),
            ("Field paragraphs[0] has the tag <b>", refusal(|words| words.paragraphs[0] = "a <b>b</b>".into())),
            ("Field footer has the address evil.example", refusal(|words| words.footer = "At evil.example".into())),
            ("Field link_label is empty", refusal(|words| words.link_label.clear())),
            ("Field link_label is longer than 60", refusal(|words| words.link_label = "x".repeat(61))),
            ("Field code_label is empty", refusal(|words| words.code_label.clear())),
            ("Did you mean {tenant}?", refusal(|words| words.footer = "{tennant}".into())),
            ("This mail has {greeting}, {name}, ", refusal(|words| words.footer = "{something_else}".into())),
        ] {
            assert!(refused.contains(sentence), "{sentence:?}: {refused}");
        }
    }

    #[test]
    fn a_needed_hole_stands_once_and_alone() {
        let paragraphs = |replace: fn(&mut Vec<String>)| refusal(|words| replace(&mut words.paragraphs));
        assert!(paragraphs(|all| all.retain(|one| one != "{link}")).contains("lacks {link}"));
        assert!(paragraphs(|all| all.retain(|one| one != "{code}")).contains("lacks {code}"));
        assert!(paragraphs(|all| all.push("{link}".into())).contains("{link} more than once"));
        let joined = paragraphs(|all| all.iter_mut().filter(|one| *one == "{link}").for_each(|one| one.push_str(" !")));
        assert!(joined.contains("{link} as a paragraph of its own"), "{joined}");
    }

    #[test]
    fn a_mail_without_a_link_has_no_label_for_one() {
        let kind = notices::WORDED;
        let words = Wording { link_label: "Click".into(), ..(kind.shipped)(Language::English) };
        let refused = check(&kind, &words).unwrap_err().message;
        assert_eq!(refused, "Field link_label must be empty: this mail has no link.");
    }
}
