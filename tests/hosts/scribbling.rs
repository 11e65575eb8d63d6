//! Kernels that write where they must not: over all words that the workers share with their host. The host reports what it knows by itself.

#![allow(unsafe_code)]

use std::fs;
use std::ops::Range;
use std::process::exit;
use std::ptr;
use std::time::Duration;

use pasha::prelude::*;
use pasha::{CauseOfDeath, ErrorKind};
use pasha_tests::support::kills::scatter;

use super::cases;

cases![
    a_worker_that_scribbles_and_dies_is_an_error_that_names_it,
    a_worker_that_scribbles_and_dies_ends_a_map_that_goes_on_after_deaths,
    a_worker_that_scribbles_and_goes_on_ends_its_map,
];

const PATTERNS: [fn(u64) -> u64; 5] =
    [|_| 0, |_| u64::MAX, scatter, |at| scatter(at) % 64, |at| if at % 3 == 0 { scatter(at) } else { 1 }];

const ITEMS: usize = 50;

/// What this process may write and shares with others, but for one array and what lies before the map.
fn shared(array: usize, before: &[Range<usize>]) -> Vec<Range<usize>> {
    let maps = fs::read_to_string("/proc/self/maps").expect("/proc is mounted");
    let spans = maps.lines().filter(|line| line.contains(" rw-s ")).filter_map(|line| {
        let (start, rest) = line.split_once('-')?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        Some(number(start)?..number(rest.split(' ').next()?)?)
    });
    spans.filter(|span| !span.contains(&array) && !before.contains(span)).collect()
}

#[pasha::kernel]
fn scribble(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] pattern: fn(u64) -> u64,
    #[param] before: &[Range<usize>],
    #[param] dies: bool,
    #[out] value: &mut usize,
) {
    if index == 20 {
        let spans = shared(ptr::from_ref(value).addr(), before);
        assert!(!spans.is_empty(), "there are words to write over");
        for span in spans {
            for (number, address) in span.step_by(8).enumerate() {
                let word = ptr::with_exposed_provenance_mut::<u64>(address);
                // SAFETY: none; a wild kernel.
                unsafe { word.write_volatile(pattern(number as u64)) };
            }
        }
        if dies {
            exit(3);
        }
    }
    *value = index + 1;
}

fn scribbled(ctx: &Context, pattern: fn(u64) -> u64, dies: bool) -> pasha::Result<pasha::Report> {
    let mut values = ctx.alloc::<usize>().shape(ITEMS).fill(7).build().unwrap();
    let array = values.as_ptr().addr();
    let before = shared(array, &[]);
    let mapped = ctx.map(scribble { pattern, before: &before, dies, value: &mut values }, 0..ITEMS);
    check_map(ctx.workers());
    mapped
}

/// The next map is right.
fn check_map(workers: usize) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, index: usize, _item: usize, #[out] value: &mut usize) {
        *value = index + 1;
    }

    let ctx = Context::processes().workers(workers).build().unwrap();
    let mut values = ctx.alloc::<usize>().shape(ITEMS).build().unwrap();
    ctx.map(fill { value: &mut values }, 0..ITEMS).unwrap();
    assert_eq!(values.to_vec(), (1..=ITEMS).collect::<Vec<_>>());
}

fn a_worker_that_scribbles_and_dies_is_an_error_that_names_it() {
    // The others may happen to say that a worker is done.
    for pattern in &PATTERNS[..3] {
        for workers in 1..4 {
            let ctx = Context::processes().workers(workers).build().unwrap();
            let error = scribbled(&ctx, *pattern, true).unwrap_err();
            assert_eq!((error.kind(), error.items()), (ErrorKind::Died, ITEMS), "{error}");
            for death in error.deaths() {
                // Another worker may come to grief by these words, too, and first.
                assert!(workers > 1 || death.cause() == CauseOfDeath::Exit(3), "{error}");
                assert!(death.worker() < workers && death.pid() != std::process::id());
            }
            assert!((1..=workers).contains(&error.deaths().len()));
            assert!(error.index().is_none_or(|index| index < ITEMS) && error.done() <= ITEMS, "{error}");
            assert!(error.undone().iter().chain(error.torn()).all(|run| run.end <= ITEMS), "{error}");
            assert!(!format!("{error} {error:?}").is_empty());
        }
    }
}

fn ends(on_death: OnDeath, dies: bool) {
    for pattern in PATTERNS {
        for workers in 1..4 {
            let ctx = Context::processes().workers(workers).on_death(on_death).deadline(Duration::from_millis(80));
            // Anything but a hang, a panic of the host, or a number that cannot be.
            match scribbled(&ctx.build().unwrap(), pattern, dies) {
                Ok(report) => {
                    assert!(report.skipped().iter().chain(report.retried()).all(|index| *index < ITEMS), "{report}");
                }
                Err(error) => {
                    assert!(error.done() <= ITEMS && error.index().is_none_or(|index| index < ITEMS), "{error}")
                }
            }
        }
    }
}

fn a_worker_that_scribbles_and_dies_ends_a_map_that_goes_on_after_deaths() {
    ends(OnDeath::Retry(1), true);
    ends(OnDeath::Skip, true);
}

fn a_worker_that_scribbles_and_goes_on_ends_its_map() {
    ends(OnDeath::Fail, false);
    ends(OnDeath::Retry(1), false);
}
