//! The pages before something of a group ends.

use maud::Markup;

use super::super::parts::encoded;
use super::super::shell::{Desk, Place};
use super::super::sure::{Sure, sure};
use super::{One, Words};
use crate::address::shown;

/// A user who is about to be taken out of a group.
#[derive(Debug, Clone, Copy)]
pub struct Leaving<'a> {
    /// The name of the group.
    pub group: &'a str,
    /// The id outside of the user.
    pub uid: &'a str,
    /// The address of the user.
    pub email: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/groups/{name}/leave`, and of its `POST` where that is refused.
pub fn leaving(desk: &Desk, leaving: &Leaving) -> Markup {
    let (words, path) = (Words(desk.site.language), format!("{}/{}", Place::Groups.path(), encoded(leaving.group)));
    let content = Sure {
        title: words.leave_title(),
        subject: &shown(leaving.email).to_string(),
        above: &[(Place::Groups.path(), words.title()), (&path, leaving.group)],
        at_once: words.left_at_once(),
        stays: words.left_stays(),
        action: &format!("{path}/leave"),
        fields: &[("user", leaving.uid)],
        button: words.take_out_now(),
        refused: leaving.refused,
    };
    sure(desk, &content)
}

/// A role that is about to be taken from a group.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// The name of the group.
    pub group: &'a str,
    /// The namespace in which the role counts.
    pub namespace: &'a str,
    /// The role.
    pub role: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/groups/{name}/take`, and of its `POST` where that is refused.
pub fn taking(desk: &Desk, taking: &Taking) -> Markup {
    let (words, path) = (Words(desk.site.language), format!("{}/{}", Place::Groups.path(), encoded(taking.group)));
    let content = Sure {
        title: words.take_title(),
        subject: &format!("{} · {}", taking.role, taking.namespace),
        above: &[(Place::Groups.path(), words.title()), (&path, taking.group)],
        at_once: words.taken_at_once(),
        stays: words.taken_stays(),
        action: &format!("{path}/take"),
        fields: &[("namespace", taking.namespace), ("role", taking.role)],
        button: words.take_now(),
        refused: taking.refused,
    };
    sure(desk, &content)
}

/// The page of `GET /console/groups/{name}/remove`, and of its `POST` where that is refused.
pub fn remove(desk: &Desk, one: &One) -> Markup {
    let (words, path) = (Words(desk.site.language), one.path());
    let content = Sure {
        title: words.remove_title(),
        subject: one.name,
        above: &[(Place::Groups.path(), words.title()), (&path, one.name)],
        at_once: &words.removed_at_once(one.all),
        stays: words.removed_stays(),
        action: &format!("{path}/remove"),
        fields: &[],
        button: words.remove(),
        refused: one.refused,
    };
    sure(desk, &content)
}
