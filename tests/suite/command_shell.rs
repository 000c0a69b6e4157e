//! What sets up the command line: completions in real shells, manual pages, and servers that are kept under a name.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command_line::{Ended, tenantry};
use crate::rig::Rig;

/// A shell with a terminal of its own, in which somebody types, presses the tabulator and then Return. The command tells what
/// it was called with.
const TYPED_IN_ZSH: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; tenantry() { print -r \"CALLED \$*\" }"
for typed in "user l" "tenant susp" "mail ret" "user list --st"; do
    zpty -w -n shell "tenantry $typed"$'\t\n'
done
zpty -w shell exit
while zpty -r shell line; do print -r -- $line; done
"#;

/// What bash would offer for the last word of a line.
const OFFERED_BY_BASH: &str = r#"
source "$1"
for typed in "user l" "tenant susp" "mail ret" "user list --st"; do
    COMP_WORDS=(tenantry $typed); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _tenantry tenantry "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "${COMPREPLY[@]}"
done
"#;

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes the script of a shell into a directory, under the name by which it is found.
fn completions(directory: &Path, shell: &str, name: &str) {
    let script = Ended::from(tenantry(directory, &["completions", shell]).output().unwrap()).done();
    std::fs::write(directory.join(name), script).unwrap();
}

#[test]
fn bash_completes_verbs_and_flags() {
    let place = tempfile::tempdir().unwrap();
    completions(place.path(), "bash", "tenantry.bash");
    let script = place.path().join("tenantry.bash");
    let offered = said(Command::new("bash").args(["-c", OFFERED_BY_BASH, "bash"]).arg(script));
    assert_eq!(offered.lines().collect::<Vec<_>>(), ["list", "suspend", "retry", "--state"]);
}

#[test]
fn zsh_completes_verbs_and_flags() {
    let place = tempfile::tempdir().unwrap();
    completions(place.path(), "zsh", "_tenantry");
    let shown = said(Command::new("zsh").args(["-f", "-c", TYPED_IN_ZSH, "zsh"]).arg(place.path()));
    let called: Vec<_> = shown.lines().filter_map(|line| line.trim().strip_prefix("CALLED ")).collect();
    assert_eq!(called, ["user list", "tenant suspend", "mail retry", "user list --state"], "{shown}");
}

#[test]
fn every_verb_has_a_manual_page_that_is_set_without_a_warning() {
    let place = tempfile::tempdir().unwrap();
    let told = Ended::from(tenantry(place.path(), &["man", "--out", "pages"]).output().unwrap()).done();
    assert!(told.contains("man pages/tenantry.1"), "{told}");
    let pages: Vec<_> =
        std::fs::read_dir(place.path().join("pages")).unwrap().map(|page| page.unwrap().path()).collect();
    assert!(pages.len() > 50, "{}", pages.len());
    for page in &pages {
        let set = Command::new("groff").args(["-man", "-Kutf8", "-Tutf8", "-ww"]).arg(page).output().unwrap();
        assert!(set.status.success() && set.stderr.is_empty(), "{}: {set:?}", page.display());
    }
    let list = said(
        Command::new("groff")
            .args(["-man", "-Kutf8", "-Tascii", "-P-cbou"])
            .arg(place.path().join("pages/tenantry-user-list.1")),
    );
    assert!(list.contains("--signed-in-before"), "{list}");
    let all = Ended::from(tenantry(place.path(), &["man"]).output().unwrap()).done();
    assert!(all.contains("tenantry\\-user(1)"), "{all}");
}

/// Runs a verb of a user with this home, who types `token`.
fn at_home(home: &Path, line: &[&str], token: &str) -> Ended {
    let mut command = tenantry(home, line);
    command.env("HOME", home).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A verb that reads nothing may be over already.
    let _ = writeln!(child.stdin.take().unwrap(), "{token}");
    child.wait_with_output().unwrap().into()
}

#[test]
fn a_server_is_kept_under_a_name_used_and_forgotten() {
    let (rig, home) = (Rig::start(), tempfile::tempdir().unwrap());
    let (url, token) = (format!("http://{}", rig.address), rig.sample.api_token.clone());
    let run = |line: &[&str], typed: &str| at_home(home.path(), line, typed);
    assert!(run(&["user", "list"], "").refused().contains("tenantry login"));

    let refused = run(&["login", "acme", "--url", &url], "no-such-token").refused();
    assert!(!refused.contains("no-such-token"), "{refused}");
    assert!(run(&["login", "acme", "--url", &url], "").refused().contains("There is no token"));
    assert!(run(&["login", "acme", "--url", "http://id.example.com"], &token).refused().contains("not https"));
    assert_eq!(run(&["profiles"], "").done(), "No profiles. Make one with `tenantry login`.\n", "nothing was kept");

    let told = run(&["login", "acme", "--url", &url], &token).done();
    assert!(told.contains("You are admin@example.com") && !told.contains(&token), "{told}");
    let file = home.path().join(".config/tenantry/profiles.toml");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(run(&["user", "list", "--profile", "acme"], "").done().contains("hello@example.com"));
    assert!(run(&["user", "list"], "").refused().contains("tenantry login"), "only `default` is used unnamed");
    assert!(run(&["login", "--url", &url, "--json"], &token).done().contains("\"profile\":\"default\""));
    assert!(run(&["user", "list"], "").done().contains("hello@example.com"));

    let listed: Value = serde_json::from_str(&run(&["profiles", "--json"], "").done()).unwrap();
    assert_eq!(listed["items"][0], serde_json::json!({ "profile": "acme", "url": url }), "no token is told: {listed}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(run(&["user", "list"], "").refused().contains("chmod 600"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();

    assert!(run(&["logout"], "").done().contains("Its token still works"));
    assert!(run(&["logout"], "").refused().contains("no profile default"));
    assert!(run(&["user", "list"], "").refused().contains("tenantry login"));
    assert!(run(&["user", "list", "--profile", "acme"], "").done().contains("hello@example.com"));
}
