//! The form for a new user.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::fields::{Field, field};
use super::parts::{self, crumbs, refusal};
use super::shell::{Desk, Place, document};

/// What stands in the form.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The address that was typed.
    pub email: &'a str,
    /// The first name that was typed.
    pub first_name: &'a str,
    /// The last name that was typed.
    pub last_name: &'a str,
    /// Whether single sign-on was ticked.
    pub by_sso: bool,
    /// The role that was typed.
    pub role: &'a str,
    /// The namespace that was typed.
    pub namespace: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/users/new`, and of its `POST` where that is refused.
pub fn page(desk: &Desk, new: &New) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let optional = |name, label, hint, value| {
        field(language, Field { hint, value, is_optional: true, length_max: 256, ..Field::text(name, label) })
    };
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Users.path(), words.users())]))
            div class="title" { h1 { (words.title()) } }
            p { (words.what_happens()) }
        }
        (refusal(new.refused))
        form class="part prose stack" method="post" action={ (Place::Users.path()) "/new" } {
            (field(language, Field { value: new.email, ..Field::text("email", words.email()) }))
            (optional("first_name", words.first_name(), "", new.first_name))
            (optional("last_name", words.last_name(), "", new.last_name))
            div class="field" {
                div class="check" {
                    input #sso type="checkbox" name="sso" value="on" checked[new.by_sso];
                    label for="sso" { (words.by_sso()) }
                }
            }
            (optional("role", words.role(), words.role_hint(), new.role))
            (optional("namespace", words.namespace(), words.namespace_hint(), new.namespace))
            div class="row" {
                button class="primary" type="submit" { (words.make()) }
                a class="bare" href=(Place::Users.path()) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, words.title(), &body)
}
