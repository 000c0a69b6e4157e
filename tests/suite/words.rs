//! What Tenantry says to people, in every language: a file for each language for those who translate, and no page that
//! says a word of another language.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use tenantry::error::{Error, Kind, Told};
use tenantry::language::Language;
use tenantry::pages::{Site, error, signin, told};
use tenantry::words::{Line, Part};
use tenantry::{letters, pages, passwords};

use crate::pages::every_page;
use crate::rig::{Answered, Rig};
use crate::sweeps::{furnish, table};
use crate::tidy::product;

/// The languages that pages have beside English.
pub const OTHERS: [Language; 3] = [Language::German, Language::French, Language::Japanese];

/// What pages say.
fn of_pages() -> Vec<Part> {
    [pages::WORDS, &[passwords::Words::PART]].concat()
}

/// Everything that is said.
fn all() -> Vec<Part> {
    [of_pages(), letters::WORDS.to_vec()].concat()
}

/// The source that declares these words.
fn source(part: &Part) -> String {
    format!("{}.rs", part.module.replacen("tenantry", "src", 1).replace("::", "/"))
}

fn lines(parts: Vec<Part>) -> impl Iterator<Item = (String, Line)> {
    parts
        .into_iter()
        .flat_map(|part| part.lines.iter().map(move |line| (format!("{} {}", source(&part), line.name), *line)))
}

fn wordings(line: &Line, language: Language) -> &'static [&'static str] {
    let nth = Language::ALL.iter().position(|one| *one == language).unwrap();
    line.wordings[nth]
}

/// The file for those who translate into this language.
fn printed(language: Language) -> String {
    let mut text = String::new();
    for part in all() {
        let gap = if text.is_empty() { "" } else { "\n" };
        writeln!(text, "{gap}{}", source(&part)).unwrap();
        for line in part.lines {
            let names: &[&str] = match wordings(line, language) {
                [_] => &[""],
                _ => &[", for one", ", for several"],
            };
            for (name, wording) in names.iter().zip(wordings(line, language)) {
                writeln!(text, "  {}{name}: {}", line.name, wording.replace('\n', "\\n")).unwrap();
            }
        }
    }
    text
}

#[test]
fn those_who_translate_find_every_text_in_one_file_for_each_language() {
    let mut written = Vec::new();
    for language in Language::ALL {
        let path = format!("docs/words/{}.txt", language.tag());
        let (file, now) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(&path), printed(language));
        if std::fs::read_to_string(&file).ok().as_ref() != Some(&now) {
            std::fs::write(file, now).unwrap();
            written.push(path);
        }
    }
    assert_eq!(
        written, [""; 0],
        "these differed from the sources and were written anew: look at them, and commit them"
    );
}

#[test]
fn every_source_with_words_is_in_the_list() {
    let listed: BTreeSet<_> = all().iter().map(source).collect();
    let sources: BTreeSet<_> =
        product().filter(|(_, code)| code.contains("\nwords! {")).map(|(path, _)| path.display().to_string()).collect();
    assert_eq!(sources, listed, "a page is listed in src/pages/mod.rs, a mail in src/letters.rs");
}

/// The names of what is put into a text.
fn holes(wordings: &[&str]) -> BTreeSet<String> {
    let each = wordings.iter().flat_map(|wording| wording.split('{').skip(1));
    each.map(|rest| rest.split('}').next().unwrap().to_owned()).collect()
}

#[test]
fn every_text_says_the_same_in_every_language_as_far_as_a_program_can_tell() {
    let strength = lines(of_pages()).filter(|(name, _)| name.ends_with("password/words.rs levels"));
    let levels = strength.flat_map(|(_, line)| Language::ALL.map(|language| wordings(&line, language)[0]));
    assert_eq!(levels.map(|levels| levels.split('|').count()).collect::<Vec<_>>(), [5; 4]);
    for (name, line) in lines(all()) {
        let english = wordings(&line, Language::English);
        for language in Language::ALL {
            let own = wordings(&line, language);
            assert_eq!(holes(own), holes(english), "{name} in {language:?}");
            for wording in own {
                assert!(!wording.is_empty() && wording.trim() == *wording, "{name} in {language:?}: {wording:?}");
                let is_sentence = wording.split_whitespace().count() > 2;
                let is_copied = language != Language::English && english.contains(wording);
                assert!(!(is_sentence && is_copied), "{name} is English in {language:?}");
            }
        }
    }
}

