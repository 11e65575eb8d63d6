//! All cases in the serial context.

use std::process::ExitCode;

use pasha::Schedule;
use pasha_tests::support::{Kind, run};

fn main() -> ExitCode {
    run(&[(Kind::Serial, 1, Schedule::Static)], &pasha_tests::suites())
}
