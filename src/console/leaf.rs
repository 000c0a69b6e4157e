//! A page of a list that the API answers as a whole.

use super::users::{beginning, behind};
use crate::http::Call;
use crate::pages::console::Pager;

/// Rows of a page.
const PAGE: usize = 50;

/// Some of a list, and the way to the others.
pub(super) struct Leaf<T> {
    pub(super) rows: Vec<T>,
    first: Option<String>,
    next: Option<String>,
}

impl<T> Leaf<T> {
    /// The page that the call asks for, in the order of names. Its cursor is the last name of the page before.
    pub(super) fn of(call: &Call, mut all: Vec<T>, name: impl Fn(&T) -> &str) -> Self {
        all.sort_by(|one, other| name(one).cmp(name(other)));
        let after = call.text("cursor").unwrap_or_default();
        let begin = all.partition_point(|one| !after.is_empty() && name(one) <= after.as_str());
        let mut rows = all.split_off(begin);
        let is_more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows.last().filter(|_| is_more).map(|last| behind(call, name(last)));
        Self { rows, first: beginning(call), next }
    }

    /// The way to the other pages.
    pub(super) fn pager(&self) -> Pager<'_> {
        Pager { first: self.first.as_deref(), next: self.next.as_deref() }
    }
}
