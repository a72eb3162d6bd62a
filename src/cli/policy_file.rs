//! The file of a policy.
//!
//! Comes in: a path. Goes out: the policy in it, or a message that shows the line that is wrong. Never: a policy of which
//! a part was passed over.

use std::path::Path;

use crate::cli::stop::Stop;
use crate::policy::Policy;
use crate::render::{Style, diagnostics};

/// Reads a policy.
///
/// # Errors
/// A file that cannot be read, or a text that is no policy.
pub(super) fn read(path: &Path) -> Result<Policy, Stop> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Stop::Message(format!(
            "cannot read the policy `{name}`: {}\n\n  help: check the spelling, and that this user may read it",
            error.kind()
        ))
    })?;
    Policy::parse(&text).map_err(|bad| {
        let excerpt = diagnostics::bad_policy(&name, &text, &bad, &Style::default());
        Stop::Message(match excerpt {
            Some(excerpt) => format!("the policy `{name}` cannot be used\n\n{excerpt}"),
            None => format!(
                "the policy `{name}` cannot be used: {bad}\n\n  help: {}",
                bad.help
            ),
        })
    })
}
