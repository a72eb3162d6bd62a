//! S3 on loopback, and a network that fails.
//!
//! In: a bucket and the faults to play. Out: answers of HTTP/1.1, a connection a thread.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reconstruct::cli::{Environment, Surroundings};
use reconstruct::source::Waits;
use reconstruct::source::store::{Depth, Query};

use super::bucket::Tree;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    SlowDown,
    InternalError,
    /// The connection ends in the middle of the body.
    Cut,
    /// The same, before any answer.
    Silence,
    /// The page of a listing ends in the middle, with a length that says it is whole.
    HalfPage,
}

/// What a server does.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// What becomes of the first requests for the same thing, one after the other.
    pub(crate) faults: Vec<Fault>,
    /// The region of the bucket; another one is refused.
    pub(crate) region: Option<&'static str>,
    /// The keys of who may read; others are refused.
    pub(crate) key: Option<&'static str>,
    /// Whether who may list may not read.
    pub(crate) lists_only: bool,
    /// Documents outside of the bucket: method and path, and what is answered.
    pub(crate) documents: BTreeMap<&'static str, String>,
}

/// Surroundings that lead to a server. What is set later goes before, and an empty value is as good as none.
pub(crate) fn reading(url: &str, more: &[(&str, &str)]) -> Surroundings {
    let set = [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let all: BTreeMap<_, _> = set.iter().chain(more).copied().collect();
    Surroundings {
        environment: all.into_iter().collect::<Environment>(),
        waits: Waits {
            answer: Duration::from_secs(5),
            piece: Duration::from_secs(5),
            pause: Duration::from_millis(2),
            lookup: Duration::ZERO,
        },
        ..Surroundings::none()
    }
}

/// A server; it ends with its value.
pub(crate) struct Server {
    pub(crate) url: String,
    ends: Arc<AtomicBool>,
    /// The requests: method and path with its parameters.
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

struct Shared {
    tree: Tree,
    script: Script,
    tries: Mutex<BTreeMap<String, usize>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `tree` as the bucket `logs`.
    pub(crate) fn start(tree: Tree, script: Script) -> Self {
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let shared = Shared {
            tree,
            script,
            tries: Mutex::default(),
            requests: Arc::clone(&requests),
        };
        let mut server = Self::play(move |asked, out| answer_of(&shared, asked, out));
        server.requests = requests;
        server
    }

    /// Answers each request by `act`, which says whether the connection goes on.
    pub(crate) fn play(
        act: impl Fn(&Asked, &mut TcpStream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (ends, act) = (Arc::new(AtomicBool::new(false)), Arc::new(act));
        let has_ended = Arc::clone(&ends);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if has_ended.load(Ordering::Relaxed) {
                    return;
                }
                let act = Arc::clone(&act);
                if let Ok(connection) = connection {
                    std::thread::spawn(move || serve(&*act, connection));
                }
            }
        });
        Self {
            url,
            ends,
            requests: Arc::default(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

/// What was asked for.
pub(crate) struct Asked {
    /// Method and path with its parameters.
    pub(crate) line: String,
    /// Headers, by their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

fn serve(act: &dyn Fn(&Asked, &mut TcpStream) -> bool, connection: TcpStream) {
    let Ok(mut out) = connection.try_clone() else {
        return;
    };
    let mut input = BufReader::new(connection);
    while let Some(asked) = read(&mut input) {
        if !act(&asked, &mut out) {
            let _ = out.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

/// Answers for S3; says whether the connection goes on.
fn answer_of(shared: &Shared, asked: &Asked, out: &mut TcpStream) -> bool {
    let (mut answer, fault) = respond(shared, asked);
    match fault {
        Some(Fault::Silence) => return false,
        Some(Fault::Cut) => {
            answer.truncate(answer.len() - answer.len().min(7));
            let _ = out.write_all(&answer);
            return false;
        }
        Some(Fault::SlowDown | Fault::InternalError | Fault::HalfPage) | None => {}
    }
    out.write_all(&answer).is_ok()
}

fn read(input: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    input.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        input.read_line(&mut header).ok()?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
            None => break,
        };
    }
    let len = headers
        .get("content-length")
        .and_then(|len| len.parse().ok());
    let mut body = vec![0; len.unwrap_or(0)];
    input.read_exact(&mut body).ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let body = String::from_utf8(body).ok()?;
    Some(Asked {
        line,
        headers,
        body,
    })
}

fn respond(shared: &Shared, asked: &Asked) -> (Vec<u8>, Option<Fault>) {
    let shown = format!("{} {}", asked.line, asked.body);
    let mut requests = shared.requests.lock().expect("no panic");
    requests.push(shown.trim_end().to_owned());
    drop(requests);
    let script = &shared.script;
    if let Some(document) = script.documents.get(asked.line.as_str()) {
        // What the metadata service of instances sends with a token.
        let header = "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n";
        return (answer(200, header, document.as_bytes()), None);
    }
    let header = |name: &str| asked.headers.get(name).map_or("", String::as_str);
    let authorization = header("authorization");
    if script
        .key
        .is_some_and(|key| !authorization.contains(&format!("Credential={key}/")))
    {
        return (error(403, "AccessDenied", ""), None);
    }
    if script
        .region
        .is_some_and(|region| !authorization.contains(&format!("/{region}/s3/")))
    {
        let region = script.region.unwrap_or_default();
        let region = format!("x-amz-bucket-region: {region}\r\n");
        return (error(301, "PermanentRedirect", &region), None);
    }
    let mut tries = shared.tries.lock().expect("no panic");
    let n_tries = tries.entry(asked.line.clone()).or_default();
    let fault = script.faults.get(*n_tries).copied();
    *n_tries += 1;
    drop(tries);
    match fault {
        Some(Fault::SlowDown) => return (error(503, "SlowDown", ""), fault),
        Some(Fault::InternalError) => return (error(500, "InternalError", ""), fault),
        Some(Fault::Cut | Fault::Silence | Fault::HalfPage) | None => {}
    }
    let target = asked.line.strip_prefix("GET /logs/");
    match target.map(|target| target.split_once('?').unwrap_or((target, ""))) {
        Some(("", query)) => {
            let page = listing(&shared.tree, query);
            let end = match fault {
                Some(Fault::HalfPage) => page.len() / 2,
                _ => page.len(),
            };
            (answer(200, "", &page.as_bytes()[..end]), fault)
        }
        Some(_) if script.lists_only => (error(403, "AccessDenied", ""), None),
        Some((key, _)) => {
            let key = decoded(key);
            let signature = shared.tree.signatures.get(&key);
            match shared.tree.object(&key) {
                Some(content) => (part(content, header("range"), signature), fault),
                None => (error(404, "NoSuchKey", ""), None),
            }
        }
        None => (error(404, "NoSuchBucket", ""), None),
    }
}

fn part(content: &[u8], range: &str, signature: Option<&String>) -> Vec<u8> {
    let mut headers = String::from("etag: \"1\"\r\n");
    if let Some(signature) = signature {
        let _ = write!(headers, "x-amz-meta-signature: {signature}\r\n");
    }
    let first = range.trim_start_matches("bytes=").trim_end_matches('-');
    match first.parse::<usize>() {
        Ok(first) => {
            let (last, all) = (content.len() - 1, content.len());
            let _ = write!(headers, "content-range: bytes {first}-{last}/{all}\r\n");
            answer(206, &headers, &content[first..])
        }
        Err(_) => answer(200, &headers, content),
    }
}

fn listing(tree: &Tree, query: &str) -> String {
    let parameters: BTreeMap<_, _> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name, decoded(value)))
        .collect();
    let get = |name| parameters.get(name).map(String::as_str);
    let page = tree.page(&Query {
        prefix: get("prefix").unwrap_or_default(),
        after: get("start-after"),
        depth: match get("delimiter") {
            Some(_) => Depth::Folder,
            None => Depth::Everything,
        },
        most: get("max-keys")
            .and_then(|most| most.parse().ok())
            .unwrap_or(1_000),
        token: get("continuation-token"),
    });
    let mut text = String::from("<ListBucketResult><EncodingType>url</EncodingType>");
    for object in &page.objects {
        let (size, tag) = (object.size_bytes, object.tag.as_deref().unwrap_or_default());
        let key = object.key.replace('+', "%2B").replace(' ', "+");
        let _ = write!(
            text,
            "<Contents><Key>{key}</Key><ETag>{tag}</ETag><Size>{size}</Size></Contents>"
        );
    }
    for folder in &page.folders {
        let folder = folder.replace('+', "%2B").replace(' ', "+");
        let _ = write!(
            text,
            "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>"
        );
    }
    let next = page.next.map(|next| {
        format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>"
        )
    });
    text.push_str(&next.unwrap_or_default());
    text.push_str("</ListBucketResult>");
    text
}

fn error(status: u16, code: &str, headers: &str) -> Vec<u8> {
    let body = format!("<Error><Code>{code}</Code><Message>it is so</Message></Error>");
    answer(status, headers, body.as_bytes())
}

/// An answer of HTTP/1.1; each header ends its line.
pub(crate) fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let len = body.len();
    let head = format!("HTTP/1.1 {status} It\r\n{headers}content-length: {len}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (byte, after) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("two digits");
                u8::from_str_radix(digits, 16).expect("two digits")
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).expect("keys are UTF-8")
}
