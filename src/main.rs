//! The `reconstruct` command.

fn main() {}
