use proptest::prelude::*;

use super::*;

fn part(heads: &str, content: &str) -> String {
    format!("--xyz\r\n{heads}\r\n\r\n{content}\r\n")
}

fn read(body: &str) -> Vec<(String, String)> {
    let found = files(body.as_bytes(), "xyz").unwrap_or_else(|refused| panic!("{}: {body}", refused.message));
    found.into_iter().map(|file| (file.name, body[file.bytes].to_owned())).collect()
}

#[test]
fn files_are_found_as_browsers_and_curl_send_them() {
    let first = part(
        "Content-Disposition: form-data; name=\"file\"; filename=\"a;\\\"b\\\".json\"\r\nContent-Type: application/json",
        "[\r\n--xy\r\n]",
    );
    let second = part("content-disposition:form-data;filename=b.csv;name=f", "");
    for (before, behind) in [("", ""), ("", "\r\n"), ("for old readers\r\n", "\r\nfor old readers")] {
        let body = format!("{before}{first}{second}--xyz--{behind}");
        let expected = [("a;\"b\".json", "[\r\n--xy\r\n]"), ("b.csv", "")];
        assert_eq!(read(&body), expected.map(|(name, text)| (name.to_owned(), text.to_owned())), "{body}");
    }
}

#[test]
fn what_is_no_file_or_breaks_off_is_refused() {
    let file = part("Content-Disposition: form-data; name=f; filename=a", "x");
    let field = part("Content-Disposition: form-data; name=from", "csv");
    for body in [
        String::new(),
        "no parts".into(),
        "--xyz--".into(),
        "--xyz".into(),
        "--xyz\r\n".into(),
        "--xyz\r\n\r\n".into(),
        file.clone(),
        format!("{file}{field}--xyz--"),
        format!("{}--xyz--", part("Content-Type: text/plain", "x")),
        "--xyz\r\n\r\nx\r\n--xyz--".into(),
        format!("{}--xyz--", file.repeat(FILES_MAX + 1)),
        format!("{file}--xyzz--"),
    ] {
        let refused = files(body.as_bytes(), "xyz").map(drop).unwrap_err();
        assert!(refused.message.contains("multipart/form-data"), "{body}: {}", refused.message);
    }
    assert_eq!(read(&format!("{}--xyz--", file.repeat(FILES_MAX))).len(), FILES_MAX);
}

#[test]
fn the_line_between_parts_stands_in_the_content_type() {
    for (text, expected) in [
        ("multipart/form-data; boundary=xyz", Some("xyz")),
        ("Multipart/Form-Data;charset=utf-8; Boundary=\"x y\"", Some("x y")),
        ("application/json", None),
        ("", None),
        ("multipart/mixed; boundary=x", None),
    ] {
        assert_eq!(boundary(text).unwrap().as_deref(), expected, "{text}");
    }
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    for wrong in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"x", &long] {
        assert!(boundary(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic_and_what_was_written_is_found(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        text in "(--xyz|\r\n|-|:|;|=|\"|form-data|filename|Content-Disposition|[a-z ]){0,60}",
    ) {
        let _ = (files(&bytes, "xyz"), files(text.as_bytes(), "xyz"), boundary(&text));
        let mut body = b"--q1w2\r\nContent-Disposition: form-data; filename=x\r\n\r\n".to_vec();
        body.extend_from_slice(&bytes);
        body.extend_from_slice(b"\r\n--q1w2--\r\n");
        let found = files(&body, "q1w2").unwrap();
        prop_assert_eq!(&body[found[0].bytes.clone()], &bytes[..]);
    }
}
