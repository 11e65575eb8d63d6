//! The figures of fault tolerance: each measured, and printed beside what it should be.
//!
//! ```text
//! cargo run --release -p pasha-tests --bin faults                    all, 10,000 maps
//! cargo run --release -p pasha-tests --bin faults -- --short         all, some hundred maps
//! cargo run --release -p pasha-tests --bin faults -- --short --busy  as above, where times that are too long are no failure
//! cargo run --release -p pasha-tests --bin faults -- 1 4 8           some
//! cargo run --release -p pasha-tests --bin faults -- 1 --residents   the soak, for processes that wait
//! cargo run --release -p pasha-tests --bin faults -- 1 --seed 7 --round 123
//! ```
//!
//! Times are of no worth while other programs want the processors. Figures 4 and 5 can then be had with a right of way: `chrt -r 1` before the program.
//!
//! It ends with status 0 if every figure that could be measured was held. A figure that hangs is ended by its watchdog, and missed.

use std::process::ExitCode;

use pasha_tests::support::{Role, act};

mod arguments;
mod beside;
mod deadlines;
mod forks;
mod latency;
mod numbers;
mod orphans;
mod relatives;
mod shim;
mod soak;
mod status;
mod table;

use arguments::Arguments;
use table::Table;

const ROLES: &[Role] = &[
    Role { name: soak::ROLE, act: soak::act },
    Role { name: latency::DEATHS, act: latency::time_deaths },
    Role { name: latency::NEXT, act: latency::time_next_maps },
    Role { name: orphans::ROLE, act: orphans::map_until_killed },
    Role { name: forks::ROLE, act: forks::fail },
    Role { name: beside::ROLE, act: beside::fork_beside_threads },
    Role { name: deadlines::ROLE, act: deadlines::overrun },
    Role { name: status::IGNORED, act: status::map_while_ignored },
    Role { name: status::HANDLED, act: status::map_while_handled },
    Role { name: status::STOLEN, act: status::map_while_stolen },
];

fn main() -> ExitCode {
    act(ROLES);
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let mut table = Table::begin(&arguments);
    let wanted = |figures: &[u32]| figures.iter().any(|figure| arguments.wants(*figure));
    if wanted(&[1, 2, 3, 6, 7]) {
        soak::measure(&arguments, &mut table);
    }
    if wanted(&[4]) {
        latency::measure_deaths(&arguments, &mut table);
    }
    if wanted(&[5]) {
        latency::measure_next_maps(&arguments, &mut table);
    }
    if wanted(&[8]) {
        orphans::measure_kills(&arguments, &mut table);
    }
    if wanted(&[9]) {
        orphans::measure_signals(&arguments, &mut table);
    }
    if wanted(&[10]) {
        forks::measure(&mut table);
    }
    if wanted(&[11]) {
        beside::measure(&arguments, &mut table);
    }
    if wanted(&[12]) {
        deadlines::measure(&arguments, &mut table);
    }
    if wanted(&[13]) {
        status::measure(&arguments, &mut table);
    }
    table.end()
}
