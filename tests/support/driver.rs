//! The driver: runs cases one after another on the main thread, where processes can be forked.

use std::panic;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use super::belongings::Belongings;
use super::watchdog::Watch;
use super::{Case, Kind, Setting};
use pasha::Schedule;

/// Runs all cases in each of these contexts (a kind, a number of workers, a schedule). After each, nothing may be left behind.
pub fn run(settings: &[(Kind, usize, Schedule)], suites: &[&[Case]]) -> ExitCode {
    let mut trials = Vec::new();
    for &(kind, workers, schedule) in settings {
        for case in suites.iter().copied().flatten().copied() {
            let setting = match (kind, schedule) {
                (Kind::Serial, _) => "serial".to_owned(),
                (Kind::Threads, Schedule::Static) => format!("threads:{workers}:static"),
                (Kind::Threads, _) => format!("threads:{workers}:dynamic"),
                (Kind::Processes, Schedule::Static) => format!("processes:{workers}:static"),
                (Kind::Processes, _) => format!("processes:{workers}:dynamic"),
                (Kind::Residents, Schedule::Static) => format!("residents:{workers}:static"),
                (Kind::Residents, _) => format!("residents:{workers}:dynamic"),
            };
            trials.push(trial(format!("{setting}::{}", sentence(&case)), move || {
                (case.run)(&Setting::new(kind, workers, schedule));
            }));
        }
    }
    conclude(trials)
}

/// Runs cases that are about no context in particular, once.
pub fn run_once(cases: &[(&'static str, fn())]) -> ExitCode {
    conclude(cases.iter().map(|&(name, case)| trial(name.to_owned(), case)).collect())
}

fn conclude(trials: Vec<Trial>) -> ExitCode {
    keep_quiet_about_panics_on_purpose();
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: String, case: impl Fn() + Send + 'static) -> Trial {
    let leaked: &'static str = name.clone().leak();
    Trial::test(name, move || {
        let before = Belongings::now();
        let watch = Watch::over(leaked);
        case();
        drop(watch);
        before.left_behind().map_err(Failed::from)
    })
}

fn sentence(case: &Case) -> &'static str {
    case.name.split_once("::").map_or(case.name, |(_, name)| name)
}

/// Kernels under test panic; what they say is for the test, not for who reads its output.
fn keep_quiet_about_panics_on_purpose() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let text = info.payload_as_str();
        if text.is_some_and(|text| !text.contains("on purpose")) {
            usual(info);
        }
    }));
}
