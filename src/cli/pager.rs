//! Shows the report through a pager.
//!
//! Comes in: the command of a pager, and the code that writes the report. Goes out: the report in the
//! pager, or on standard output if the pager cannot be started. Never: a shell, or a word of the log in
//! the command.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::{Command, Stdio};

use crate::cli::interrupt::Unfinished;

/// The options for `less` if the user has set none: exit at once if everything fits one screen, show
/// colours, and leave what was read on the screen. Git does this too.
const LESS: &str = "FRX";

/// A command: the program, then its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pager {
    program: String,
    arguments: Vec<String>,
}

impl Pager {
    /// Splits the value of `PAGER` at white space; `None` if it is empty or names `cat`.
    pub(super) fn parse(command: &str) -> Option<Self> {
        let mut words = command.split_whitespace().map(str::to_owned);
        let program = words.next()?;
        (program != "cat").then(|| Self {
            program,
            arguments: words.collect(),
        })
    }

    /// Lets `content` write to the pager and waits until the reader has left it. If there is no such
    /// program, the content goes to `stdout`.
    ///
    /// # Errors
    /// Any error of `content` or of waiting; a reader who leaves early is no error.
    pub(super) fn show(
        &self,
        unfinished: &Unfinished,
        stdout: &mut dyn Write,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        let _paging = unfinished.paging();
        let Ok(mut child) = command.spawn() else {
            content(stdout)?;
            return stdout.flush();
        };
        let written = child.stdin.take().map_or(Ok(()), |pipe| {
            let mut out = BufWriter::with_capacity(1 << 16, pipe);
            content(&mut out)?;
            out.flush()
        });
        child.wait()?;
        match written {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_words_and_no_shell() {
        let pager = Pager::parse(" less -R  +G;id ").expect("a pager");
        assert_eq!(pager.program, "less");
        assert_eq!(pager.arguments, ["-R", "+G;id"]);
        for none in ["", "  ", "cat", "cat -v"] {
            assert_eq!(Pager::parse(none), None, "{none:?}");
        }
    }
}
