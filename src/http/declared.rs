//! The rows' declarations of what they read beside path and body, of the headers that they answer with, of the form of their
//! answers, and of larger bodies.

use schemars::JsonSchema;

use super::form::Form;
use super::operation::Operation;
use super::parameter::Parameter;

impl Operation {
    /// Declares a query parameter of type `T`. [`super::Call::query`] finds declared ones only.
    #[must_use]
    pub fn query<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.queries.push(Parameter::of::<T>(name, about));
        self
    }

    /// Declares a query parameter without which the call is refused.
    #[must_use]
    pub fn needed_query<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.queries.push(Parameter::of::<T>(name, about).required());
        self
    }

    /// Declares a header that this operation reads.
    #[must_use]
    pub fn header<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.headers.push(Parameter::of::<T>(name, about));
        self
    }

    /// Declares a header of the answer.
    #[must_use]
    pub fn answer_header<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.answer_headers.push(Parameter::of::<T>(name, about));
        self
    }

    /// Sets the form of its answers.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// Raises the largest body that it accepts.
    #[must_use]
    pub fn body_max(mut self, bytes: usize) -> Self {
        self.body_max = bytes;
        self
    }
}
