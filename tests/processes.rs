//! All cases in process contexts, on the only thread of this program.

use std::process::ExitCode;

use pasha::Schedule::{Dynamic, Static};
use pasha_tests::conformance::{deaths, forks, recovery};
use pasha_tests::support::{Kind::Processes, act, run};

fn main() -> ExitCode {
    act(forks::ROLES);
    let settings = [2, 3].map(|workers| [(Processes, workers, Static), (Processes, workers, Dynamic)]);
    let mut suites = pasha_tests::suites();
    suites.extend([deaths::suite(), forks::suite(), recovery::suite()]);
    run(settings.as_flattened(), &suites)
}
