//! The picture of a tenant: what is taken, who gets it, and where people see it.

use serde_json::{Value, json};

use crate::access::{delete, ok, put, refused};
use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};

const IMAGE: &str = "/api/web/namespaces/system/tenant/settings/tenant/image";
const STATIC: &str = "/api/web/static/namespaces/system/tenant/settings/tenant";
/// One transparent point, as a GIF of which every byte is ASCII.
pub const POINT: &str = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAUwAOw==";
/// The beginnings of a PNG, a JPEG, a WebP and an ICO, each with its type.
const OTHERS: [(&str, &str); 4] = [
    ("iVBORw0KGgoAAAANSUhEUg==", "image/png"),
    ("/9j/4AAQSkZJRgABAQAAAQ==", "image/jpeg"),
    ("UklGRiQAAABXRUJQVlA4IA==", "image/webp"),
    ("AAABAAEAEBAAAAEAIAAAAA==", "image/x-icon"),
];

fn upload(rig: &Rig, image: &str) -> Answered {
    put(rig, IMAGE, &json!({ "content_type": "image/svg+xml", "image": image }))
}

fn get(rig: &Rig, path: &str) -> Answered {
    rig.send("GET", path, &[], None)
}

fn page(rig: &Rig) -> String {
    rig.send("GET", "/signin", &[("Accept", "text/html"), ("Host", "example-corp.localhost")], None).text
}

#[test]
fn a_picture_is_on_the_pages_from_the_next_request_on_and_away_again() {
    let rig = Rig::start();
    for path in [format!("{STATIC}/image"), format!("{STATIC}/favicon")] {
        refused(&get(&rig, &path), 404, "This tenant has no picture");
    }
    refused(&delete(&rig, IMAGE), 404, "This tenant has no picture");
    assert_eq!(ok(&upload(&rig, POINT)), &json!({}));
    let page_with = page(&rig);
    let source = page_with.split("<img src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    assert!(page_with.contains(&format!("<link rel=\"icon\" href=\"{source}\">")), "{page_with}");
    let first = get(&rig, &source);
    assert_eq!((first.status, first.header("content-type")), (200, Some("image/gif")));
    assert_eq!(first.text, "GIF89a\u{1}\0\u{1}\0\0\0\0,\0\0\0\0\u{1}\0\u{1}\0\0\u{2}\u{1}L\0;");
    assert_eq!(first.header("x-content-type-options"), Some("nosniff"));
    let policy = rig.send("GET", "/signin", &[], None);
    assert!(policy.header("content-security-policy").unwrap().contains("img-src 'self'"));
    let etag = first.header("etag").unwrap();
    for known in [etag.to_owned(), format!("\"other\", W/{etag}")] {
        let again = rig.send("GET", &source, &[("If-None-Match", &known)], None);
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{known}");
    }
    for name in ["image", "logo", "favicon"] {
        let own = rig.get(&format!("/api/web/namespaces/system/tenant/settings/tenant/{name}"));
        assert_eq!((own.status, &own.text), (200, &first.text));
    }
    ok(&delete(&rig, IMAGE));
    assert!(!page(&rig).contains("<img"));
    assert_eq!(get(&rig, &source).status, 404);
}

#[test]
fn a_picture_is_told_by_its_bytes_and_nothing_else_is_taken() {
    let rig = Rig::start();
    let mut etags = Vec::new();
    for (image, kind) in OTHERS.into_iter().chain([(POINT, "image/gif")]) {
        ok(&upload(&rig, image));
        let known = rig.send("GET", &format!("{STATIC}/favicon"), &[("If-None-Match", "\"no\"")], None);
        assert_eq!((known.status, known.header("content-type")), (200, Some(kind)));
        etags.push(known.header("etag").unwrap().to_owned());
    }
    etags.sort();
    etags.dedup();
    assert_eq!(etags.len(), 5, "each has its own validator");
    let page = "PCFkb2N0eXBlIGh0bWw+PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==";
    let drawing = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=";
    for (image, part) in [
        (page, "no PNG, JPEG, GIF, WebP or ICO"),
        (drawing, "SVG is not taken"),
        ("", "not empty"),
        ("%%", "no base64"),
    ] {
        refused(&upload(&rig, image), 400, part);
    }
    let long = |length: usize| format!("R0lGODlh{}", "A".repeat(length / 3 * 4));
    ok(&upload(&rig, &long(256 * 1024 - 8)));
    refused(&upload(&rig, &long(256 * 1024)), 413, "262144 bytes");
    let kept = get(&rig, &format!("{STATIC}/image"));
    assert_eq!(
        (kept.status, kept.text.len()),
        (200, 6 + (256 * 1024 - 8) / 3 * 3),
        "what was refused took nothing's place"
    );
}

#[test]
fn a_picture_belongs_to_its_tenant_and_is_changed_by_administrators() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    let boss = rig.add_member(other, "boss@other.example", owner());
    ok(&upload(&rig, POINT));
    let at = |host: &str, path: &str| rig.send("GET", path, &[("Host", host)], None).status;
    let path = format!("{STATIC}/image");
    assert_eq!((at("example-corp.localhost", &path), at("other-corp.localhost", &path)), (200, 404));
    // A host of several tenants: the page says whose picture it shows.
    let source = rig.get("/api/tenantry/v1/settings").body["settings"].clone();
    let source = source.as_array().unwrap().iter().find(|setting| setting["name"] == "logo").unwrap()["value"].clone();
    assert_eq!(at("localhost", source.as_str().unwrap()), 200);
    assert_eq!(at("localhost", &path), 400);
    assert_eq!(at("localhost", &format!("{path}?realm_id=other-corp-aaaaaaaa")), 404);
    assert_eq!(rig.as_token(&boss, "DELETE", IMAGE, None).status, 404);
    let watcher = rig.add_member(rig.tenant(), "watch@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(rig.as_token(&watcher, "GET", IMAGE, None).status, 200);
    assert_eq!(rig.as_token(&watcher, "PUT", IMAGE, Some(&json!({ "image": POINT }))).status, 403);
    // Of an upload and a chosen logo the later one counts, and only the picture's own goes with it.
    let choose = |logo: &str| {
        let body = json!({ "logo": logo });
        ok(&rig.as_token(&rig.sample.api_token, "PATCH", "/api/tenantry/v1/settings", Some(&body)));
    };
    choose("/assets/icon.svg");
    assert!(page(&rig).contains("<img src=\"/assets/icon.svg\""));
    ok(&delete(&rig, IMAGE));
    assert!(page(&rig).contains("<img src=\"/assets/icon.svg\""));
    let records = rig.get("/api/tenantry/v1/audit?action=tenant.replace_picture").body;
    let facts: &Value = &records["items"][0]["facts"];
    assert_eq!((&facts["media_type"], &facts["bytes"]), (&json!("image/gif"), &json!(28)), "{records}");
    assert_eq!(facts["settings"]["logo"]["after"], source, "{records}");
}
