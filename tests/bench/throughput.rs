//! How fast logs are read, against decompression alone, which is the limit.
//!
//! Comes in: the names of the measures to make, from the command line, else all. Goes out: MB of JSON
//! a second, one line a measure, each the best of several runs. Run with
//! `cargo bench --bench throughput [-- none | two-percent | all]`.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use reconstruct::ingest::{Options, Roles, ingest};
use reconstruct::source::{Input, discover};

const N_FILES: u32 = 60;
const RECORDS_PER_FILE: u32 = 4000;
const RUNS: usize = 7;

fn main() {
    // Cargo adds `--bench` to what was typed.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let root = std::env::temp_dir().join("reconstruct-throughput");
    for (name, percent) in [("none", 0), ("two-percent", 2), ("all", 100)] {
        if words.is_empty() || words.iter().any(|word| word == name) {
            let folder = root.join(name);
            let n_bytes = write_logs(&folder, percent);
            measure(name, &folder, n_bytes);
        }
    }
    println!(
        "size of an event: {} bytes",
        size_of::<reconstruct::event::Event>()
    );
}

/// Measures decompression and ingest of a folder.
fn measure(name: &str, folder: &Path, n_bytes: u64) {
    let files = discover(&[Input::Path(folder.to_path_buf())]).expect("the logs just written");
    let raw: Vec<Vec<u8>> = files
        .iter()
        .map(|file| fs::read(file.path()).expect("a file"))
        .collect();
    let mut inflate = libdeflater::Decompressor::new();
    let mut buffer = vec![0; 64 << 20];
    let alone = best(|| {
        for file in &raw {
            inflate
                .gzip_decompress(file, &mut buffer)
                .expect("a sound file");
        }
    });
    let speed = |seconds: f64| n_bytes as f64 / 1e6 / seconds;
    println!(
        "{name}: {} MB, decompression alone {:.0} MB/s",
        n_bytes / 1_000_000,
        speed(alone)
    );
    for jobs in [Some(1), None] {
        let options = Options {
            jobs,
            max_decoded_bytes: 1 << 32,
            roles: Roles::Ignored,
        };
        let mut n_events = 0;
        let seconds = best(|| n_events = ingest(&files, &options).log.events.len());
        println!(
            "{name}: ingest with {} {:.0} MB/s, {:.2} of decompression, {n_events} events",
            jobs.map_or("all threads".to_owned(), |jobs| format!("{jobs} thread")),
            speed(seconds),
            seconds / alone
        );
    }
}

/// The shortest of several runs, in seconds of processor time where the system tells, else by the
/// clock; a busy machine disturbs the former less.
fn best(mut run: impl FnMut()) -> f64 {
    let times = (0..RUNS).map(|_| {
        let (start, before) = (Instant::now(), processor_seconds());
        run();
        match (before, processor_seconds()) {
            (Some(before), Some(after)) => after - before,
            _ => start.elapsed().as_secs_f64(),
        }
    });
    times.fold(f64::INFINITY, f64::min)
}

/// The processor time of all threads, past ones too, to a hundredth of a second (Linux, `proc(5)`).
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

/// Writes logs in CloudTrail's layout; the number of decoded bytes.
fn write_logs(root: &Path, percent: u32) -> u64 {
    let folder = root.join("AWSLogs/123456789012/CloudTrail/eu-west-1/2024/03/01");
    fs::create_dir_all(&folder).expect("a directory");
    let mut n_bytes = 0;
    for file in 0..N_FILES {
        let (hour, minute) = (file / 12, file % 12 * 5);
        let mut text = String::from("{\"Records\":[");
        for record in 0..RECORDS_PER_FILE {
            let number = file * RECORDS_PER_FILE + record;
            let comma = if record > 0 { "," } else { "" };
            text.push_str(comma);
            let time = format!(
                "2024-03-01T{hour:02}:{minute:02}:{:02}Z",
                record * 60 / RECORDS_PER_FILE
            );
            text.push_str(&if number % 100 < percent {
                push(number, &time)
            } else {
                other(number, &time)
            });
        }
        text.push_str("]}");
        n_bytes += text.len() as u64;
        let name = format!(
            "123456789012_CloudTrail_eu-west-1_20240301T{hour:02}{minute:02}Z_{file:016}.json.gz"
        );
        let gzip = fs::File::create(folder.join(name)).expect("a file");
        let mut gzip = flate2::write::GzEncoder::new(gzip, flate2::Compression::default());
        gzip.write_all(text.as_bytes()).expect("space on the disk");
        gzip.finish().expect("space on the disk");
    }
    n_bytes
}

