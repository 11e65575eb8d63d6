//! Runs in process contexts, on the only thread of this program.

fn main() {}
