//! The visit of the one writer: it takes what waits once, in the transaction of all that wait for the writer, and answers
//! after its commit.

use std::sync::Arc;

use super::Shared;
use super::calls::Calls;
use crate::error::Result;
use crate::store::job::{Job, Writer};

pub(super) struct Turn<A, O> {
    calls: Calls<A, O>,
    has_run: bool,
}

impl<A: Send + 'static, O: Send + 'static> Turn<A, O> {
    pub(super) fn new(shared: Arc<Shared<A, O>>) -> Self {
        Self { calls: Calls::new(shared), has_run: false }
    }
}

impl<A: Send + 'static, O: Send + 'static> Job for Turn<A, O> {
    fn run(&mut self, writer: &Writer<'_>) -> usize {
        self.has_run = true;
        let waiting = self.calls.take();
        let count = waiting.len();
        // What became of a commit of ours is always known.
        self.calls.make(writer, waiting, &mut || {});
        count
    }

    fn settle(mut self: Box<Self>, committed: &Result<()>) {
        if !self.has_run {
            self.calls.refuse(committed);
        }
        self.calls.answer(committed);
    }
}
