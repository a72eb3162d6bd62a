//! The `reconstruct` command.

use std::process::ExitCode;

use reconstruct::cli;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}