/// Whether a text is this wording with something in each of its holes.
fn fits(wording: &str, text: &str) -> bool {
    let mut fixed = wording.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, fixed)| fixed));
    let Some(mut rest) = text.strip_prefix(fixed.next().unwrap_or_default()) else { return false };
    let mut ends_open = false;
    for piece in fixed {
        let Some(at) = rest.find(piece) else { return false };
        ends_open = piece.is_empty();
        rest = &rest[at + piece.len()..];
    }
    ends_open || rest.is_empty()
}

/// What a page shows or has read out that is neither said in this language nor among `given`, which is what people and
/// programs are called.
pub fn foreign(language: Language, page: &str, given: &[&str]) -> Vec<String> {
    let known = lines(of_pages()).flat_map(|(_, line)| wordings(&line, language)).collect::<Vec<_>>();
    let is_known = |text: &str| known.iter().any(|wording| fits(wording, text));
    let is_given = |text: &str| {
        let is_address = text.contains('@') && !text.contains(' ');
        let is_name = given.contains(&text) || is_address || text.starts_with("ves-io-");
        let is_id = text.contains(|letter: char| letter.is_ascii_digit())
            && text.chars().all(|letter| letter.is_ascii_hexdigit() || "-.:".contains(letter));
        let is_time = text.ends_with(" UTC") && text.starts_with("20");
        is_name || is_id || is_time || !text.chars().any(char::is_alphabetic)
    };
    let is_fit = |text: &str| is_known(text) || is_given(text);
    let shown = shown(page).into_iter().map(|text| text.trim_start_matches('←').trim().to_owned());
    // The title names page and tenant, a button its field.
    let of_parts = |text: &str| [" · ", ": "].iter().any(|between| text.split(between).all(is_fit));
    shown.filter(|text| !is_fit(text) && !of_parts(text)).collect()
}

/// The attributes that people read or hear.
const READ_OUT: &str =
    "aria-label data-title data-label data-busy data-show data-hide data-of data-met data-levels title";

/// Every text between two tags, and every attribute that is read out.
fn shown(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        found.push(text.to_owned());
        for name in READ_OUT.split(' ') {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            found.extend(value.map(str::to_owned));
        }
    }
    let plain = |text: String| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        text.trim().to_owned()
    };
    found.into_iter().map(plain).filter(|text| !text.is_empty()).collect()
}

#[test]
fn a_page_is_searched_for_words_of_another_language() {
    let page =
        "<!DOCTYPE html><title>Anmelden · Corp</title><p aria-label=\"Show: Passwort\">Use at least 15 characters.</p>";
    let found = foreign(Language::German, page, &["Corp"]);
    assert_eq!(found, ["Use at least 15 characters.", "Show: Passwort"]);
    assert_eq!(foreign(Language::German, "<p>Verwenden Sie mindestens 15 Zeichen.", &[]), [""; 0]);
}

#[test]
fn every_page_says_only_what_is_said_in_its_language() {
    for language in Language::ALL {
        for (name, page) in every_page(language, "Example Corp") {
            let found = foreign(language, &page, &["Example Corp", "Example Corp 12", "E", "javascript:Example Corp"]);
            assert_eq!(found, [""; 0], "{name} in {language:?}");
        }
    }
}

const KINDS: [Kind; 14] = [
    Kind::Invalid,
    Kind::Refused,
    Kind::TooLarge,
    Kind::Unauthenticated,
    Kind::Forbidden,
    Kind::NotFound,
    Kind::Duplicate,
    Kind::Conflict,
    Kind::TooMany { retry_after_seconds: 1 },
    Kind::NotImplemented,
    Kind::Unavailable { retry_after_seconds: 1 },
    Kind::Timeout,
    Kind::Outdated,
    Kind::Internal,
];

