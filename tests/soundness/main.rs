//! What a safe program might try to break memory with: every attempt that compiles, in every context.
//!
//! Attempts that do not compile are in `ui/`; kernels that call rayon, which would leave threads behind, in `soundness_rayon.rs`.

use std::process::ExitCode;

use pasha::Schedule::{Dynamic, Static};
use pasha_tests::support::Kind::{Processes, Serial, Threads};
use pasha_tests::support::run;

/// Makes the list `CASES` of functions, each of which takes a setting.
macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        pub(crate) const CASES: &[pasha_tests::support::Case] = &[$(pasha_tests::support::Case {
            name: concat!(module_path!(), "::", stringify!($case)),
            run: $case,
        }),*];
    };
}

mod common;
mod functors;
mod kernels;
mod layouts;
mod lifetimes;
mod nested;
mod panics;
mod ranges;
mod smuggled;

fn main() -> ExitCode {
    let settings = [
        (Serial, 1, Static),
        (Threads, 2, Dynamic),
        (Threads, 4, Static),
        (Threads, 4, Dynamic),
        (Processes, 2, Dynamic),
        (Processes, 3, Static),
    ];
    let suites = [
        functors::CASES,
        kernels::CASES,
        layouts::CASES,
        lifetimes::CASES,
        nested::CASES,
        panics::CASES,
        ranges::CASES,
        smuggled::CASES,
    ];
    run(&settings, &suites)
}
