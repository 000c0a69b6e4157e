//! `tenantry try`: shows a whole reset on a real server, step by step.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::arguments::Dev;
use super::output::Output;
use crate::clock::Clock;
use crate::dev::Directions;
use crate::error::{Error, Result};

/// Starts a server on a temporary directory, resets a password as an administrator would, and checks every promise.
///
/// # Errors
/// The first promise that does not hold.
pub async fn run(output: &Output) -> Result<()> {
    let data = std::env::temp_dir().join(format!("tenantry-try-{}", std::process::id()));
    let arguments = Dev {
        listen: ([127, 0, 0, 1], 0).into(),
        data: data.clone(),
        users: None,
        postgres: None,
        tls: false,
        allow_remote: false,
    };
    let (house, listener, directions) = super::dev::open(&arguments, Clock::system()).await?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(house.serve(listener, async {
        let _ = stopped.await;
    }));
    let output = *output;
    let told =
        tokio::task::spawn_blocking(move || Story::new(directions, output).tell()).await.map_err(Error::internal);
    let _ = stop.send(());
    let served = server.await.map_err(Error::internal);
    let _ = std::fs::remove_dir_all(&data);
    served??;
    told?
}

/// The server, and the people of the story.
struct Story {
    there: Directions,
    output: Output,
    step: u32,
    agent: ureq::Agent,
}

/// The answer of the server.
struct Answered {
    status: u16,
    body: Value,
    reset: Option<String>,
}

const NEW_PASSWORD: &str = "a lantern over quiet harbour water";

impl Story {
    fn new(there: Directions, output: Output) -> Self {
        // The server is on this machine, so the environment's proxy is ignored.
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .proxy(None);
        Self { there, output, step: 0, agent: config.build().into() }
    }

    fn tell(mut self) -> Result<()> {
        let began = Instant::now();
        let (email, old) = (self.there.user_email.clone(), self.there.user_password.clone());
        self.output.line("Tenantry resets a password, start to end, on a real server with an embedded store.\n")?;
        self.signs_in(&email, &old, 204, "signs in with the old password, as on any morning")?;
        let reset = self.reset(&email)?;
        self.signs_in(&email, &old, 401, "cannot sign in any more: the old password died before the answer left")?;
        let token = self.mail(&email)?;
        self.redeem(&token, "short", 422, "a password that is too weak is refused, with reasons, and uses nothing up")?;
        self.redeem(&token, NEW_PASSWORD, 204, "the user opens the link and chooses a new password")?;
        self.redeem(&token, NEW_PASSWORD, 400, "the same link again is dead")?;
        self.signs_in(&email, &old, 401, "still cannot sign in with the old password")?;
        self.signs_in(&email, NEW_PASSWORD, 204, "signs in with the new password")?;
        self.timeline(&reset)?;
        self.audit()?;
        self.output.object(
            &json!({ "ok": true, "steps": self.step, "milliseconds": began.elapsed().as_millis() as u64 }),
            &format!("\nAll of it held, in {} ms. Start your own with `tenantry dev`.", began.elapsed().as_millis()),
        )
    }

    fn reset(&mut self, email: &str) -> Result<String> {
        let path = "/api/v1/api/production/us-east-1/namespaces/default/api/web/custom/password/admin_reset";
        let answered = self.post(path, &json!({ "email": email }), true)?;
        self.expect(answered.status == 200 && answered.body == json!({}), "the reset", &answered)?;
        self.say(&format!(
            "An administrator POSTs {{\"email\": \"{email}\"}} to …/password/admin_reset; the answer is {{}}"
        ))?;
        answered.reset.ok_or_else(|| Error::internal("the answer carries no Tenantry-Reset-Id"))
    }

    /// Waits for the mail, which is sent right after the answer.
    fn mail(&mut self, email: &str) -> Result<String> {
        for _ in 0..200 {
            let mails = self.get("/dev/mailbox")?.body;
            let newest = mails.as_array().and_then(|mails| mails.iter().rev().find(|mail| mail["to"] == email));
            if let Some(mail) = newest
                && let Some((_, token)) = mail["link"].as_str().and_then(|link| link.split_once('#'))
            {
                self.say(&format!("A mail arrives: \"{}\". Its link is known to nobody else", text(&mail["subject"])))?;
                return Ok(token.to_string());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(Error::internal("no mail arrived within four seconds"))
    }

    fn redeem(&mut self, token: &str, password: &str, status: u16, sentence: &str) -> Result<()> {
        let answered = self.post("/reset", &json!({ "token": token, "password": password }), false)?;
        self.expect(answered.status == status, sentence, &answered)?;
        self.say(&format!("{}{} ({status})", sentence[..1].to_uppercase(), &sentence[1..]))
    }

    fn signs_in(&mut self, email: &str, password: &str, status: u16, sentence: &str) -> Result<()> {
        let answered = self.post("/signin", &json!({ "email": email, "password": password }), false)?;
        self.expect(answered.status == status, sentence, &answered)?;
        self.say(&format!("{email} {sentence} ({status})"))
    }

    fn timeline(&mut self, reset: &str) -> Result<()> {
        let answered = self.get(&format!("/api/tenantry/v1/resets/{reset}"))?;
        self.expect(answered.body["state"] == "redeemed", "the reset's own account of itself", &answered)?;
        let moments = answered.body["timeline"].as_array().cloned().unwrap_or_default();
        let told: Vec<_> = moments.iter().map(|moment| text(&moment["what"])).collect();
        self.say(&format!("The administrator sees the whole timeline: {}", told.join(", ")))
    }

    fn audit(&mut self) -> Result<()> {
        // Records are sealed within a second.
        for _ in 0..100 {
            let answered = self.get("/api/tenantry/v1/audit/verify")?;
            self.expect(answered.status == 200 && answered.body["fault"].is_null(), "the audit chain", &answered)?;
            if answered.body["unsealed"] == 0 {
                let (records, links) = (&answered.body["records"], &answered.body["links"]);
                return self
                    .say(&format!("The audit chain verifies: {records} records under {links} links, none changed"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(Error::internal("the audit records were not sealed within five seconds"))
    }

    fn get(&self, path: &str) -> Result<Answered> {
        let request = self.agent.get(format!("{}{path}", self.there.base_url)).header("Accept", "application/json");
        let request = request.header("Authorization", format!("APIToken {}", self.there.api_token));
        read(request.call().map_err(Error::internal)?)
    }

    fn post(&self, path: &str, body: &Value, with_token: bool) -> Result<Answered> {
        let request =
            self.agent.post(format!("{}{path}", self.there.base_url)).header("Content-Type", "application/json");
        let request = match with_token {
            true => request.header("Authorization", format!("APIToken {}", self.there.api_token)),
            false => request,
        };
        read(request.send(body.to_string()).map_err(Error::internal)?)
    }

    fn say(&mut self, sentence: &str) -> Result<()> {
        self.step += 1;
        self.output.line(&format!("{:>3}. {sentence}.", self.step))
    }

    fn expect(&self, holds: bool, what: &str, answered: &Answered) -> Result<()> {
        if holds {
            return Ok(());
        }
        let (status, body) = (answered.status, &answered.body);
        Err(Error::conflict(format!("This did not hold: {what}. The server answered {status} {body}.")))
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answered> {
    let status = response.status().as_u16();
    let reset = response.headers().get("tenantry-reset-id").and_then(|id| id.to_str().ok()).map(str::to_string);
    let body = response.body_mut().read_to_string().map_err(Error::internal)?;
    Ok(Answered { status, body: serde_json::from_str(&body).unwrap_or(Value::Null), reset })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}
