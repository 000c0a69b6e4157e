//! Drives the real Chromium over W3C WebDriver, as a person with eyes and a keyboard would use it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

const MISSING: &str = "the pages are tested in Chromium, which is not here: run `apt-get install -y \
                       --no-install-recommends chromium chromium-driver fonts-ipafont-gothic` as root";
/// The key under which WebDriver hands out elements (W3C WebDriver § 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long a look for an element goes on. A page that is slow is not wrong.
const PATIENCE_MILLISECONDS: u64 = 15_000;

/// The Tab key, for [`Browser::press`].
pub const TAB: &str = "\u{e004}";
/// The Enter key, for [`Browser::press`].
pub const ENTER: &str = "\u{e007}";

/// How the reader has set the browser up.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub script: bool,
    pub dark: bool,
    pub width: u32,
    /// A tag of BCP 47, for `Accept-Language`.
    pub language: &'static str,
}

impl Default for Reader {
    fn default() -> Self {
        Self { script: true, dark: false, width: 1024, language: "en" }
    }
}

/// One request that the browser made.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

/// A browser of its own, with an empty profile. It ends with this value.
pub struct Browser {
    driver: Child,
    /// Kept open: a driver whose output nobody reads may stop.
    _output: BufReader<ChildStdout>,
    agent: ureq::Agent,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium for `reader`.
    pub fn open(reader: Reader) -> Self {
        let (driver, output, port) = start_driver();
        let profile = tempfile::tempdir().expect("a directory for the profile");
        let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
        let mut browser = Self {
            driver,
            _output: output,
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            _profile: profile,
        };
        let wishes = wishes(reader, browser._profile.path());
        let answer = browser.post("", &json!({ "capabilities": { "alwaysMatch": wishes } }));
        let id = answer["sessionId"].as_str().expect("a session has an id");
        browser.session = format!("{}/{id}", browser.session);
        browser.set_up(reader);
        browser
    }

    fn set_up(&self, reader: Reader) {
        self.post("/timeouts", &json!({ "implicit": PATIENCE_MILLISECONDS }));
        let scheme = if reader.dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features }));
        self.widen(reader.width);
    }

    /// Opens `url` and waits until it is loaded.
    pub fn goto(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// Loads the page again, as F5 does. A form that was sent is sent again, without a question.
    pub fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    /// One page back.
    pub fn back(&self) {
        self.post("/back", &json!({}));
    }

    /// Makes the window so wide, in CSS pixels.
    pub fn widen(&self, width: u32) {
        let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", screen);
    }

    /// The address as it stands in the address bar.
    pub fn url(&self) -> String {
        text_of(&self.get("/url"))
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        text_of(&self.get("/title"))
    }

    /// Whether something on the page matches `css` now and can be seen.
    pub fn sees(&self, css: &str) -> bool {
        let found = self.execute(
            "return [...document.querySelectorAll(arguments[0])].some((it) => it.checkVisibility())",
            &json!([css]),
        );
        found.as_bool().expect("yes or no")
    }

    /// Waits until something that matches `css` can be seen.
    pub fn wait_for(&self, css: &str) {
        for _ in 0..PATIENCE_MILLISECONDS / 20 {
            if self.sees(css) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{css} was never seen on {}: {}", self.url(), self.text("body"));
    }

    /// Waits until the address contains `part`.
    pub fn wait_for_url(&self, part: &str) {
        for _ in 0..PATIENCE_MILLISECONDS / 20 {
            if self.url().contains(part) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the address never became {part}, it is {}", self.url());
    }

    /// Clicks the element at `css`; waits until it exists.
    pub fn click(&self, css: &str) {
        self.post(&format!("{}/click", self.find(css)), &json!({}));
    }

    /// Types `text` into the field `css`, after its present text.
    pub fn type_keys(&self, css: &str, text: &str) {
        self.post(&format!("{}/value", self.find(css)), &json!({ "text": text }));
    }

    /// Presses `keys` wherever the focus is.
    pub fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] }));
    }

    /// The text that can be read in `css`.
    pub fn text(&self, css: &str) -> String {
        text_of(&self.get(&format!("{}/text", self.find(css))))
    }

    /// The text in the field `css`.
    pub fn value(&self, css: &str) -> String {
        text_of(&self.get(&format!("{}/property/value", self.find(css))))
    }

    /// The attribute `name` of `css`, as it stands in the document.
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.get(&format!("{}/attribute/{name}", self.find(css))).as_str().map(str::to_owned)
    }

    /// Which element has the focus: its id, else its name.
    pub fn focus(&self) -> String {
        text_of(&self.execute("const it = document.activeElement; return it.id || it.localName", &json!([])))
    }

    /// Runs `script`, the body of a function, and returns its value. Works with scripts off too.
    pub fn execute(&self, script: &str, arguments: &Value) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Runs `script`, which hands its value to the function that is its last argument.
    pub fn execute_async(&self, script: &str, arguments: &Value) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// Sends one command of the DevTools protocol.
    pub fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Draws the whole page into the PNG file `path`.
    pub fn screenshot(&self, path: &Path) {
        let drawn = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true }));
        let png = BASE64_STANDARD.decode(text_of(&drawn["data"])).expect("base64");
        std::fs::write(path, png).expect("the picture can be written");
    }

    /// Every request since the last call, in order.
    pub fn requests(&self) -> Vec<Request> {
        let lines = self.post("/se/log", &json!({ "type": "performance" }));
        let events: Vec<Value> = lines.as_array().expect("a list").iter().map(event).collect();
        let sent = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.map(|event| request(&event["params"], &events)).collect()
    }

    fn find(&self, css: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": css }));
        format!("/element/{}", text_of(&found[ELEMENT]))
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.agent.get(format!("{}{path}", self.session)).call();
        answer_of(answer, path)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.agent.post(format!("{}{path}", self.session)).send_json(body);
        answer_of(answer, path)
    }
}

