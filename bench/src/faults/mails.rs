//! Relays that misbehave: each mail is sent once, or again with the same link, and never in clear.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use uuid::Uuid;

use super::Settings;
use super::certificates::Certificates;
use super::ledger::{Ask, Fate};
use super::outcome::Outcome;
use super::person::email;
use super::place::ToRelay;
use super::scene::Scene;
use super::sink::{Act, Fault, Sink, Step};
use super::stripper;
use super::wire::Wire;
use crate::Result;

/// The users of each script; each meets the misbehaviour once.
const USERS: usize = 3;
/// The first tries are 5, 20 and 60 seconds apart.
const PATIENCE: Duration = Duration::from_secs(150);

/// How the way to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Clear,
    BadCertificates,
    NoOffer,
    Stripped,
}

/// A relay's behaviour and the expected result.
struct Script {
    case: &'static str,
    at: Option<(Step, Act)>,
    /// How often for each user.
    times: usize,
    way: Way,
    /// Words that the timeline of a reset must contain, at the latest while its mail waits.
    words: &'static str,
    /// Whether the relay refuses the mail permanently.
    is_final: bool,
    /// How often the same mail may arrive.
    arrivals: usize,
}

impl Script {
    fn of(case: &'static str, at: Step, act: Act, words: &'static str) -> Self {
        Self { case, at: Some((at, act)), times: 1, way: Way::Clear, words, is_final: false, arrivals: 1 }
    }

    fn over(case: &'static str, way: Way, words: &'static str) -> Self {
        Self { case, at: None, times: 0, way, words, is_final: false, arrivals: 1 }
    }
}

macro_rules! scripts {
    ($($name:ident: $script:expr;)+) => {
        $(
            #[doc = "One script of the relay."]
            pub fn $name(settings: &Settings) -> Result<Outcome> {
                run(settings, &$script)
            }
        )+
    };
}

scripts! {
    hangs_up: Script::of("mail-421", Step::Mail, Act::SayAndHangUp("421 4.3.2 Going down"), "421 4.3.2");
    greylists: Script {
        times: 2,
        ..Script::of("mail-450", Step::Recipient, Act::Say("450 4.7.1 Come back later"), "450 4.7.1")
    };
    fails_at_the_dot: Script::of("mail-451", Step::Dot, Act::Say("451 4.3.0 Local error"), "451 4.3.0");
    knows_no_such_user: Script {
        is_final: true,
        ..Script::of("mail-550", Step::Recipient, Act::Say("550 5.1.1 No such user"), "550 5.1.1")
    };
    takes_no_more: Script {
        is_final: true,
        ..Script::of("mail-552", Step::Dot, Act::Say("552 5.2.2 Mailbox full"), "552 5.2.2")
    };
    drops: Script { arrivals: 2, ..Script::of("mail-dropped", Step::Dot, Act::HangUp, "") };
    drips: Script::of("mail-dripping", Step::Greeting, Act::Drip, "did not finish within 15 seconds");
    falls_silent: Script {
        arrivals: 2,
        ..Script::of("mail-silent", Step::Dot, Act::Silence, "did not finish within 15 seconds")
    };
    cannot_be_trusted: Script::over("mail-certificate", Way::BadCertificates, "TLS with the relay");
    offers_no_tls: Script::over("mail-no-starttls", Way::NoOffer, "does not offer STARTTLS");
    is_stripped: Script::over("mail-stripped", Way::Stripped, "does not offer STARTTLS");
}

fn set(settings: &Settings, script: &Script) -> Result<Scene> {
    let times = USERS * script.times;
    let faults = script.at.map(|(at, act)| Fault { at, act, times }).into_iter().collect();
    let few = Settings { users: 10, ..settings.clone() };
    let directory = crate::own_directory()?;
    if script.way == Way::Clear {
        let sink = Sink::scripted(faults, None)?;
        let relay = ToRelay { port: sink.port(), ca_pem: None };
        return Scene::set_before(&few, script.case, directory, "", sink, relay);
    }
    let Certificates { ca_pem, good, bad } = Certificates::make()?;
    let way = script.way;
    let choose = move |number: usize| match way {
        Way::BadCertificates if number < USERS => Some(Arc::clone(&bad[number])),
        Way::NoOffer if number < USERS => None,
        _ => Some(Arc::clone(&good)),
    };
    let sink = Sink::scripted(faults, Some(Arc::new(choose)))?;
    let port = if way == Way::Stripped { stripper::start(sink.port(), USERS)? } else { sink.port() };
    Scene::set_before(&few, script.case, directory, "", sink, ToRelay { port, ca_pem: Some(ca_pem) })
}

