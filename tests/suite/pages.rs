//! Properties of every page in every language, whatever the names of tenants and users.

use std::collections::BTreeSet;

use tenantry::clock::Timestamp;
use tenantry::error::Kind;
use tenantry::language::Language;
use tenantry::pages::account::{Account, Address, Roles, Session};
use tenantry::pages::mailbox::Mail;
use tenantry::pages::prove::Prove;
use tenantry::pages::reset::Choose;
use tenantry::pages::second_factor::{Own, SetUp};
use tenantry::pages::{
    Rule, Site, account, assets, code, dead, done, email, error, forgot, mailbox, prove, reset, second_factor, signin,
};

use crate::console_pages::every_console_page;
use crate::rig::Rig;

const NOON: Timestamp = Timestamp(1_772_615_727_004_211);
pub const HOSTILE: &str = "<img src=x onerror=alert(1)>\" autofocus {{7*7}} \u{202e}&amp;'";
const VOID: [&str; 5] = ["meta", "link", "input", "img", "base"];

/// Every page in every state, with `text` in each place that a user or a tenant fills.
pub fn every_page(language: Language, text: &str) -> Vec<(&'static str, String)> {
    let site = Site { language, tenant: text, logo_url: None, colour: None, has_accounts: true };
    let with_logo = Site { logo_url: Some("/logo"), colour: Some("#17713f"), ..site };
    let text = text.to_owned();
    let problems = [text.clone(), text.clone()];
    let rules: Vec<Rule> = ["too-short", "too-few-digits", "username", "leaked"]
        .map(|code| Rule { code, sentence: format!("{text} 12") })
        .into();
    let first = Choose { rules: &rules, ..Choose::default() };
    let again = Choose { token: &text, email: Some(&text), lives_until: Some(NOON), problems: &problems, ..first };
    let session =
        |id: &str, this_one| Session { id: id.into(), address: text.clone(), started: NOON, last_seen: NOON, this_one };
    let sessions = [session("1", true), session(&text, false)];
    let roles = [Roles { namespace: text.clone(), roles: vec![text.clone()] }];
    let mine = Account {
        email: &text,
        name: &text,
        roles: &roles,
        last_sign_in: Some(NOON),
        sessions: &sessions,
        rules: &rules,
        problems: &[],
        changed: false,
        address: Address { pending: Some((&text, NOON)), former: Some((&text, NOON)), problems: &[] },
        has_factor: true,
        has_console: true,
    };
    let refused = Account { problems: &problems, ..mine };
    let kept = Account { address: Address { problems: &problems, ..Address::default() }, ..mine };
    let bare = Account {
        roles: &[],
        last_sign_in: None,
        sessions: &sessions[..1],
        rules: &[],
        changed: true,
        has_factor: false,
        has_console: false,
        ..mine
    };
    let mail = Mail {
        href: "/mailbox/1".into(),
        at: NOON,
        from: text.clone(),
        to: text.clone(),
        subject: text.clone(),
        text: text.clone(),
        html: Some(text.clone()),
        link: Some(format!("javascript:{text}")),
    };
    let app = SetUp { action: "/signin/enrol", secret: "2222", address: &text, problems: &problems };
    let own_app = SetUp { action: "/account/second-factor/confirm", ..app };
    let own = Own { since: Some(NOON), codes_left: 1, is_required: false, problems: &problems };
    [
        ("reset", reset::choose(&site, &first)),
        ("reset with a logo", reset::choose(&with_logo, &first)),
        ("reset refused", reset::choose(&site, &again)),
        ("reset without a token's account", reset::choose(&site, &Choose { email: None, ..again })),
        ("dead", dead::page(&site, "", &[])),
        ("dead refused", dead::page(&site, &text, &problems)),
        ("password changed", done::password_changed(&site)),
        ("password changed before", done::changed_before(&site)),
        ("mail on its way", done::mail_on_its_way(&site)),
        ("signed out", done::signed_out(&site)),
        ("sign-in", signin::page(&site, "", &[])),
        ("sign-in refused", signin::page(&site, &text, &[text.clone(), text.clone()])),
        ("forgot", forgot::page(&site, "", &[])),
        ("forgot refused", forgot::page(&site, &text, &problems)),
        ("account", account::page(&site, &mine)),
        ("account refused", account::page(&site, &refused)),
        ("account with its address refused", account::page(&site, &kept)),
        ("new address", email::page(&site, "", &[])),
        ("new address refused", email::page(&site, &text, &problems)),
        ("new address by a dead link", email::dead(&site)),
        ("address changed", done::address_changed(&site)),
        ("account bare", account::page(&site, &bare)),
        ("code", code::page(&site, None)),
        ("code refused", code::page(&site, Some(&text))),
        ("prove", prove::page(&site, &Prove { email: &text, asks_code: true, back: "/account", problems: &[] })),
        (
            "prove refused",
            prove::page(&site, &Prove { email: &text, asks_code: false, back: "/account", problems: &problems }),
        ),
        ("code app", second_factor::set_up(&site, &SetUp { problems: &[], ..app })),
        ("code app refused", second_factor::set_up(&site, &app)),
        ("code app refused of one who is signed in", second_factor::set_up(&site, &own_app)),
        ("recovery codes", second_factor::codes(&site, &problems, "/account")),
        ("code app held", second_factor::held(&site, None, &[])),
        ("code app held again", second_factor::held(&site, Some("/account"), &problems)),
        ("code app on", second_factor::own(&site, &own)),
        ("code app required", second_factor::own(&site, &Own { is_required: true, problems: &[], ..own })),
        ("code app off", second_factor::own(&site, &Own { since: None, problems: &[], ..own })),
        ("code app by a link", second_factor::link(&site, "", &[])),
        ("code app by a link refused", second_factor::link(&site, &text, &problems)),
        ("mailbox", mailbox::list(&site, &[mail.clone(), mail.clone()])),
        ("mailbox empty", mailbox::list(&site, &[])),
        ("mail", mailbox::one(&site, &mail, "/mailbox")),
        ("error 404", error::page(&site, (404, Kind::NotFound), None, "0196")),
        ("error 500", error::page(&site, (500, Kind::Internal), Some(&text), &text)),
    ]
    .map(|(name, markup)| (name, markup.into_string()))
    .into()
}

