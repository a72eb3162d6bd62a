//! Logs on disk: where a test reads them as a user would.
//!
//! In: the files of a log. Out: a folder that holds them, and what the program prints of it. Also the
//! smallest record that is a push.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::run::{Run, run};
use super::script::Files;

/// Logs on disk, gone when dropped.
pub(crate) struct Logs(PathBuf);

impl Logs {
    /// Writes the files of a log below a folder of their own.
    pub(crate) fn new(files: &Files) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = format!("logs-{}-{number}", std::process::id());
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        for (path, content) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        Logs(root)
    }

    /// Runs the program on them.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        run([self.path()].into_iter().chain(args.iter().copied()))
    }

    /// The folder that holds them.
    pub(crate) fn path(&self) -> &str {
        self.0
            .to_str()
            .expect("the build's own folder is named in Unicode")
    }

    /// What the program prints of them; it must end well and say nothing else.
    pub(crate) fn output(&self, args: &[&str]) -> String {
        let run = self.run(&[&["--quiet", "--fail-on", "never"], args].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        run.stdout
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        // What stays behind lies in the build's own folder for such.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A push that was refused with its only call.
pub(crate) fn refused_push(number: u64) -> Value {
    json!({
        "eventVersion": "1.08", "awsRegion": "eu-west-1", "eventType": "AwsApiCall",
        "eventTime": format!("2024-03-04T{:02}:{:02}:00Z", number / 60 % 24, number % 60),
        "eventSource": "ecr.amazonaws.com", "eventName": "PutImage",
        "userIdentity": {"type": "IAMUser", "userName": "dana", "accountId": "123456789012",
            "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::123456789012:user/dana",
            "accessKeyId": "AKIAEXAMPLE"},
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.15.30",
        "requestParameters": {"repositoryName": format!("shop/{number}"), "imageTag": "v1"},
        "responseElements": null, "errorCode": "AccessDenied", "errorMessage": "no",
        "eventID": format!("00000000-0000-4000-8000-{number:012}"),
        "recipientAccountId": "123456789012"
    })
}
