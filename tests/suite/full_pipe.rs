//! Nobody reads standard error any more.

use std::io::{PipeReader, Read, Write};
use std::process::Command;
use std::time::Duration;

use crate::installation::Site;
use crate::process::Place;
use crate::wire::{Wire, request};

/// The writing end of a full pipe for a child; reading from the other end makes room.
fn full_pipe() -> (PipeReader, std::io::PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut filling = writer.try_clone().unwrap();
    // It blocks once the pipe is full, and ends when the reader does.
    std::thread::spawn(move || while filling.write_all(&[b'.'; 4096]).is_ok() {});
    std::thread::sleep(Duration::from_millis(100));
    (reader, writer)
}

#[test]
fn a_log_that_nobody_reads_stops_nothing_and_its_losses_are_told() {
    let site = Site::new();
    site.init();
    let (mut reader, writer) = full_pipe();
    let mut serve = site.command(&["serve"]);
    serve.env("TENANTRY_LOG_LEVEL", "debug").stdout(writer.try_clone().unwrap()).stderr(writer);
    let child = serve.spawn().unwrap();
    drop(serve);
    let server = site.served(child);
    let mut wire = Wire::to(([127, 0, 0, 1], site.port).into());
    let calls = vec![request("GET", "/livez", "", ""); 500];
    let dropped = |wire: &mut Wire| -> u64 {
        let figures = wire.call(request("GET", "/metrics", "", "")).unwrap().body;
        let line = figures.lines().find(|line| line.starts_with("tenantry_log_lines_dropped ")).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    while dropped(&mut wire) == 0 {
        assert!(wire.ask(&calls).iter().all(|reply| reply.status == 200));
    }
    assert!(wire.ask(&calls).iter().all(|reply| reply.status == 200), "it goes on beyond what it can keep");

    let told = std::thread::spawn(move || {
        let (mut text, mut part) = (String::new(), [0; 4096]);
        while !text.contains("were dropped") {
            let length = reader.read(&mut part).unwrap();
            text += &String::from_utf8_lossy(&part[..length]).replace('.', "");
        }
    });
    for _ in 0..200 {
        if told.is_finished() {
            break;
        }
        wire.call(request("GET", "/livez", "", "")).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(told.is_finished(), "the losses are told once there is room");
    drop(server);
}

#[test]
fn the_dev_mode_waits_for_no_reader_of_its_greeting() {
    let place = Place::new();
    let (_reader, writer) = full_pipe();
    let mut dev = Command::new(place.binary());
    dev.args(["dev", "--listen", "127.0.0.1:0", "--data"]).arg(place.data());
    dev.args(crate::engine::database_of(&place.data()).map(|url| format!("--postgres={url}")));
    let mut child = dev.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    let directions = (0..1_000).find_map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        tenantry::dev::Directions::read(&place.data())
    });
    let address = directions.unwrap().base_url.strip_prefix("http://").unwrap().parse().unwrap();
    assert_eq!(Wire::to(address).call(request("GET", "/readyz", "", "")).unwrap().status, 200);
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success() && child.wait().unwrap().success());
}
