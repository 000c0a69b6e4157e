//! What a server answers, and its refusals as one sentence.

use serde_json::Value;

use crate::error::Error;

/// The answer to an accepted call.
#[derive(Debug)]
pub struct Answered {
    /// The body, unparsed.
    pub text: String,
    /// The headers.
    pub(super) headers: ureq::http::HeaderMap,
}

/// What became of lines that were sent.
#[derive(Debug)]
pub enum Sent {
    /// They were accepted.
    Done(Answered),
    /// They were not looked at: the server is busy for so many seconds.
    Busy(u64),
}

impl Answered {
    /// The body as JSON; null if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The server's sentence, with the id of the request for a search in its log.
pub(super) fn refusal(status: u16, answered: &Answered) -> Error {
    let body = answered.json();
    let message = match body["message"].as_str() {
        Some(message) if !message.is_empty() => message.to_string(),
        _ => format!("The server answered {status} without saying why. Is this a Tenantry server?"),
    };
    let wait = answered.header("retry-after").map_or(String::new(), |wait| format!(" Try again in {wait} s."));
    let id = body["request_id"].as_str().or_else(|| answered.header("x-request-id"));
    let id = id.map_or(String::new(), |id| format!(" (request {id})"));
    let reasons = body["details"].as_array().into_iter().flatten();
    let reasons = reasons.filter_map(|detail| detail["reason"].as_str().map(str::to_string)).collect();
    Error::conflict(format!("{message}{wait}{id}")).with_details(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &str) -> Answered {
        Answered { text: text.into(), headers: ureq::http::HeaderMap::new() }
    }

    #[test]
    fn a_refusal_is_the_servers_sentence_with_the_request() {
        let body = r#"{"code":5,"message":"User x was not found.","request_id":"r-1","details":[{"reason":"a"}]}"#;
        let refused = refusal(404, &answered(body));
        assert_eq!(refused.message, "User x was not found. (request r-1)");
        assert_eq!(refused.details, ["a"]);
        assert!(refusal(502, &answered("<html>")).message.contains("502"));
    }
}
