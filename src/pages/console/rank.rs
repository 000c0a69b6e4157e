//! Who may reset whom: a matrix of roles, and one pair explained.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::parts::{Pager, crumbs, curl, foot, icon};
use super::shell::{Desk, Place, document};

/// Whether one may reset another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They may.
    Yes,
    /// They lack no right of the other, but may reset nobody.
    ResetsNobody,
    /// They lack these API groups, which the other has.
    Lacks(Vec<&'static str>),
}

/// A role against all others.
#[derive(Debug, Clone)]
pub struct Row {
    /// The role.
    pub role: String,
    /// Whether nobody can be reset with it.
    pub resets_nobody: bool,
    /// One for each role, in the order of the rows.
    pub verdicts: Vec<Verdict>,
}

/// The pair that was asked about.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The role of the one.
    pub who: &'a str,
    /// The role of the other.
    pub whom: &'a str,
    /// What holds for them.
    pub verdict: Option<&'a Verdict>,
    /// Whether one of them is no role.
    pub is_unknown: bool,
}

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Rank<'a> {
    /// The pair that was asked about.
    pub pair: Pair<'a>,
    /// The matrix.
    pub rows: &'a [Row],
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/roles/rank`.
pub fn page(desk: &Desk, rank: &Rank) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Roles.path(), words.roles())]))
            div class="title" { h1 { (words.title()) } }
            p { (words.rank_follows()) }
        }
        (pair(words, rank))
        section aria-labelledby="mx" {
            div class="part slim" { div class="between" { h2 #mx { (words.role_against_role()) } p class="hint" { (words.each_in_system()) } } }
            (matrix(words, rank.rows))
        }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, rank.url))
    };
    document(desk, words.title(), &body)
}

fn pair(words: Words, rank: &Rank) -> Markup {
    let Pair { who, whom, verdict, is_unknown } = rank.pair;
    html! {
        section class="part" aria-labelledby="pair" {
            h2 #pair { (words.ask_about_two()) }
            form class="row" method="get" action={ (Place::Roles.path()) "/rank" } role="search" aria-label=(words.ask_about_two()) {
                @for (name, label, value) in [("who", words.someone_with(), who), ("whom", words.resets_someone_with(), whom)] {
                    div class="field" {
                        label for=(name) { (label) }
                        input id=(name) type="text" name=(name) value=(value) list="roles" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="80";
                    }
                }
                datalist #roles { @for row in rank.rows { option value=(row.role) {} } }
                button class="button" type="submit" { (words.ask()) }
            }
            @if is_unknown { div class="notice wait" role="status" { (icon("cross")) div { h2 { (words.no_such_role()) } } } }
            @if let Some(verdict) = verdict { (explained(words, verdict)) }
        }
    }
}

fn explained(words: Words, verdict: &Verdict) -> Markup {
    let (class, mark, title) = match verdict {
        Verdict::Yes => ("notice good", "tick", words.yes_no_right_is_missing()),
        Verdict::ResetsNobody => ("notice plain", "cross", words.no_resets_nobody()),
        Verdict::Lacks(_) => ("notice plain", "cross", words.no_rights_are_missing()),
    };
    html! {
        div class=(class) role="status" {
            (icon(mark))
            div {
                h2 { (title) }
                @if let Verdict::Lacks(groups) = verdict { ul class="small" { @for group in groups { li { code { (group) } } } } }
            }
        }
    }
}

fn matrix(words: Words, rows: &[Row]) -> Markup {
    html! {
        section class="scroll" tabindex="0" aria-label=(words.the_matrix()) {
            table class="matrix" {
                thead { tr { th scope="col" { (words.someone_resets()) } @for row in rows { th scope="col" { bdi { (row.role) } } } } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" {
                                bdi { (row.role) }
                                @if row.resets_nobody { p class="hint" { (words.resets_nobody()) } }
                            }
                            @for verdict in &row.verdicts { (cell(words, row, verdict)) }
                        }
                    }
                }
            }
        }
    }
}

fn cell(words: Words, row: &Row, verdict: &Verdict) -> Markup {
    html! {
        @match verdict {
            Verdict::Yes => td class="yes" { span class="mark" { (icon("tick")) (words.yes()) } },
            Verdict::Lacks(groups) if !row.resets_nobody => td class="no" { (words.no()) @for group in groups { p { (group.trim_start_matches("ves-io-")) } } },
            _ => td class="no" { (words.plain_no()) },
        }
    }
}