/// Digits that do not compress well, as those of real identifiers.
fn hex(seed: u64, len: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    while text.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push_str(&format!("{state:016x}"));
    }
    text.truncate(len);
    text
}

fn uuid(seed: u64) -> String {
    let hex = hex(seed, 32);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn identity(number: u32) -> String {
    let role = number % 17;
    let session = hex(u64::from(number % 97), 17);
    format!(
        r#"{{"type":"AssumedRole","principalId":"AROAEXAMPLE{role:08}:i-{session}","arn":"arn:aws:sts::123456789012:assumed-role/role-{role}/i-{session}","accountId":"123456789012","accessKeyId":"ASIA{}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLE{role:08}","arn":"arn:aws:iam::123456789012:role/role-{role}","accountId":"123456789012","userName":"role-{role}"}},"attributes":{{"creationDate":"2024-03-01T00:00:00Z","mfaAuthenticated":"false"}}}}}}"#,
        hex(u64::from(number % 97), 16).to_uppercase()
    )
}

fn other(number: u32, time: &str) -> String {
    let (id, request) = (uuid(u64::from(number) * 2), uuid(u64::from(number) * 2 + 1));
    // As long and as random as the one that S3 answers with.
    let host_id = hex(u64::from(number) * 3 + 2, 76);
    let parameters = match number % 3 {
        0 => format!(r#"{{"bucketName":"logs-{}","Host":"s3.eu-west-1.amazonaws.com","key":"a/b/{}"}}"#, number % 7, hex(u64::from(number), 40)),
        1 => r#"{"maxResults":100,"instancesSet":{},"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"web"}]}}]}}"#.to_owned(),
        _ => format!(r#"{{"keyId":"arn:aws:kms:eu-west-1:123456789012:key/{}","policy":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\"}}]}}","encryptionContext":{{"aws:s3:arn":"arn:aws:s3:::logs-{}"}}}}"#, uuid(u64::from(number % 5)), number % 7),
    };
    format!(
        r#"{{"eventVersion":"1.09","userIdentity":{},"eventTime":"{time}","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.{}","userAgent":"[aws-sdk-java/1.12.498 Linux/5.10 OpenJDK_64-Bit_Server_VM/25.372 java/1.8.0_372]","requestParameters":{parameters},"responseElements":null,"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"{host_id}","bytesTransferredOut":{number}}},"requestID":"{request}","eventID":"{id}","readOnly":true,"resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs-{}/a"}},{{"accountId":"123456789012","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs-{}"}}],"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"s3.eu-west-1.amazonaws.com"}}}}"#,
        identity(number),
        number % 250,
        number % 7,
        number % 7
    )
}

fn push(number: u32, time: &str) -> String {
    let (id, request) = (uuid(u64::from(number) * 2), uuid(u64::from(number) * 2 + 1));
    let upload = uuid(u64::from(number) * 7 + 3);
    format!(
        r#"{{"eventVersion":"1.09","userIdentity":{},"eventTime":"{time}","eventSource":"ecr.amazonaws.com","eventName":"UploadLayerPart","awsRegion":"eu-west-1","sourceIPAddress":"AWS Internal","userAgent":"AWS Internal","requestParameters":{{"partFirstByte":0,"partLastByte":{number},"registryId":"123456789012","repositoryName":"team/app-{}","uploadId":"{upload}"}},"responseElements":{{"lastByteReceived":{number},"registryId":"123456789012","repositoryName":"team/app-{}","uploadId":"{upload}"}},"requestID":"{request}","eventID":"{id}","readOnly":false,"resources":[{{"accountId":"123456789012","ARN":"arn:aws:ecr:eu-west-1:123456789012:repository/team/app-{}"}}],"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"}}"#,
        identity(number),
        number % 9,
        number % 9,
        number % 9
    )
}
