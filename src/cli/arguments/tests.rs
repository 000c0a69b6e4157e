use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &str) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(std::iter::once("tenantry").chain(line.split_whitespace()))
}

fn verb(line: &str) -> Verb {
    parse(line).unwrap_or_else(|error| panic!("{line}: {error}")).verb
}

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

#[test]
fn every_line_of_the_documentation_is_understood() {
    let lines = [
        "try",
        "dev",
        "dev --listen 127.0.0.1:0 --data d --users 1000 --allow-remote",
        "serve",
        "serve --config c.toml --listen 127.0.0.1:1 --data d",
        "init --tenant acme --email jane@example.com",
        "init --config c.toml --data d --tenant acme --email jane@example.com --public-url https://id.example.com",
        "reset jane@example.com",
        "reset jane@example.com --url http://localhost:1 --token t",
        "reset --data d jane@example.com",
        "reset list",
        "reset list --state mailed --email jane@example.com --since 2026-03-04T09:00:00Z --limit 5 --data d",
        "reset show 01890a5d-ac96-774b-bcce-b302099a8057",
        "reset cancel 01890a5d-ac96-774b-bcce-b302099a8057 --url http://localhost:1",
        "reset resend 01890a5d-ac96-774b-bcce-b302099a8057",
        "reset wait 01890a5d-ac96-774b-bcce-b302099a8057 --for mailed --timeout-seconds 5",
        "user add jane@example.com --first-name Jane --role system:a --role *:b",
        "user list",
        "user show jane@example.com",
        "user disable jane@example.com",
        "user enable jane@example.com --token t",
        "user change-email jane@example.com jane.roe@example.com --data d",
        "user keep-email jane@example.com",
        "group list",
        "group show ops --profile acme",
        "group create ops --display-name Operations --member jane@example.com --role system:ves-io-monitor-role",
        "group add ops jane@example.com kenji@example.com",
        "group remove ops jane@example.com",
        "group give ops shop:auditor",
        "group take ops shop:auditor",
        "group delete ops",
        "role list",
        "role create auditor --api-groups ves-io-uam-read,ves-io-uam-admin-read",
        "role set auditor --api-groups ves-io-uam-read",
        "role show auditor",
        "role delete auditor",
        "namespace list",
        "namespace create shop --description Shop",
        "namespace delete shop",
        "setting list",
        "setting set link_lifetime_minutes=120 contact=",
        "token create ci --expiration-days 7",
        "token list --data d",
        "token revoke ci-abcdefgh",
    ];
    understand(&lines);
}

#[test]
fn every_line_of_the_documentation_for_operators_is_understood() {
    let lines = [
        "tenant create acme --display-name Acme",
        "tenant list --data d",
        "tenant show acme",
        "tenant suspend acme --data d",
        "tenant resume acme",
        "tenant set acme display_name=Acme reset_lifetime_minutes=",
        "audit tail -n 5 -f",
        "audit query --actor jane@example.com --action reset.request",
        "audit export --out audit.jsonl",
        "tenant export --out acme.jsonl",
        "tenant import acme.jsonl --dry-run",
        "audit verify --url http://localhost:1",
        "audit verify --offline --config c.toml --data d",
        "mail queue --tenant acme",
        "mail test --to jane@example.com --config c.toml",
        "doctor --data d",
        "config check --config c.toml",
        "config check --markdown",
        "login --url https://id.example.com",
        "login acme --url https://id.example.com --ca-file authority.pem",
        "logout acme",
        "profiles",
        "completions zsh",
        "man --out pages",
        "user list --profile acme",
        "compat",
        "compat --not-served scim",
    ];
    understand(&lines);
}

#[test]
fn every_line_about_a_list_of_users_is_understood() {
    understand(&[
        "user list jane --state invited --sign-in-by sso --role a --namespace b --group c --limit 5",
        "user list --signed-in-before 2026-03-04T09:00:00Z --password-after 2026-03-04T09:00:00Z",
    ]);
}

#[test]
fn every_line_about_keeping_is_understood() {
    understand(&[
        "backup --to FILE --data d",
        "backup --to FILE --force --config c.toml",
        "restore --from FILE --data d",
        "restore --from FILE --replace --passwords keep --public-url http://localhost:1",
        "move --from sqlite:d --to sqlite:e",
        "move --from sqlite:d --to postgres: --config c.toml",
        "key list",
        "key rotate --data d",
        "key add",
        "key use 2",
        "key remove 2 --config c.toml",
    ]);
}