impl Drop for Browser {
    /// Ends the browser before the driver: a driver that dies first leaves it behind.
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The driver takes one port number in IPv4 and IPv6 alike and ends where the second is another program's.
fn start_driver() -> (Child, BufReader<ChildStdout>, u16) {
    (0..5).find_map(|_| try_driver()).expect("chromedriver says its port before it ends")
}

fn try_driver() -> Option<(Child, BufReader<ChildStdout>, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{MISSING} ({error})"));
    let mut output = BufReader::new(driver.stdout.take().expect("its output is ours"));
    let port = port_of(&mut output);
    if port.is_none() {
        let _ = driver.wait();
    }
    Some((driver, output, port?))
}

/// The driver picks a free port and says which.
fn port_of(output: &mut BufReader<ChildStdout>) -> Option<u16> {
    let mut lines = output.lines().map(|line| line.expect("the driver speaks"));
    lines.find_map(|line| line.trim_end_matches('.').rsplit_once("successfully on port ")?.1.parse().ok())
}

fn wishes(reader: Reader, profile: &Path) -> Value {
    // 1 allows and 2 blocks, as an administrator of the machine would set it.
    let script = if reader.script { 1 } else { 2 };
    let home = format!("--user-data-dir={}", profile.display());
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A place that is no secure context: browsers say nothing there of the site that a form comes from.
        "--host-resolver-rules=MAP *.id.test 127.0.0.1",
        home.as_str(),
    ];
    let preferences = json!({
        "profile.managed_default_content_settings.javascript": script,
        "intl.accept_languages": reader.language,
        "credentials_enable_service": false,
    });
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "args": arguments, "prefs": preferences },
        "goog:loggingPrefs": { "performance": "ALL" },
    })
}

fn answer_of(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, path: &str) -> Value {
    let mut answer = answer.unwrap_or_else(|error| panic!("WebDriver {path}: {error}"));
    let ok = answer.status().is_success();
    let body = answer.body_mut().with_config().limit(64 << 20);
    let mut body: Value = body.read_json().expect("WebDriver answers in JSON");
    let value = body["value"].take();
    let binary = value["message"].as_str().is_some_and(|message| message.contains("cannot find Chrome binary"));
    assert!(!binary, "{MISSING}");
    assert!(ok, "WebDriver {path}: {} {}", value["error"], value["message"]);
    value
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

fn event(line: &Value) -> Value {
    let mut message: Value = serde_json::from_str(line["message"].as_str().expect("a message")).expect("JSON");
    message["message"].take()
}

/// The headers are those that were really sent, if Chromium reports them (cookies among them), otherwise those that the
/// page asked for.
fn request(sent: &Value, events: &[Value]) -> Request {
    let wire = events.iter().find(|event| {
        event["method"] == "Network.requestWillBeSentExtraInfo" && event["params"]["requestId"] == sent["requestId"]
    });
    let headers = wire.map_or(&sent["request"]["headers"], |event| &event["params"]["headers"]);
    let headers = headers.as_object().into_iter().flatten();
    Request {
        method: text_of(&sent["request"]["method"]),
        url: text_of(&sent["request"]["url"]) + sent["request"]["urlFragment"].as_str().unwrap_or_default(),
        headers: headers.map(|(name, value)| (name.to_lowercase(), text_of(value))).collect(),
        body: sent["request"]["postData"].as_str().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "data:text/html,<title>Form</title><form method=post action=http://127.0.0.1:9999/>\
                        <input id=a name=a><input id=b name=b><button>Go</button></form>\
                        <p id=p hidden>Seen</p><script>document.querySelector('p').hidden = false</script>";

    #[test]
    fn the_browser_does_what_a_person_does() {
        let browser = Browser::open(Reader { dark: true, width: 320, ..Reader::default() });
        browser.goto(FORM);
        assert_eq!(browser.title(), "Form");
        browser.wait_for("#p");
        assert_eq!(browser.text("#p"), "Seen");
        browser.type_keys("#a", "one");
        browser.press(TAB);
        browser.press("two");
        assert_eq!((browser.value("#a"), browser.value("#b")), ("one".into(), "two".into()));
        assert_eq!((browser.focus(), browser.attribute("#b", "name")), ("b".into(), Some("b".into())));
        let dark = "return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]";
        assert_eq!(browser.execute(dark, &json!([])), json!([320, true]));
        let picture = tempfile::NamedTempFile::new().unwrap();
        browser.screenshot(picture.path());
        assert!(std::fs::read(picture.path()).unwrap().starts_with(b"\x89PNG"));
        browser.press(ENTER);
        browser.wait_for_url("127.0.0.1:9999");
        let requests = browser.requests();
        let posted = requests.iter().find(|request| request.method == "POST").expect("the form was sent");
        assert_eq!((posted.url.as_str(), posted.body.as_deref()), ("http://127.0.0.1:9999/", Some("a=one&b=two")));
        assert!(posted.headers.iter().any(|(name, _)| name == "content-type"));
    }

    #[test]
    fn a_browser_without_script_runs_none() {
        let browser = Browser::open(Reader { script: false, ..Reader::default() });
        browser.goto(FORM);
        browser.click("#a");
        assert!(!browser.sees("#p"));
        assert!(browser.url().starts_with("data:"));
    }
}
