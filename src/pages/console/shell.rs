//! What stands around every page of the console: the navigation, what always holds, and oneself.

mod words;

use maud::{DOCTYPE, Markup, html};

pub use self::words::Words;
use super::parts::icon;
use crate::language::Language;
use crate::pages::accent;
use crate::pages::assets::{CONSOLE_SCRIPT, CONSOLE_STYLESHEET};
use crate::pages::layout::{Site, icon_link, monogram, shortened};

/// A place of the console, in the order of its navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first page.
    Overview,
    /// The users.
    Users,
    /// The user groups.
    Groups,
    /// The resets.
    Resets,
    /// The roles, and who may act on whom.
    Roles,
    /// The namespaces.
    Namespaces,
    /// The API tokens.
    Credentials,
    /// The webhooks.
    Webhooks,
    /// The records.
    Audit,
}

/// What the navigation knows of a place.
struct Entry {
    path: &'static str,
    keys: &'static str,
    icon: &'static str,
    name: &'static str,
    /// The heading above the first place of its part.
    part: Option<&'static str>,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Users,
        Self::Groups,
        Self::Resets,
        Self::Roles,
        Self::Namespaces,
        Self::Credentials,
        Self::Webhooks,
        Self::Audit,
    ];

    /// Its path.
    pub fn path(self) -> &'static str {
        self.entry(Words(Language::English)).path
    }

    fn entry(self, words: Words) -> Entry {
        let entry = |part, path, keys, icon, name| Entry { path, keys, icon, name, part };
        let (people, resets) = (Some(words.part_people()), Some(words.part_resets()));
        let (access, tenant) = (Some(words.part_access()), Some(words.part_tenant()));
        let record = Some(words.part_record());
        match self {
            Self::Overview => entry(None, "/console", "g o", "overview", words.overview()),
            Self::Users => entry(people, "/console/users", "g u", "users", words.users()),
            Self::Groups => entry(people, "/console/groups", "g g", "groups", words.groups()),
            Self::Resets => entry(resets, "/console/resets", "g r", "resets", words.resets()),
            Self::Roles => entry(access, "/console/roles", "g l", "rank", words.roles()),
            Self::Namespaces => entry(access, "/console/namespaces", "g n", "namespaces", words.namespaces()),
            Self::Credentials => entry(access, "/console/credentials", "g k", "credentials", words.credentials()),
            Self::Webhooks => entry(tenant, "/console/webhooks", "g w", "webhooks", words.webhooks()),
            Self::Audit => entry(record, "/console/audit", "g a", "audit", words.audit()),
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its word in the cookie and in the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn name(self, words: Words) -> &'static str {
        match self {
            Self::System => words.theme_system(),
            Self::Light => words.theme_light(),
            Self::Dark => words.theme_dark(),
        }
    }
}

/// What should always hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pulse {
    /// Mails that wait, up to some thousands.
    pub mails: u32,
    /// How many of them the relay has refused for now.
    pub mails_refused: u32,
    /// Whether records have waited to be sealed for longer than they should.
    pub is_unsealed: bool,
}

/// What stands around a page.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The tenant, and the language of all texts.
    pub site: Site<'a>,
    /// Where the tenant is reached, without scheme.
    pub host: &'a str,
    /// The address of the reader.
    pub email: &'a str,
    /// The places that the reader may read.
    pub places: &'a [Place],
    /// Where this page belongs to.
    pub here: Place,
    /// This page, to come back to.
    pub path: &'a str,
    /// Light or dark.
    pub theme: Theme,
    /// What should always hold.
    pub pulse: Pulse,
}

/// The page with this title and this content.
pub(super) fn document(desk: &Desk, title: &str, body: &Markup) -> Markup {
    let (site, words) = (&desk.site, Words(desk.site.language));
    let tenant = shortened(site.tenant);
    let theme = (desk.theme != Theme::System).then(|| desk.theme.word());
    html! {
        (DOCTYPE)
        html lang=(site.language.tag()) data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                title { (title) " · " (tenant) }
                link rel="stylesheet" href=(CONSOLE_STYLESHEET);
                @if let Some(path) = site.colour.and_then(accent::path) { link rel="stylesheet" href=(path); }
                (icon_link(site))
                script src=(CONSOLE_SCRIPT) defer {}
            }
            body {
                a class="skip" href="#main" { (words.skip()) }
                div class="desk" {
                    (side(desk, words, &tenant))
                    main #main .sheet tabindex="-1" { (body) }
                }
                (keys(desk, words))
                p #said .unseen role="status" {}
            }
        }
    }
}

