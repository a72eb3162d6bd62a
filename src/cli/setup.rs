//! Completions for shells, and the manual page.
//!
//! Comes in: the definition of the command line. Goes out: completions and the manual page, as
//! text. Never: anything that differs from `--help`, or a written file.

use std::io;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::args::{AFTER_HELP, Args};

/// The name of the program.
const NAME: &str = "reconstruct";

/// The completions for a shell.
pub(super) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), NAME, &mut script);
    script
}

/// The manual page, of section 1.
///
/// # Errors
/// None in practice: it is made in memory.
pub(super) fn man() -> io::Result<Vec<u8>> {
    // The crate leaves out text that the short help hides.
    let command = Args::command().mut_args(|option| option.hide_short_help(false));
    let man = Man::new(command).manual("User commands");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    synopsis(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    after(&mut page)?;
    Ok(page)
}

/// One line, as in the help; generated from the options it would fill a screen.
fn synopsis(page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([roman(format!("{NAME} [OPTIONS] <PATH>..."))]);
    roff.to_writer(page)
}

/// The end of the long help: its headings become sections, and its lines stay lines.
fn after(page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    for part in AFTER_HELP.split("\n\n") {
        let (heading, body) = part.split_once(":\n").unwrap_or(("Notes", part));
        roff.control("SH", [heading.to_uppercase().as_str()]);
        roff.control("nf", []);
        for line in body.lines() {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
    roff.to_writer(page)
}
