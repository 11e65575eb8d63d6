//! Measuring and printing: contenders take turns in one run, and what counts is their ratio, round by round.
//!
//! On a machine that does other things, too, the time of one contender says little. So every round samples each contender once, ratios are
//! taken within a round, and their median over the rounds stands beside the bar, with the quartiles.
//!
//! Contenders that fork need a program with one thread: each sample starts the threads that it wants and ends them, and [`Race::run`]
//! waits until they are gone.
//!
//! OpenMP is left out where there is no C compiler with it; ForkUnion needs a C++ compiler, and `--no-default-features` does without.
//!
//! `PASHA_BENCH_QUICK=1` makes runs short and data small, `PASHA_BENCH_ROUNDS=50` sets the number of rounds, and words after `--` on the
//! command line select the tables whose titles contain one of them. `--bench all` runs every bench and ends with one table of all bars.
//!
//! | file | what it has |
//! |---|---|
//! | `lib.rs` | races and clocks |
//! | `table.rs` | ratios, bars, and the lines that are printed |
//! | `openmp.rs`, `openmp.c`, `build.rs` | a peer in C, in a process of its own |
//! | `machine.rs`, `plot.rs` | what measured figures are kept with, and how they are drawn |
//! | all others | a bench each |

mod machine;
mod openmp;
mod plot;
mod table;

use std::fmt;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

pub use machine::{Machine, cpu_while_idle, resident};
pub use openmp::{openmp, openmp_if_asked};
pub use plot::{Line, Panel, plot};
pub use table::{Bar, ROWS, Row, Span, Table, Unit, selected};

/// The sample of a contender that cannot be had here.
pub const LEFT_OUT: f64 = f64::NAN;

/// Whether a short run on small data is wanted.
pub fn quick() -> bool {
    std::env::var_os("PASHA_BENCH_QUICK").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Contenders that take turns.
#[derive(Default)]
pub struct Race<'c> {
    contenders: Vec<(String, Box<dyn FnMut() -> f64 + 'c>)>,
    most: Option<usize>,
}

impl fmt::Debug for Race<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.contenders.iter().map(|(name, _)| name)).finish()
    }
}

/// The samples of one contender, one for each round: seconds a call, where the [`Unit`] does not say otherwise.
#[derive(Clone, Debug)]
pub struct Times {
    name: String,
    seconds: Vec<f64>,
}

impl<'c> Race<'c> {
    /// Adds a contender: a function that makes what it needs, and gives what [`clock`] or [`clock_after`] measured.
    pub fn enter(&mut self, name: &str, sample: impl FnMut() -> f64 + 'c) {
        self.contenders.push((name.to_owned(), Box::new(sample)));
    }

    /// Makes it a race of so many rounds at most, for samples that take seconds.
    pub fn at_most(&mut self, rounds: usize) {
        self.most = Some(rounds);
    }

    /// Runs all rounds; gives the samples in the order of [`enter`](Self::enter).
    ///
    /// # Panics
    ///
    /// If a contender leaves threads behind, or there are not as many as are taken apart.
    pub fn run<const N: usize>(self) -> [Times; N] {
        self.run_all().try_into().expect("as many samples are taken apart as there are contenders")
    }

    /// As [`run`](Self::run), for any number of contenders.
    ///
    /// # Panics
    ///
    /// If a contender leaves threads behind.
    pub fn run_all(mut self) -> Vec<Times> {
        let rounds = rounds(15).min(self.most.unwrap_or(usize::MAX));
        let mut times: Vec<Times> =
            self.contenders.iter().map(|(name, _)| Times { name: name.clone(), seconds: Vec::new() }).collect();
        for _ in 0..rounds {
            for ((_, sample), times) in self.contenders.iter_mut().zip(&mut times) {
                times.seconds.push(sample());
                until_alone();
            }
        }
        times
    }
}

/// How many rounds are asked for, or usual.
pub fn rounds(usual: usize) -> usize {
    let asked = std::env::var("PASHA_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    asked.unwrap_or(if quick() { usual.min(3) } else { usual }).max(1)
}

impl Times {
    /// The median of all rounds.
    pub fn median(&self) -> f64 {
        quantile(&mut self.seconds.clone(), 0.5)
    }

    /// What is left of each round's sample without that of `other`.
    pub fn without(&self, other: &Times, name: &str) -> Times {
        let seconds = self.seconds.iter().zip(&other.seconds).map(|(all, part)| all - part).collect();
        Times { name: name.to_owned(), seconds }
    }

    /// Each round's sample, divided.
    pub fn divided(&self, divisor: f64, name: &str) -> Times {
        Times { name: name.to_owned(), seconds: self.seconds.iter().map(|seconds| seconds / divisor).collect() }
    }
}

/// The median time of a call, in seconds, after a call to warm up. Short calls are timed several at once.
pub fn clock(mut call: impl FnMut()) -> f64 {
    let time = |calls: u32, call: &mut dyn FnMut()| {
        let begun = Instant::now();
        (0..calls).for_each(|_| call());
        begun.elapsed().as_secs_f64() / f64::from(calls)
    };
    call();
    let first = time(1, &mut call);
    let calls = (100e-6 / first.max(1e-9)).clamp(1.0, 1e5) as u32;
    let budget = Duration::from_millis(if quick() { 4 } else { 20 });
    let begun = Instant::now();
    let mut seconds = vec![time(calls, &mut call)];
    while begun.elapsed() < budget {
        seconds.push(time(calls, &mut call));
    }
    quantile(&mut seconds, 0.5)
}

/// The median time of a call that follows some time of idleness, in seconds.
pub fn clock_after(idle: Duration, mut call: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..if quick() { 5 } else { 20 })
        .map(|_| {
            std::thread::sleep(idle);
            let begun = Instant::now();
            call();
            begun.elapsed().as_secs_f64()
        })
        .collect();
    quantile(&mut seconds, 0.5)
}

/// A rayon pool whose threads have ended when it is dropped.
#[derive(Debug)]
pub struct Pool {
    pool: Option<ThreadPool>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Panics
    ///
    /// If the system has none left.
    pub fn new(threads: usize) -> Self {
        let mut handles = Vec::new();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(|thread| {
                handles.push(std::thread::Builder::new().spawn(|| thread.run())?);
                Ok(())
            })
            .build()
            .expect("threads can be started");
        Self { pool: Some(pool), threads: handles }
    }
}

impl Deref for Pool {
    type Target = ThreadPool;

    fn deref(&self) -> &ThreadPool {
        self.pool.as_ref().expect("only `drop` takes it")
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.pool.take());
        for thread in self.threads.drain(..) {
            thread.join().expect("a thread of the pool does not panic");
        }
    }
}

/// A joined thread may still be in the system's list for a moment.
fn until_alone() {
    // A directory has a link for each directory in it, and two of its own.
    let threads = || std::fs::metadata("/proc/self/task").map_or(0, |task| task.nlink() - 2);
    let begun = Instant::now();
    while threads() > 1 {
        assert!(begun.elapsed() < Duration::from_secs(5), "a contender left {} threads behind", threads() - 1);
        std::thread::yield_now();
    }
}

fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = at * (values.len() - 1) as f64;
    let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
    below + (above - below) * place.fract()
}
