//! The table of figures.

use std::process::ExitCode;

use super::arguments::Arguments;

/// Prints a line for each figure, as soon as it is known.
pub(crate) struct Table {
    wanted: Vec<u32>,
    busy: bool,
    lines: Vec<(u32, String)>,
    missed: usize,
}

/// What became of a figure.
pub(crate) enum Verdict {
    Held,
    Missed,
    /// It could not be measured here, for this reason.
    Skipped(&'static str),
}

impl Verdict {
    pub(crate) fn held_if(held: bool) -> Self {
        if held { Verdict::Held } else { Verdict::Missed }
    }
}

/// The figures, and what they should be.
const FIGURES: [(&str, &str); 13] = [
    ("hangs in maps with random SIGKILLs, ≥ 500 in a row (of 10,000)", "0"),
    ("wrong items among the done", "0"),
    ("zombies; more fds, mappings, threads after them", "0; 0/0/0"),
    ("SIGKILL → error, little memory dirty", "median ≤ 1 ms, max ≤ 5 ms"),
    ("kill → next correct map", "median ≤ 5 ms"),
    ("items run again per dead worker, no accumulators", "≤ 1"),
    ("in-item deaths that name the item", "100 %"),
    ("workers alive 50 ms after SIGKILL of the parent", "0, race forced too"),
    ("workers alive 200 ms after SIGTERM / SIGINT", "0 / 0"),
    ("children after the k-th fork fails, every k", "0"),
    ("hangs in 5,000 forks beside busy threads", "0"),
    ("deadline overrun", "≤ 50 ms"),
    ("right result with the status stolen", "100 %"),
];

/// Those that are times.
const TIMES: [u32; 3] = [4, 5, 12];

impl Table {
    pub(crate) fn begin(arguments: &Arguments) -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default();
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        println!("seed {}, {processors} processors, load {load}", arguments.seed);
        Self {
            wanted: (1..=13).filter(|figure| arguments.wants(*figure)).collect(),
            busy: arguments.busy,
            lines: Vec::new(),
            missed: 0,
        }
    }

    pub(crate) fn row(&mut self, figure: u32, ours: impl Into<String>, verdict: Verdict) {
        if !self.wanted.contains(&figure) {
            return;
        }
        let (what, target) = FIGURES[figure as usize - 1];
        let verdict = match verdict {
            Verdict::Held => "held".to_owned(),
            Verdict::Missed => {
                self.missed += usize::from(!self.busy || !TIMES.contains(&figure));
                "missed".to_owned()
            }
            Verdict::Skipped(why) => format!("skipped: {why}"),
        };
        let line = format!("| {figure} | {what} | {target} | {} | {verdict} |", ours.into());
        println!("{line}");
        self.lines.push((figure, line));
    }

    /// Prints all again, in their order.
    pub(crate) fn end(mut self) -> ExitCode {
        self.lines.sort_by_key(|(figure, _)| *figure);
        println!("\n| # | figure | target | ours | |\n|---|---|---|---|---|");
        for (_, line) in &self.lines {
            println!("{line}");
        }
        if self.lines.len() < self.wanted.len() {
            println!("{} figures have no value", self.wanted.len() - self.lines.len());
            return ExitCode::FAILURE;
        }
        if self.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
