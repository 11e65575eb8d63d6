//! All cases in thread contexts, with fewer workers than processors and with more.

use std::process::ExitCode;

use pasha::Schedule::{Dynamic, Static};
use pasha_tests::conformance::{deadlines, threads};
use pasha_tests::support::{Kind::Threads, run};

fn main() -> ExitCode {
    // Kernels that call rayon on the caller's thread start its global pool. Started here, it is there before and after every case.
    rayon::current_num_threads();
    let settings = [2, 3, 8].map(|workers| [(Threads, workers, Static), (Threads, workers, Dynamic)]);
    let mut suites = pasha_tests::suites();
    suites.extend([threads::suite(), deadlines::suite()]);
    run(settings.as_flattened(), &suites)
}