fn understand(lines: &[&str]) {
    for line in lines {
        verb(line);
        if !line.ends_with("--markdown") {
            assert!(parse(&format!("{line} --json")).unwrap().json, "{line}");
        }
        assert!(parse(&format!("--json {line}")).is_ok() || line.ends_with("--markdown"), "{line}");
    }
}

#[test]
fn a_wrong_line_is_a_usage_error() {
    let lines = [
        "",
        "rest jane@example.com",
        "reset",
        "reset lst",
        "reset jane@example.com list",
        "reset show",
        "reset show 7",
        "dev --listen banana",
        "init --tenant acme",
        "user add jane",
        "user add jane@example.com --role system",
        "tenant set acme",
        "tenant set acme display_name",
        "reset list --limit 0",
        "backup",
        "restore --from FILE --passwords perhaps",
        "move --from sqlite:d",
        "key remove",
        "reset list --since yesterday",
        "reset jane@example.com --data d --url http://localhost:1",
        "audit verify --config c.toml",
        "audit verify --offline --url http://localhost:1",
    ];
    for line in lines {
        assert_eq!(parse(line).unwrap_err().exit_code(), i32::from(EXIT_USAGE), "{line}");
    }
}

#[test]
fn an_address_and_a_word_are_told_apart() {
    let Verb::Reset(reset) = verb("reset jane@example.com --data d") else { panic!() };
    assert_eq!((reset.email.as_deref(), reset.verb.is_none()), (Some("jane@example.com"), true));
    assert_eq!(reset.api.data, Some("d".into()));
    let Verb::Reset(reset) = verb(&format!("reset wait {ID} --data d")) else { panic!() };
    let (None, Some(ResetVerb::Wait(wait))) = (reset.email, reset.verb) else { panic!() };
    assert_eq!((wait.id.to_string().as_str(), wait.state), (ID, ResetState::Redeemed));
    assert_eq!(wait.api.data, Some("d".into()));
}

#[test]
fn flags_of_serve_are_settings_with_their_origin() {
    let Verb::Serve(serve) = verb("serve --listen 127.0.0.1:1 --data d") else { panic!() };
    let loaded = crate::config::load(&serve.sources(Vec::new())).unwrap();
    let listen = loaded.explained.find("http.listen").unwrap();
    assert_eq!((listen.value.as_str(), listen.origin.as_str()), ("127.0.0.1:1", "flag --listen"));
    assert_eq!(loaded.explained.find("store.data_dir").unwrap().origin, "flag --data");
    let Verb::Init(init) = verb("init --tenant a --email a@b.example --public-url http://localhost:1") else {
        panic!()
    };
    let loaded = crate::config::load(&init.sources(Vec::new())).unwrap();
    assert_eq!(loaded.explained.find("http.public_url").unwrap().origin, "flag --public-url");
}

#[test]
fn a_store_is_verified_only_offline() {
    let Verb::Audit(Audit::Verify(verify)) = verb("audit verify --offline --data d") else { panic!() };
    assert_eq!(verify.open().unwrap().data, Some("d".into()));
    let Verb::Audit(Audit::Verify(verify)) = verb("audit verify --data d") else { panic!() };
    assert!(verify.open().is_none());
}

#[test]
fn every_verb_says_what_it_is_for() {
    fn look(command: &mut clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        let about = command.get_about().unwrap_or_else(|| panic!("{path} has no about line")).to_string();
        assert!(!about.ends_with('.') && about.len() <= 110, "{path}: {about}");
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{path} {} has no help", argument.get_id());
        }
        let help = command.render_long_help().to_string();
        assert!(help.starts_with(&about), "{path}: {help}");
        command.get_subcommands_mut().for_each(|command| look(command, &path));
    }
    let mut command = Arguments::command();
    command.build();
    look(&mut command, "");
    command.debug_assert();
}

#[test]
fn help_and_version_are_answers_and_no_errors() {
    let kinds = ["--help", "reset --help", "reset wait --help", "--version"].map(|line| parse(line).unwrap_err());
    assert!(kinds.iter().all(|error| error.exit_code() == 0));
    assert_eq!(kinds[0].kind(), ErrorKind::DisplayHelp);
}

#[test]
fn every_command_of_the_page_is_understood() {
    let page = include_str!("../../../docs/admin/command-line.md");
    let lines: Vec<_> = page.lines().filter(|line| line.starts_with("tenantry ")).collect();
    assert!(lines.len() > 25, "{}", lines.len());
    for line in lines {
        let line = line.replace(" ID", " 01890a5d-ac96-774b-bcce-b302099a8057");
        let parsed = Arguments::try_parse_from(line.split(' '));
        assert!(parsed.is_ok(), "{line}: {:?}", parsed.err());
    }
}
