//! The machine, and what this process takes of it.

use std::fmt;
use std::fs::read_to_string;
use std::process::Command;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use crate::quick;

/// What figures are kept with: the processor, the system and the time.
#[derive(Clone, Debug)]
pub struct Machine {
    processor: String,
    cores: usize,
    system: String,
    date: String,
    load: String,
}

impl Machine {
    /// This machine, now.
    pub fn here() -> Self {
        let cpuinfo = read_to_string("/proc/cpuinfo").unwrap_or_default();
        let named = |line: &str| Some(line.strip_prefix("model name")?.trim_start_matches([' ', '\t', ':']).to_owned());
        let system = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        // What follows the version is the builder's.
        let system = system.split('-').next().unwrap_or_default();
        let date = Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]).output().map(|output| output.stdout);
        Self {
            processor: cpuinfo.lines().find_map(named).unwrap_or_else(|| "unknown processor".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("Linux {}", system.trim()),
            date: String::from_utf8_lossy(&date.unwrap_or_default()).trim().to_owned(),
            load: load(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, system, date, load } = self;
        write!(f, "{processor}, {cores} cores, {system}, {date}, load {load}")
    }
}

/// The average load of the last minute.
pub(crate) fn load() -> String {
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}

/// The CPU time, in seconds a second, that this process takes from 100 µs on after its last work.
///
/// # Panics
///
/// If the system does not count it.
pub fn cpu_while_idle() -> f64 {
    let idle = Duration::from_millis(if quick() { 100 } else { 1000 });
    std::thread::sleep(Duration::from_micros(100));
    let before = cpu_time();
    std::thread::sleep(idle);
    (cpu_time() - before).as_secs_f64() / idle.as_secs_f64()
}

/// The bytes of memory that this process has, counted page by page.
///
/// # Panics
///
/// If the system does not tell.
pub fn resident() -> usize {
    let text = read_to_string("/proc/self/smaps_rollup").expect("the system tells what memory there is");
    let kib =
        text.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    kib.expect("it tells what is resident") * 1024
}

fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("the system counts CPU time").into()
}
