//! Measuring and printing: contenders take turns in one run, and what counts is their ratio, round by round.
//!
//! On a machine that does other things, too, the time of one contender says little. So every round samples each contender once, ratios are
//! taken within a round, and their median over the rounds stands beside the bar, with the quartiles.
//!
//! Contenders that fork need a program with one thread: each sample starts the threads that it wants and ends them, and [`Race::run`]
//! waits until they are gone.
//!
//! `PASHA_BENCH_QUICK=1` makes runs short and data small, `PASHA_BENCH_ROUNDS=50` sets the number of rounds, and words after `--` on the
//! command line select the tables whose titles contain one of them.

use std::fmt;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Whether a short run on small data is wanted.
pub fn quick() -> bool {
    std::env::var_os("PASHA_BENCH_QUICK").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Contenders that take turns.
#[derive(Default)]
pub struct Race<'c> {
    contenders: Vec<(String, Box<dyn FnMut() -> f64 + 'c>)>,
}

impl fmt::Debug for Race<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.contenders.iter().map(|(name, _)| name)).finish()
    }
}

/// The samples of one contender, in seconds a call, one for each round.
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

    /// Runs all rounds; gives the samples in the order of [`enter`](Self::enter).
    ///
    /// # Panics
    ///
    /// If a contender leaves threads behind.
    pub fn run<const N: usize>(mut self) -> [Times; N] {
        let asked = std::env::var("PASHA_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
        let rounds = asked.unwrap_or(if quick() { 3 } else { 15 }).max(1);
        let mut times: Vec<Times> =
            self.contenders.iter().map(|(name, _)| Times { name: name.clone(), seconds: Vec::new() }).collect();
        for _ in 0..rounds {
            for ((_, sample), times) in self.contenders.iter_mut().zip(&mut times) {
                times.seconds.push(sample());
                until_alone();
            }
        }
        times.try_into().expect("as many samples are taken apart as there are contenders")
    }
}

impl Times {
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

/// How times are shown, and what a ratio is made of.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    /// The time of a call.
    Call,
    /// The time of an item, where a call does so many.
    Item(usize),
    /// The bandwidth, where a call moves so many bytes. Ratios are of bandwidths, so that more is better.
    Bytes(usize),
}

/// What a ratio should be.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// Nothing in particular: the line is there to compare.
    None,
    /// At most this, by the number of the bar.
    AtMost(&'static str, f64),
    /// At least this, by the number of the bar.
    AtLeast(&'static str, f64),
}

/// A table of ratios.
#[derive(Debug)]
pub struct Table(());

impl Table {
    /// Begins a table, unless the command line selects others.
    pub fn begin(title: &str) -> Option<Self> {
        let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
        if !words.is_empty() && !words.iter().any(|word| title.contains(word.as_str())) {
            return None;
        }
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown");
        println!("\n{title} (load {load})");
        println!(
            "{:<4} {:<26} {:>10}  {:<26} {:>10}  {:>10} {:>15}  bar",
            "bar", "ours", "", "peer", "", "ours/peer", "(quartiles)"
        );
        Some(Self(()))
    }

    /// Prints the line of one comparison.
    pub fn row(&self, ours: &Times, peer: &Times, unit: Unit, bar: Bar) {
        let mut ratios: Vec<f64> = ours
            .seconds
            .iter()
            .zip(&peer.seconds)
            .map(|(ours, peer)| if matches!(unit, Unit::Bytes(_)) { peer / ours } else { ours / peer })
            .collect();
        let ratio = quantile(&mut ratios, 0.5);
        let quartiles = format!("({:.2}–{:.2})", quantile(&mut ratios, 0.25), quantile(&mut ratios, 0.75));
        let number = match bar {
            Bar::None => "–",
            Bar::AtMost(number, _) | Bar::AtLeast(number, _) => number,
        };
        println!(
            "{number:<4} {:<26} {:>10}  {:<26} {:>10}  {ratio:>10.3} {quartiles:>15}  {}",
            ours.name,
            unit.show(ours),
            peer.name,
            unit.show(peer),
            bar.verdict(ratio)
        );
    }
}

impl Bar {
    fn verdict(self, ratio: f64) -> String {
        let (limit, held) = match self {
            Bar::None => return "–".to_owned(),
            Bar::AtMost(_, most) => (format!("≤ {most}"), ratio <= most),
            Bar::AtLeast(_, least) => (format!("≥ {least}"), ratio >= least),
        };
        format!("{limit} {}", if held { "held" } else { "missed" })
    }
}

impl Unit {
    fn show(self, times: &Times) -> String {
        let seconds = quantile(&mut times.seconds.clone(), 0.5);
        match self {
            Unit::Call => Span(seconds).to_string(),
            Unit::Item(items) => Span(seconds / items as f64).to_string(),
            Unit::Bytes(bytes) => format!("{:.1} GB/s", bytes as f64 / seconds / 1e9),
        }
    }
}

/// Seconds, printed with three digits.
struct Span(f64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0.abs() {
            seconds if seconds < 1e-6 => (self.0 * 1e9, "ns"),
            seconds if seconds < 1e-3 => (self.0 * 1e6, "µs"),
            seconds if seconds < 1.0 => (self.0 * 1e3, "ms"),
            _ => (self.0, "s"),
        };
        let digits = if value.abs() < 10.0 { 2 } else { usize::from(value.abs() < 100.0) };
        write!(f, "{value:.digits$} {unit}")
    }
}

fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = at * (values.len() - 1) as f64;
    let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
    below + (above - below) * place.fract()
}