#[test]
fn an_error_of_every_kind_is_told_in_the_language_of_the_page() {
    for language in OTHERS {
        let site = Site { language, tenant: "Example Corp", logo_url: None, colour: None, has_accounts: true };
        for told in Told::ALL.into_iter().map(Some).chain([None]) {
            for kind in KINDS {
                let raised = Error { told, ..Error::new(kind, "Something is wrong with your request.") };
                let sentence = told::sentence(&raised, language);
                assert_eq!(sentence.is_some(), told.is_some(), "{raised:?}");
                let page = error::page(&site, (400, kind), sentence.as_deref(), "0196");
                let form = signin::page(&site, "", &[told::problem(&raised, language)]);
                for page in [page, form] {
                    let found = foreign(language, &page.into_string(), &["Example Corp", "E"]);
                    assert_eq!(found, [""; 0], "{language:?} {raised:?}");
                }
            }
        }
    }
}

/// What the pages of the sample show beside their words.
const OF_THE_SAMPLE: [&str; 8] =
    ["Example Corp", "E", "Jane Roe", "Hanna Ellroy", "Kenji Sato", "system", "Tenantry", "T"];

/// Checks that an answer is a page in this language.
pub fn speaks(language: Language, what: &str, answered: &Answered) {
    assert!(answered.text.contains(&format!("<html lang=\"{}\">", language.tag())), "{what}: {}", answered.text);
    let found = foreign(language, &answered.text, &OF_THE_SAMPLE);
    assert_eq!(found, [""; 0], "{what} in {language:?}: {}", answered.text);
}

#[test]
fn no_operation_answers_a_browser_in_another_language_than_its_own() {
    let rig = Rig::start();
    let (named, cookie) = furnish(&rig);
    let rows = table(&rig);
    for language in OTHERS {
        let browser = [("Accept", "text/html"), ("Accept-Language", language.tag())];
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let mut pages = 0;
        for row in &rows {
            for asked in [
                vec![],
                vec![("Cookie", cookie.as_str())],
                vec![("Cookie", "tenantry=nonsense"), form],
                vec![("Cookie", cookie.as_str()), form],
                vec![form, ("Sec-Fetch-Site", "cross-site")],
                vec![form, ("Host", "nobody.localhost")],
                vec![("Authorization", "APIToken nonsense")],
            ] {
                // The allowance of an address is refilled once in six seconds.
                rig.clock.advance_seconds(6);
                let headers = [&browser[..], &asked[..]].concat();
                let body = if asked.contains(&form) { Some("nonsense=1") } else { None };
                let body = body.filter(|_| row.method != "GET");
                let answered = rig.send(&row.method, &named.fill(row), &headers, body);
                if answered.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                    speaks(language, &format!("{} by {asked:?}", row.id), &answered);
                    pages += 1;
                }
            }
        }
        assert!(pages > 60, "only {pages} pages");
    }
}

#[test]
fn an_error_that_pages_tell_says_the_same_to_programs() {
    let rig = Rig::start();
    rig.add_tenant("other-corp");
    let page =
        [("Accept", "text/html"), ("Accept-Language", "en"), ("Content-Type", "application/x-www-form-urlencoded")];
    for (method, header) in [
        ("GET", ("Host", "nobody.localhost")),
        ("GET", ("Host", "localhost")),
        ("POST", ("Sec-Fetch-Site", "cross-site")),
    ] {
        let body = (method == "POST").then_some("email=a%40b.example");
        let answered = rig.send(method, "/signin", &[&page[..], &[header]].concat(), body);
        assert!(answered.status / 100 == 4, "{method} {header:?}: {}", answered.text);
        speaks(Language::English, &format!("{method} {header:?}"), &answered);
        assert!(answered.text.contains("class=\"lead\""), "it is told, and not by its kind alone: {}", answered.text);
    }
}