/// Where the forms of all pages are sent.
pub fn form_actions() -> BTreeSet<String> {
    let pages = every_page(Language::English, "Example Corp").into_iter();
    let pages = pages.map(|(name, markup)| Page::read(name.into(), &markup));
    let actions = pages
        .flat_map(|page| page.named("form").map(|form| form.attribute("action").unwrap().into()).collect::<Vec<_>>());
    actions.collect()
}

fn for_every_page(check: impl Fn(&Page)) {
    for language in Language::ALL {
        for text in ["Example Corp", HOSTILE] {
            let all = every_page(language, text).into_iter().chain(every_console_page(language, text));
            for (name, markup) in all {
                check(&Page::read(format!("{name} in {language:?}"), &markup));
            }
        }
    }
}

struct Element {
    name: String,
    attributes: Vec<(String, Option<String>)>,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(attribute, _)| attribute == name);
        found.map(|(_, value)| value.as_deref().unwrap_or_default())
    }
}

/// A page, read as strictly as only its own maker can be read.
struct Page {
    name: String,
    markup: String,
    elements: Vec<Element>,
}

impl Page {
    fn read(name: String, markup: &str) -> Self {
        let mut rest = markup.strip_prefix("<!DOCTYPE html>").expect("a document type");
        let (mut open, mut elements) = (Vec::new(), Vec::new());
        while let Some(start) = rest.find('<') {
            assert!(!rest[..start].contains('>'), "{name}: a bare > in {:?}", &rest[..start]);
            let end = start + rest[start..].find('>').expect("a tag ends");
            let tag = &rest[start + 1..end];
            rest = &rest[end + 1..];
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(closed), "{name}: nesting");
                continue;
            }
            let element = element(tag);
            if !VOID.contains(&element.name.as_str()) {
                open.push(element.name.clone());
            }
            elements.push(element);
        }
        assert!(open.is_empty(), "{name}: {open:?} stay open");
        Self { name, markup: markup.into(), elements }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.elements.iter().filter(move |element| element.name == name)
    }

    fn with_id(&self, id: &str) -> usize {
        self.elements.iter().filter(|element| element.attribute("id") == Some(id)).count()
    }
}

fn element(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        assert!(
            attribute.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-' || letter.is_ascii_uppercase()),
            "attribute {attribute:?} in <{tag}>"
        );
        let value = rest[end..].strip_prefix("=\"").map(|text| text.split_once('"').expect("a value ends"));
        rest = value.map_or(&rest[end..], |(_, after)| after).trim_start_matches(' ');
        attributes.push((attribute, value.map(|(text, _)| text.to_owned())));
    }
    Element { name: name.to_owned(), attributes }
}

#[test]
fn every_page_has_a_language_a_title_and_one_visible_heading() {
    for_every_page(|page| {
        let html = page.named("html").next().expect("a root");
        assert!(["en", "de", "fr", "ja"].contains(&html.attribute("lang").unwrap()), "{}", page.name);
        assert!(page.markup.contains("<title>") && !page.markup.contains("<title> "), "{}", page.name);
        let hidden = page.elements.iter().filter(|e| e.name == "section" && e.attribute("hidden").is_some()).count();
        assert_eq!(page.named("h1").count() - hidden, 1, "{}", page.name);
        assert_eq!(page.named("main").count(), 1, "{}", page.name);
    });
}

