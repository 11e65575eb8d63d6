//! OpenMP, in a process of its own: its threads stay to the end, and contenders that fork need a program with one.

use std::process::Command;

use crate::LEFT_OUT;

const ASKED: &str = "PASHA_BENCH_OPENMP";

/// A sample of OpenMP with two threads: `parallel`, `parallel after idling`, `dynamic` (1000 trivial items) or `idle` (the CPU time of a second
/// in which nothing is asked for). The process that takes it must call [`openmp_if_asked`] first of all.
///
/// # Panics
///
/// If that process fails.
pub fn openmp(sample: &str) -> f64 {
    if cfg!(not(openmp)) {
        return LEFT_OUT;
    }
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program).env(ASKED, sample).output().expect("this program can be started again");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or_else(|_| panic!("OpenMP gave no sample: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The first line of `main`, where [`openmp`] is used: takes the sample that this process was started for, and ends. Says where there is no OpenMP.
pub fn openmp_if_asked() {
    #[cfg(not(openmp))]
    println!("left out: OpenMP, for no C compiler with it was found when this was built");
    #[cfg(openmp)]
    if let Ok(sample) = std::env::var(ASKED) {
        println!("{:e}", native::take(&sample));
        std::process::exit(0);
    }
}

#[cfg(openmp)]
#[allow(unsafe_code)]
mod native {
    use std::ffi::{c_int, c_long, c_ulonglong};
    use std::hint::black_box;
    use std::time::Duration;

    use crate::{clock, clock_after, cpu_while_idle};

    unsafe extern "C" {
        fn pasha_bench_openmp_parallel(threads: c_int);
        fn pasha_bench_openmp_dynamic(threads: c_int, items: *mut c_ulonglong, number: c_long);
    }

    pub(super) fn take(sample: &str) -> f64 {
        match sample {
            "parallel" => clock(parallel),
            "parallel after idling" => clock_after(Duration::from_millis(1), parallel),
            "dynamic" => {
                let mut items = vec![0; 1000];
                clock(|| dynamic(black_box(&mut items)))
            }
            "idle" => {
                (0..1000).for_each(|_| parallel());
                cpu_while_idle()
            }
            _ => panic!("there is no sample {sample:?}"),
        }
    }

    fn parallel() {
        // SAFETY: it takes any number of threads, and touches memory of its own only.
        unsafe { pasha_bench_openmp_parallel(2) }
    }

    fn dynamic(items: &mut [c_ulonglong]) {
        // SAFETY: it writes as many items as it is told, each by one thread, and has ended all that when it returns.
        unsafe { pasha_bench_openmp_dynamic(2, items.as_mut_ptr(), items.len() as c_long) }
    }
}
