//! Credentials that a program prints (AWS SDKs and tools reference, "Process credential provider").
//!
//! Comes in: the command in the user's profile. Goes out: what it printed. Never: a shell, or a
//! command from anywhere else.

use std::process::{Command, Stdio};

use crate::cli::s3::credentials::of_json;
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::sign::Keys;

/// The setting, as errors name it.
const SOURCE: &str = "`credential_process`";

/// Runs the command; its standard error goes to the user.
pub(super) fn run(command: &str) -> Result<Keys, S3Error> {
    let bad = |reason: String| S3Error::Credentials {
        source: SOURCE,
        reason,
    };
    let words = split(command).ok_or_else(|| bad("a quote is not closed".to_owned()))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(bad("it is empty".to_owned()));
    };
    let output = Command::new(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| bad(format!("`{program}`: {error}")))?;
    if !output.status.success() {
        return Err(bad(format!("`{program}`: {}", output.status)));
    }
    of_json(SOURCE, &String::from_utf8_lossy(&output.stdout))
}

/// The words of a command, split as in a shell; `None` if a quote is not closed.
fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        character => word.push(character),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            character @ ('"' | '\\') => word.push(character),
                            character => word.extend(['\\', character]),
                        },
                        character => word.push(character),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            character => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_as_a_shell_does() {
        let words = |text| split(text).expect("closed quotes");
        assert_eq!(
            words(r#"/opt/a\ b  get 'x "y'  "p \"q\" \n" '' k'v'"#),
            ["/opt/a b", "get", "x \"y", "p \"q\" \\n", "", "kv"]
        );
        for open in ["a 'b", "a \"b", "a\\"] {
            assert_eq!(split(open), None, "{open}");
        }
    }
}
