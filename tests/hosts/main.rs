//! Programs that map, and what can befall them: no room, no processes, signals, the end of the program itself, threads, careless kernels.
//!
//! What needs root, a control group or a terminal looks for it, and says what it skipped for want of it.

use std::process::ExitCode;

use pasha_tests::support::{Role, act, run_once};

mod company;
mod ends;
mod interposed;
mod programs;
mod residents;
mod resources;
mod scribbling;

fn main() -> ExitCode {
    let roles: Vec<Role> = [company::ROLES, ends::ROLES, programs::ROLES, residents::ROLES, resources::ROLES].concat();
    act(&roles);
    run_once(
        &[resources::CASES, ends::CASES, programs::CASES, company::CASES, scribbling::CASES, residents::CASES].concat(),
    )
}

/// The list `CASES` of functions, each with its module and name.
macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        pub(crate) const CASES: &[(&str, fn())] = &[$((concat!(module_path!(), "::", stringify!($case)), $case)),*];
    };
}

pub(crate) use cases;

/// Says that a case was not run, and why.
pub(crate) fn skipped(case: &str, why: &str) {
    println!("skipped: {case}: {why}");
}
