//! What people and a tenant have chosen for themselves, in a store as real use leaves it.

use serde_json::{Value, json};

use crate::keeping::call;
use crate::pictures::POINT;
use crate::process::Process;

const CREDENTIALS: &str = "/api/web/namespaces/system/api_credentials";
const TENANT_IMAGE: &str = "/api/web/namespaces/system/tenant/settings/tenant/image";
const OWN_SETTINGS: &str = "/api/web/namespaces/system/user/settings";
const WORDS: &str = "/api/tenantry/v1/mail_texts/reset.forgotten/languages/fr";

fn asked(process: &Process, method: &str, path: &str, by: &str, body: &Value) {
    let reply = call(process, method, path, by, body);
    assert_eq!(reply.status, 200, "{path} {body}: {reply:?}");
}

/// What people and the tenant have chosen, a change of an address that waits for its link, a token for little.
pub fn settle_in(process: &Process, email: &str, reader: &str) {
    let owner = process.authorization();
    asked(process, "PUT", TENANT_IMAGE, &owner, &json!({ "content_type": "image/gif", "image": POINT }));
    asked(process, "PUT", WORDS, &owner, &french());
    let terms = json!({ "terms_version": "7", "terms_text": "Be kind.\nPay in time." });
    asked(process, "PATCH", "/api/tenantry/v1/settings", &owner, &terms);
    let own = json!({ "last_name": "Noble", "image": POINT, "enabled_notifications": ["alerts"] });
    asked(process, "PUT", OWN_SETTINGS, reader, &own);
    asked(process, "POST", "/api/web/custom/namespaces/system/accept_tos", reader, &json!({}));
    let new = json!({ "email": "nora@acme.example" });
    asked(process, "POST", &format!("/api/tenantry/v1/users/{email}/email"), &owner, &new);
    let little = json!({ "api_groups": ["ves-io-uam-read"], "networks": ["127.0.0.0/8"] });
    asked(
        process,
        "POST",
        CREDENTIALS,
        &owner,
        &json!({ "name": "little", "spec": { "type": "API_TOKEN" }, "narrowed_to": little }),
    );
}

fn french() -> Value {
    json!({ "subject": "Bonjour {name}", "paragraphs": ["{link}", "{code}"], "link_label": "Choisir",
        "code_label": "Ou bien\u{a0}:", "footer": "" })
}

/// Checks that what was chosen is as it was, for the owner and for the reader.
pub fn assert_choices_are_as_they_were(process: &Process, owner: &str, reader: &str) {
    let of = |cookie: &str, path: &str| call(process, "GET", path, cookie, &Value::Null);
    let read = |cookie: &str, path: &str| -> Value { serde_json::from_str(&of(cookie, path).body).unwrap() };
    let picture = of(owner, TENANT_IMAGE);
    assert!(picture.status == 200 && picture.body.starts_with("GIF89a"), "{picture:?}");
    assert_eq!(read(owner, WORDS)["own"], french());
    assert_eq!(read(reader, "/api/web/custom/namespaces/system/tos")["text"], "Be kind.\nPay in time.");
    let me = read(reader, "/api/web/custom/namespaces/system/whoami");
    assert_eq!((&me["last_name"], &me["tos_version"]), (&json!("Noble"), &json!("7")), "{me}");
    let own = read(reader, OWN_SETTINGS);
    assert!(own["image"] == POINT && own["notifications"].to_string().contains("alerts"), "{own}");
    let tokens = read(owner, CREDENTIALS);
    let mut narrowed = tokens["items"].as_array().unwrap().iter().map(|token| &token["narrowed_to"]["networks"]);
    assert!(narrowed.any(|networks| *networks == json!(["127.0.0.0/8"])), "{tokens}");
}