#[test]
fn every_field_has_a_label_and_every_reference_a_target() {
    for_every_page(|page| {
        for field in page.named("input").filter(|field| field.attribute("type") != Some("hidden")) {
            let id = field.attribute("id").expect("a field has an id");
            let labelled = page.named("label").filter(|label| label.attribute("for") == Some(id)).count();
            assert!(labelled == 1 || field.attribute("aria-label").is_some(), "{}: {id}", page.name);
            // A box that is ticked is not completed.
            let is_box = matches!(field.attribute("type"), Some("checkbox" | "radio"));
            assert!(is_box != field.attribute("autocomplete").is_some(), "{}: {id}: autocomplete", page.name);
        }
        for element in &page.elements {
            for name in ["aria-describedby", "aria-controls", "for", "data-reveal"] {
                for id in element.attribute(name).unwrap_or_default().split_whitespace() {
                    assert_eq!(page.with_id(id), 1, "{}: {name}={id}", page.name);
                }
            }
            if let Some(id) = element.attribute("id") {
                assert_eq!(page.with_id(id), 1, "{}: the id {id} twice", page.name);
            }
        }
    });
}

#[test]
fn no_page_carries_a_script_or_a_style_or_loads_from_elsewhere() {
    for_every_page(|page| {
        assert_eq!(page.named("style").count(), 0, "{}", page.name);
        for script in page.named("script") {
            assert!(assets::find(script.attribute("src").expect("a file")).is_some(), "{}", page.name);
        }
        assert!(!page.markup.contains("<script>"), "{}", page.name);
        for element in &page.elements {
            for (attribute, value) in &element.attributes {
                let value = value.as_deref().unwrap_or_default();
                assert!(attribute != "style" && !attribute.starts_with("on"), "{}: {attribute}", page.name);
                if ["src", "href", "action"].contains(&attribute.as_str()) {
                    let is_here = value.is_empty() || value.starts_with('/') || value == "#main";
                    assert!(is_here, "{}: {value}", page.name);
                }
            }
        }
    });
}

#[test]
fn every_form_posts_to_this_host_and_only_buttons_send_it() {
    for_every_page(|page| {
        for form in page.named("form") {
            // What a reader looks for stands in the address; nothing else may.
            let is_search = form.attribute("role") == Some("search") && form.attribute("method") == Some("get");
            assert!(is_search || form.attribute("method") == Some("post"), "{}", page.name);
            assert!(form.attribute("action").is_some_and(|action| action.starts_with('/')), "{}", page.name);
        }
        assert!(page.named("button").all(|button| button.attribute("type").is_some()), "{}", page.name);
    });
}

#[test]
fn a_hostile_name_is_shown_and_never_obeyed() {
    for language in Language::ALL {
        let all = every_page(language, HOSTILE).into_iter().chain(every_console_page(language, HOSTILE));
        for (name, markup) in all {
            let escaped = "&lt;img src=x onerror=alert(1)&gt;&quot; autofocus {{7*7}} \u{202e}&amp;amp;'";
            assert!(markup.contains(escaped), "{name}: shown as it is");
            assert!(!markup.contains("<img src=x"), "{name}: not escaped");
        }
    }
}

#[test]
fn a_link_that_is_no_web_address_is_no_button() {
    let site =
        Site { language: Language::English, tenant: "Example Corp", logo_url: None, colour: None, has_accounts: true };
    let mail = Mail {
        href: "/mailbox/1".into(),
        at: NOON,
        from: "a@example.com".into(),
        to: "b@example.com".into(),
        subject: "Hello".into(),
        text: "javascript:alert(1)".into(),
        html: None,
        link: Some("javascript:alert(1)".into()),
    };
    assert!(!mailbox::one(&site, &mail, "/mailbox").into_string().contains("href=\"javascript:"));
    let good = Mail { link: Some("https://example.com/reset#a".into()), ..mail };
    assert!(mailbox::one(&site, &good, "/mailbox").into_string().contains("href=\"https://example.com/reset#a\""));
}

#[test]
fn an_error_leads_to_the_account_only_where_there_are_accounts() {
    let rig = Rig::start();
    for (host, has_accounts) in [("example-corp.localhost", true), ("nobody.localhost", false)] {
        let page = rig.send("GET", "/nowhere", &[("Accept", "text/html"), ("Host", host)], None);
        assert_eq!(page.status, 404, "{host}");
        assert!(page.text.contains("<h1>"), "{host}: {}", page.text);
        assert_eq!(page.text.contains("href=\"/account\""), has_accounts, "{host}");
        assert_eq!(page.text.contains("your account"), has_accounts, "{host}");
    }
}
