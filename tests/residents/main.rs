//! All cases in contexts of resident processes, on the only thread of this program.

use std::process::ExitCode;

use pasha::Schedule::{Dynamic, Static};
use pasha_tests::conformance::{deadlines, deaths, forks, host_left_alone, recovery};
use pasha_tests::support::kills::Kills;
use pasha_tests::support::{Kind::Residents, act, run};

mod sending;
mod world;

fn main() -> ExitCode {
    act(&[forks::ROLES, host_left_alone::ROLES, world::ROLES].concat());
    Kills::prepare();
    pasha::init().expect("there is one thread");
    let settings = [2, 3].map(|workers| [(Residents, workers, Static), (Residents, workers, Dynamic)]);
    let mut suites = pasha_tests::suites();
    suites.extend([deaths::suite(), forks::suite(), recovery::suite()]);
    suites.extend([deadlines::suite(), deadlines::of_processes(), host_left_alone::suite()]);
    suites.push(world::CASES);
    suites.extend(sending::suites());
    run(settings.as_flattened(), &suites)
}