fn run(settings: &Settings, script: &Script) -> Result<Outcome> {
    let mut scene = set(settings, script)?;
    let served = scene.place.serve()?;
    let mut wire = Wire::to(&served.door, settings.seed);
    let began = Instant::now();
    let mut asked = ask(&mut scene, &mut wire);
    let mut waiting = asked.clone();
    let mut said = vec![false; asked.len()];
    while !waiting.is_empty() && began.elapsed() < PATIENCE {
        // One look for both: between two, a reset could come to its end with the words unseen.
        let shown: Vec<_> = asked.iter().map(|(id, _)| show(&mut wire, id)).collect();
        said.iter_mut().zip(&shown).for_each(|(said, shown)| *said |= shown.to_string().contains(script.words));
        let wanted = if script.is_final { "undeliverable" } else { "mailed" };
        let ended = asked.iter().zip(&shown).filter(|(_, shown)| shown["state"] == wanted);
        let ended: Vec<_> = ended.map(|((id, _), _)| id).collect();
        waiting.retain(|(id, _)| !ended.contains(&id));
        scene
            .outcome
            .recovered
            .extend(std::iter::repeat_n(began.elapsed(), USERS - waiting.len()).skip(scene.outcome.recovered.len()));
        std::thread::sleep(Duration::from_millis(50));
    }
    for (id, _) in &waiting {
        scene.outcome.findings.lost.push(format!("reset {id} came to no end: {}", show(&mut wire, id)));
    }
    let all_said = said.iter().all(|said| *said);
    scene.outcome.findings.demand(all_said, || format!("the resets never showed the relay's words {}", script.words));
    if script.is_final {
        asked = ask(&mut scene, &mut wire);
        wait_until_mailed(&mut scene, &mut wire, &asked);
    }
    scene.outcome.rounds = USERS as u64;
    look_at_arrivals(&mut scene, script, &asked);
    use_links(&mut scene, &mut wire, &asked);
    served.stop()?;
    scene.close()
}

/// A reset for each user.
fn ask(scene: &mut Scene, wire: &mut Wire) -> Vec<(Uuid, String)> {
    let mut asked = Vec::new();
    for number in 1..=USERS as u64 {
        let ask = Ask { email: email(number), key: None };
        let fate = wire.reset(&ask);
        match fate {
            Fate::Acknowledged(id) => asked.push((id, ask.email.clone())),
            other => scene.outcome.findings.broken.push(format!("a relay in trouble makes a reset answer {other:?}")),
        }
        scene.outcome.acknowledged += 1;
        scene.ledger.note(ask, fate);
    }
    asked
}

fn show(wire: &mut Wire, id: &Uuid) -> Value {
    wire.get(&format!("/api/tenantry/v1/resets/{id}")).map(|reply| reply.json()).unwrap_or_default()
}

fn wait_until_mailed(scene: &mut Scene, wire: &mut Wire, asked: &[(Uuid, String)]) {
    let began = Instant::now();
    for (id, _) in asked {
        while show(wire, id)["state"] != "mailed" {
            if began.elapsed() > PATIENCE {
                scene.outcome.findings.lost.push(format!("reset {id} is not mailed: {}", show(wire, id)));
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// That a mail which came twice is the same mail is asked of all mails at the end of the case.
fn look_at_arrivals(scene: &mut Scene, script: &Script, asked: &[(Uuid, String)]) {
    let (seen, findings) = (scene.sink.seen(), &mut scene.outcome.findings);
    for (id, _) in asked {
        let arrivals = seen.by_reset.get(id).map_or(0, Vec::len);
        if arrivals == 0 {
            findings.lost.push(format!("the mail of reset {id} never arrived"));
        }
        if arrivals > script.arrivals {
            findings.doubled.push(format!("the mail of reset {id} arrived {arrivals} times"));
        }
    }
    if script.way != Way::Clear {
        let is_encrypted = seen.by_reset.values().flatten().all(|mail| mail.is_encrypted);
        findings.demand(is_encrypted && seen.in_clear == 0, || {
            format!("{} envelopes or messages went in clear", seen.in_clear)
        });
    }
}

fn use_links(scene: &mut Scene, wire: &mut Wire, asked: &[(Uuid, String)]) {
    for (id, email) in asked {
        let Some(token) = scene.sink.token(id) else { continue };
        let password = format!("a kingfisher by the mill pond {}", &token[40..]);
        let statuses = [
            wire.redeem(&token, &password),
            wire.redeem(&token, "another kingfisher entirely here"),
            wire.sign_in(email, &password).map(|reply| reply.status),
        ];
        scene.outcome.acknowledged += 1;
        scene.outcome.findings.demand(statuses == [Some(204), Some(400), Some(204)], || {
            format!("the link of {email}, the same link again and the sign-in were answered {statuses:?}")
        });
        scene.chose.insert(email.clone());
    }
}