fn side(desk: &Desk, words: Words, tenant: &str) -> Markup {
    html! {
        header class="shell" {
            div class="bar" {
                button class="bare" type="button" popovertarget="side" aria-label=(words.menu()) { (icon("menu")) }
                (brand(desk, tenant, false))
                a class="bare" href=(Place::Users.path()) aria-label=(words.find()) { (icon("search")) }
            }
            div #side .side popover {
                (brand(desk, tenant, true))
                (find(words))
                (navigation(desk, words))
                (pulse(desk, words))
                (me(desk, words))
            }
        }
    }
}

fn brand(desk: &Desk, tenant: &str, with_host: bool) -> Markup {
    html! {
        a class="brand" href=(Place::Overview.path()) {
            span class="monogram" aria-hidden="true" { (monogram(tenant)) }
            span { bdi { (tenant) } @if with_host { small { (desk.host) } } }
        }
    }
}

fn find(words: Words) -> Markup {
    html! {
        form class="find" role="search" action="/console/find" method="get" {
            button class="bare" type="submit" aria-label=(words.find()) { (icon("search")) }
            label class="unseen" for="find" { (words.find_label()) }
            input #find type="search" name="q" placeholder=(words.find_anything()) autocomplete="off" autocapitalize="none"
                spellcheck="false" maxlength="320" data-key="/";
            kbd aria-hidden="true" { "/" }
        }
    }
}

fn navigation(desk: &Desk, words: Words) -> Markup {
    let entries: Vec<_> = desk.places.iter().map(|place| place.entry(words)).collect();
    html! {
        nav aria-label=(words.console()) {
            @for (nth, entry) in entries.iter().enumerate() {
                @if let Some(part) = entry.part.filter(|part| nth == 0 || entries[nth - 1].part != Some(*part)) { h2 { (part) } }
                ul {
                    li {
                        a href=(entry.path) data-key=(entry.keys) aria-current=[(entry.path == desk.here.path()).then_some("page")] {
                            (icon(entry.icon)) span { (entry.name) }
                        }
                    }
                }
            }
        }
    }
}

fn pulse(desk: &Desk, words: Words) -> Markup {
    let Pulse { mails, mails_refused, is_unsealed } = desk.pulse;
    let (mail_dot, mail) = match (mails, mails_refused) {
        (0, _) => ("dot", words.mail_flows().to_owned()),
        (_, 0) => ("dot", words.mails_wait(mails)),
        (_, refused) => ("dot bad", words.mails_refused(refused)),
    };
    let (record_dot, record) =
        if is_unsealed { ("dot wait", words.record_waits()) } else { ("dot", words.record_is_sealed()) };
    html! {
        div class="pulse" role="group" aria-label=(words.what_always_holds()) {
            a href="/console/resets" { span class=(mail_dot) aria-hidden="true" {} (mail) }
            a href="/console/audit" { span class=(record_dot) aria-hidden="true" {} (record) }
        }
    }
}

fn me(desk: &Desk, words: Words) -> Markup {
    html! {
        button class="me" type="button" popovertarget="mine" {
            span class="face" aria-hidden="true" { (monogram(desk.email)) }
            span { bdi { (desk.email) } small { (words.you()) } }
            (icon("more"))
        }
        div #mine .menu popover {
            form class="pick" method="post" action="/console/theme" aria-label=(words.colours()) {
                input type="hidden" name="back" value=(desk.path);
                @for theme in Theme::ALL {
                    button type="submit" name="theme" value=(theme.word()) aria-pressed=((theme == desk.theme).to_string()) {
                        (theme.name(words))
                    }
                }
            }
            ul {
                li { a href="/account" { (words.your_account()) } }
                li { button type="button" popovertarget="keys" { (words.keys()) " " kbd { "?" } } }
            }
            form method="post" action="/signout" { button class="bare" type="submit" { (words.sign_out()) } }
        }
    }
}

fn keys(desk: &Desk, words: Words) -> Markup {
    let acts =
        [(words.key_find(), "/"), (words.key_filter(), "f"), (words.key_next(), "j k"), (words.key_reset(), "r")];
    let places = desk.places.iter().map(|place| place.entry(words)).map(|entry| (entry.name, entry.keys));
    html! {
        div #keys .panel popover role="dialog" aria-labelledby="keys-title" {
            div class="between" {
                h2 #keys-title { (words.keys()) }
                button class="bare tight" type="button" popovertarget="keys" popovertargetaction="hide" {
                    (icon("close")) (words.close())
                }
            }
            dl class="keys" {
                @for (name, keys) in acts.into_iter().chain(places) {
                    div { dt { (name) } dd { @for key in keys.split(' ') { kbd { (key) } } } }
                }
            }
            p class="hint" { (words.keys_never()) }
        }
        button hidden type="button" popovertarget="keys" data-key="?" { (words.keys()) }
    }
}
