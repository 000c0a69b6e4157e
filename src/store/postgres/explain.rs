//! How the server would carry out a statement, on a connection like those that serve.

use super::connection::Connection;
use super::failure::Failure;
use super::merge;
use crate::store::Sent;

impl Connection {
    /// The plans of each form in which the statement is sent: by itself; a batch for many rows and in company, too.
    pub(super) fn explain(&self, statement: &str, sent: Sent) -> Result<Vec<String>, Failure> {
        let types = self.types_of(statement)?;
        if sent != Sent::AsBatch {
            return Ok(vec![self.explain_as_sent(statement, types.len())?]);
        }
        let many = merge::over_arrays(statement, &types);
        let is_put = !merge::is_select(statement);
        let in_company = merge::all_or_nothing(&[(statement, &types)]).filter(|_| is_put);
        let forms = std::iter::once(statement.to_owned()).chain(many).chain(in_company);
        forms.map(|form| self.explain_as_sent(&form, types.len())).collect()
    }

    /// As JSON. A plan for any values: one for these would know that nothing is equal to NULL.
    fn explain_as_sent(&self, text: &str, values: usize) -> Result<String, Failure> {
        let nulls = vec!["NULL"; values].join(", ");
        let execute =
            if nulls.is_empty() { "EXECUTE explained".to_owned() } else { format!("EXECUTE explained({nulls})") };
        let told = self.say(&format!(
            "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; PREPARE explained AS {text};
                EXPLAIN (FORMAT JSON) {execute}; DEALLOCATE explained; ROLLBACK"
        ));
        Ok(told?.concat())
    }
}
