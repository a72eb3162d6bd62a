//! Words on the command line: times, durations, sizes, names with stars, addresses of images.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reconstruct::cli::{self, Streams, Surroundings};

const LOG: &[u8] = br#"{"eventSource":"ecr.amazonaws.com","eventName":"InitiateLayerUpload","eventID":"1",
"eventTime":"2026-03-17T10:00:00Z","awsRegion":"r","requestParameters":{"repositoryName":"team/app"}}"#;

fuzz_target!(|text: &str| {
    let Some((option, value)) = text.split_once('=') else {
        return;
    };
    let options = [
        "window",
        "since",
        "until",
        "max-decoded",
        "image",
        "repository",
        "tag",
        "digest",
        "identity",
        "account",
        "region",
        "status",
        "width",
    ];
    let Some(option) = options.into_iter().find(|known| *known == option) else {
        return;
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let option = format!("--{option}={value}");
    let args = ["reconstruct", "-", "--jobs", "1", &option].map(Into::into);
    let streams = Streams {
        stdin: Box::new(LOG),
        stdout: &mut stdout,
        stderr: &mut stderr,
        surroundings: Surroundings::none(),
    };
    let status = cli::run(args, streams).code();
    assert!(status <= 2, "{status}");
    assert!(status != 2 || !stderr.is_empty(), "a refusal says why");
});
