use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// Serves each connection on a thread: `respond` gets the stream and the number of the request on it, from 0, and says
/// whether the connection goes on.
fn server(respond: fn(&mut TcpStream, u64) -> bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let mut number = 0;
                while lines.by_ref().map_while(io::Result::ok).any(|line| line.is_empty())
                    && respond(&mut stream, number)
                {
                    number += 1;
                }
            });
        }
    });
    address
}

fn drive(address: SocketAddr, connections: usize, requests: usize) -> Result<Run> {
    drive_all(&[address], connections, requests)
}

fn drive_all(addresses: &[SocketAddr], connections: usize, requests: usize) -> Result<Run> {
    let measured = Duration::from_secs(60);
    let load = Load { addresses, connections, expected_status: 200, warm_up: Duration::ZERO, measured };
    let mut asked = 0;
    load.run(&mut |buffer| {
        buffer.extend_from_slice(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        asked += 1;
        Ok(asked <= requests)
    })
}

fn good(run: &Run) -> u64 {
    (run.per_second * run.seconds).round() as u64
}

#[test]
fn every_request_has_its_answer_on_many_connections() {
    let address = server(|stream, _| stream.write_all(OK.as_bytes()).is_ok());
    let run = drive(address, 16, 1_000).unwrap();
    assert_eq!((good(&run), run.complaint()), (1_000, None));
}

#[test]
fn connections_are_dealt_out_evenly() {
    let addresses: Vec<SocketAddr> = [1, 2].map(|port| ([127, 0, 0, 1], port).into()).to_vec();
    let dealt = (0..64).filter(|&connection| address_of(&addresses, connection) == addresses[0]).count();
    assert_eq!((dealt, address_of(&addresses, 63)), (32, addresses[1]));
    assert_eq!(address_of(&addresses[..1], 63), addresses[0]);
}

#[test]
fn every_server_is_asked() {
    let servers = [
        server(|stream, _| stream.write_all(OK.as_bytes()).is_ok()),
        server(|stream, _| stream.write_all(OK.replace("200 OK", "202 Accepted").as_bytes()).is_ok()),
    ];
    let run = drive_all(&servers, 2, 1_000).unwrap();
    assert!(good(&run) > 0 && run.errors_by_status[&202] > 0);
}

#[test]
fn an_answer_in_pieces_is_put_together() {
    let address = server(|stream, _| {
        OK.as_bytes().chunks(7).all(|piece| {
            std::thread::sleep(Duration::from_millis(1));
            stream.write_all(piece).is_ok()
        })
    });
    let run = drive(address, 2, 20).unwrap();
    assert_eq!((good(&run), run.complaint()), (20, None));
}

#[test]
fn another_status_is_counted_apart() {
    let address = server(|stream, number| {
        let busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(if number % 4 == 3 { busy } else { OK }.as_bytes()).is_ok()
    });
    let run = drive(address, 1, 100).unwrap();
    assert_eq!((good(&run), run.errors_by_status), (75, BTreeMap::from([(503, 25)])));
}

#[test]
fn a_connection_that_the_server_ends_in_order_is_opened_anew() {
    let address = server(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        false
    });
    let run = drive(address, 2, 50).unwrap();
    assert_eq!((good(&run), run.complaint()), (50, None));
}

#[test]
fn a_connection_that_breaks_is_counted_and_opened_anew() {
    let address = server(|stream, number| number < 9 && stream.write_all(OK.as_bytes()).is_ok());
    let run = drive(address, 1, 100).unwrap();
    assert_eq!((good(&run), run.connections_lost), (90, 10));
}

#[test]
fn a_server_that_says_too_much_or_is_not_there_ends_the_run() {
    let address = server(|stream, _| stream.write_all(OK.repeat(2).as_bytes()).is_ok());
    assert!(drive(address, 1, 1).unwrap_err().to_string().contains("more than was asked"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(drive(free, 1, 1).unwrap_err().to_string().contains("cannot be reached"));
}
