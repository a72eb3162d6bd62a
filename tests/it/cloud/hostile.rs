//! Stores that mean harm: each ends with a message, in bounded time and memory.
//!
//! In: a server that answers as it likes. Out: the status, the message, and how long it took.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reconstruct::cli::Surroundings;
use reconstruct::source::Waits;

use crate::support::run::{Run, run_in};
use crate::support::s3_server::{Asked, Server, answer, reading};

/// What takes longer has no end.
const LONG: Duration = Duration::from_secs(30);

/// Reads the bucket of a server with little patience.
fn read(server: &Server) -> Run {
    let surroundings = reading(&server.url, &[]);
    let surroundings = Surroundings {
        waits: Waits {
            answer: Duration::from_millis(700),
            piece: Duration::from_millis(500),
            pause: Duration::from_millis(1),
            ..surroundings.waits
        },
        ..surroundings
    };
    let began = Instant::now();
    let run = run_in(["--fail-on", "never", "s3://logs"], surroundings);
    assert!(
        began.elapsed() < LONG,
        "{:?}: {}",
        began.elapsed(),
        run.stderr
    );
    run
}

/// The run ends with status 2 and these words.
fn ends(server: &Server, words: &str) {
    let run = read(server);
    assert_eq!((run.status, &*run.stdout), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
}

fn says(text: impl Into<String>) -> Server {
    let text = text.into();
    Server::play(move |_, out| out.write_all(&answer(200, "", text.as_bytes())).is_ok())
}

fn page(inside: &str) -> String {
    format!("<ListBucketResult>{inside}</ListBucketResult>")
}

fn entry(key: &str, size_bytes: usize) -> String {
    format!("<Contents><Key>{key}</Key><Size>{size_bytes}</Size></Contents>")
}

fn more(token: &str) -> String {
    format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>")
}

/// A bucket with these objects, all of which are served by `object`.
fn bucket_of(
    keys: &[&str],
    size_bytes: usize,
    object: impl Fn(&Asked, &mut TcpStream) -> bool + Send + Sync + 'static,
) -> Server {
    let list: String = keys.iter().map(|key| entry(key, size_bytes)).collect();
    let list = page(&list);
    Server::play(move |asked, out| match asked.line.contains("list-type=2") {
        true => out.write_all(&answer(200, "", list.as_bytes())).is_ok(),
        false => object(asked, out),
    })
}

#[test]
fn listing_that_repeats_its_token_ends() {
    ends(
        &says(page(&(entry("a", 1) + &more("again")))),
        "lists in circles",
    );
}

#[test]
fn endless_pages_end() {
    for with_keys in [true, false] {
        let count = AtomicUsize::new(0);
        let server = Server::play(move |_, out| {
            let n = count.fetch_add(1, Ordering::Relaxed);
            let inside = match with_keys {
                true => entry("a", 1) + &more(&n.to_string()),
                false => more(&n.to_string()),
            };
            out.write_all(&answer(200, "", page(&inside).as_bytes()))
                .is_ok()
        });
        ends(&server, "lists in circles");
    }
}

#[test]
fn huge_listing_is_not_read_to_its_end() {
    let server = Server::play(|_, out| {
        let head = b"HTTP/1.1 200 It\r\ncontent-length: 99999999999\r\n\r\n<ListBucketResult>";
        if out.write_all(head).is_err() {
            return false;
        }
        let filling = vec![b' '; 1 << 20];
        // Until nobody reads any more.
        while out.write_all(&filling).is_ok() {}
        false
    });
    ends(&server, "cannot list `s3://logs`");
}

#[test]
fn listing_that_expands_or_nests_without_end_is_refused() {
    let bomb = "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let bomb = format!(
        "{bomb}{}",
        page("<Contents><Key>&b;</Key><Size>1</Size></Contents>")
    );
    ends(&says(bomb), "the answer is no listing or object of S3");
    ends(
        &says(page(&"<a>".repeat(1 << 20))),
        "no log file under `s3://logs`",
    );
    ends(
        &says("<html>Log in to the network</html>"),
        "the answer is no listing or object of S3",
    );
}

#[test]
fn refusal_for_ever_ends() {
    let slow_down = || {
        answer(
            503,
            "",
            b"<Error><Code>SlowDown</Code><Message>no</Message></Error>",
        )
    };
    let server = Server::play(move |_, out| out.write_all(&slow_down()).is_ok());
    ends(&server, "SlowDown: no");
    // Of many objects too, though each would be asked for ten times.
    let names: Vec<String> = (0..400).map(|n| format!("{n:03}.json")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = bucket_of(&names, 100, move |_, out| {
        counted.fetch_add(1, Ordering::Relaxed);
        out.write_all(&slow_down()).is_ok()
    });
    ends(&server, "no log could be read from `s3://logs`");
    assert!(count.load(Ordering::Relaxed) < 1_200, "{count:?}");
}

/// Sends one byte after the other, slowly.
fn trickle(asked: &Asked, out: &mut TcpStream) -> bool {
    let range = asked.headers.get("range").map_or("", String::as_str);
    let first = range
        .trim_start_matches("bytes=")
        .trim_end_matches('-')
        .parse::<usize>();
    let head = match first {
        Ok(first) => format!(
            "HTTP/1.1 206 It\r\ncontent-range: bytes {first}-99999/100000\r\ncontent-length: {}\r\n\r\n",
            100_000 - first
        ),
        Err(_) => "HTTP/1.1 200 It\r\ncontent-length: 100000\r\n\r\n".to_owned(),
    };
    if out.write_all(head.as_bytes()).is_err() {
        return false;
    }
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(100));
        if out.write_all(b" ").is_err() {
            break;
        }
    }
    false
}

#[test]
fn one_byte_after_the_other_is_not_waited_for() {
    ends(&Server::play(trickle), "the answer took too long");
    let server = bucket_of(&["a.json"], 100_000, trickle);
    let run = read(&server);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("the connection broke off"),
        "{}",
        run.stderr
    );
}

#[test]
fn object_that_is_shorter_than_it_said_is_no_whole_one() {
    // By its own length, each time anew.
    let server = bucket_of(&["a.json"], 90, |_, out| {
        let head = b"HTTP/1.1 200 It\r\ncontent-length: 90\r\n\r\n{\"Records\":[";
        let _ = out.write_all(head);
        false
    });
    let run = read(&server);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("could not be read") || run.stderr.contains("unreadable"),
        "{}",
        run.stderr
    );
    // By the listing alone.
    let server = bucket_of(&["a.json"], 90, |_, out| {
        out.write_all(&answer(200, "", b"{\"Records\":[")).is_ok()
    });
    let run = read(&server);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("truncated"), "{}", run.stderr);
}

#[test]
fn redirect_to_another_host_gets_no_credentials() {
    for status in [301, 302, 307, 308] {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let other = Server::play(move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        });
        let location = format!("location: {}/logs/\r\n", other.url);
        let server = Server::play(move |_, out| {
            let body = b"<Error><Code>TemporaryRedirect</Code><Message>go on</Message></Error>";
            out.write_all(&answer(status, &location, body)).is_ok()
        });
        ends(&server, "TemporaryRedirect");
        assert_eq!(count.load(Ordering::Relaxed), 0, "{status}");
    }
}
