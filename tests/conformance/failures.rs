//! Kernels that fail or panic: one error, the same in every context.

use std::cell::Cell;
use std::panic::panic_any;
use std::thread::sleep;
use std::time::Duration;

use pasha::prelude::*;
use pasha::{Error, ErrorKind};

use crate::support::{Counters, Kind, Setting, cases, story};

cases![
    an_err_tells_kind_index_worker_and_message,
    a_panic_tells_kind_index_worker_and_message,
    an_err_is_the_same_error_in_all_contexts,
    a_panic_is_the_same_error_in_all_contexts,
    the_lowest_index_of_several_is_the_error,
    the_lowest_index_of_errs_and_panics_is_the_error,
    if_everything_fails_the_first_index_is_the_error,
    everything_below_the_error_is_done,
    what_was_written_stays_written,
    the_rest_is_not_begun_for_long,
    accumulators_keep_what_was_added,
    reductions_keep_what_they_held,
    a_long_message_arrives,
    a_message_that_is_not_ascii_arrives,
    a_scratch_closure_that_panics_is_an_error,
    a_scratch_that_panics_when_it_is_dropped_is_an_error_of_no_index,
    a_scratch_that_panics_when_it_is_dropped_does_not_hide_the_error_of_the_kernel,
    the_context_is_usable_after_every_kind_of_failure,
    a_failure_of_the_only_item_is_an_error,
    a_thousand_panics_are_the_same_error,
];

#[derive(Clone, Copy, Debug)]
enum Way {
    Err,
    Text,
    Formatted,
    Other,
}

const WAYS: [Way; 4] = [Way::Err, Way::Text, Way::Formatted, Way::Other];

fn fail(way: Way, index: usize) -> Result<(), String> {
    match way {
        Way::Err => Err(format!("frame {index} is dark, on purpose")),
        Way::Text => panic!("on purpose"),
        Way::Formatted => panic!("frame {index} panics on purpose"),
        Way::Other => panic_any(index),
    }
}

#[pasha::kernel]
fn fail_at(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] at: &[(usize, Way)],
    #[out] done: &mut [u8],
) -> Result<(), String> {
    done[0] += 1;
    if let Some((_, way)) = at.iter().find(|(at, _)| *at == index) {
        fail(*way, index)?;
    }
    done[1] += 1;
    Ok(())
}

/// The error of a map over `items` that fails at these indices, and what was begun and done of each.
fn failed(ctx: &Context, items: usize, at: &[(usize, Way)]) -> (Error, Vec<[u8; 2]>) {
    let mut done = ctx.alloc::<u8>().shape((items, 2)).build().unwrap();
    let error = ctx.map(fail_at { at, done: &mut done }, 0..items).unwrap_err();
    (error, done.rows().into_iter().map(|row| [row[0], row[1]]).collect())
}

fn check_site(setting: &Setting, error: &Error) {
    assert!(error.worker().unwrap() < setting.ctx().workers(), "{error}");
    assert_eq!(error.pid().is_some(), setting.kind.is_elsewhere(), "{error:?}");
    assert_ne!(error.pid(), Some(std::process::id()));
}

fn an_err_tells_kind_index_worker_and_message(setting: &Setting) {
    let (error, _) = failed(setting.ctx(), 50, &[(31, Way::Err)]);
    assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(31)));
    let expected =
        format!("the kernel failed at index 31 (worker {}): frame 31 is dark, on purpose", error.worker().unwrap());
    assert_eq!(error.to_string(), expected);
    check_site(setting, &error);
}

fn a_panic_tells_kind_index_worker_and_message(setting: &Setting) {
    for (way, text) in [
        (Way::Text, "on purpose"),
        (Way::Formatted, "frame 31 panics on purpose"),
        (Way::Other, "the panic carries no text"),
    ] {
        let (error, _) = failed(setting.ctx(), 50, &[(31, way)]);
        assert_eq!((error.kind(), error.index()), (ErrorKind::Panic, Some(31)));
        assert_eq!(
            error.to_string(),
            format!("the kernel panicked at index 31 (worker {}): {text}", error.worker().unwrap())
        );
        check_site(setting, &error);
    }
}

fn an_err_is_the_same_error_in_all_contexts(ctx: &Context) {
    for items in [3, 40, 1000] {
        let at = [(items - 1, Way::Err)];
        assert_eq!(story(&failed(ctx, items, &at).0), story(&failed(&Context::serial(), items, &at).0));
    }
}

fn a_panic_is_the_same_error_in_all_contexts(ctx: &Context) {
    for way in WAYS {
        for at in [0, 1, 20, 39] {
            assert_eq!(story(&failed(ctx, 40, &[(at, way)]).0), story(&failed(&Context::serial(), 40, &[(at, way)]).0));
        }
    }
}

fn the_lowest_index_of_several_is_the_error(ctx: &Context) {
    for round in 0..25 {
        let at = [17 + round, 60 + round, 99, 5 + round, 300, 299].map(|at| (at, Way::Err));
        assert_eq!(failed(ctx, 400, &at).0.index(), Some(5 + round));
    }
}

fn the_lowest_index_of_errs_and_panics_is_the_error(ctx: &Context) {
    for (first, kind) in [(Way::Err, ErrorKind::Kernel), (Way::Formatted, ErrorKind::Panic)] {
        let at = [(390, Way::Text), (120, first), (121, Way::Err), (240, Way::Other), (122, Way::Text)];
        let (error, _) = failed(ctx, 400, &at);
        assert_eq!((error.kind(), error.index()), (kind, Some(120)));
    }
}

fn if_everything_fails_the_first_index_is_the_error(ctx: &Context) {
    for way in WAYS {
        let all: Vec<(usize, Way)> = (0..200).map(|at| (at, way)).collect();
        for _ in 0..5 {
            assert_eq!(failed(ctx, 200, &all).0.index(), Some(0));
        }
    }
}

fn everything_below_the_error_is_done(ctx: &Context) {
    for way in WAYS {
        for lowest in [0, 1, 77, 150, 399] {
            let (error, done) = failed(ctx, 400, &[(lowest, way), (399, Way::Err)]);
            assert_eq!(error.index(), Some(lowest));
            assert!(done[..lowest].iter().all(|done| *done == [1, 1]), "{lowest}: {done:?}");
            assert_eq!(done[lowest], [1, 0]);
            assert!(done.iter().all(|done| done[0] <= 1), "an item was begun twice: {done:?}");
        }
    }
}

fn what_was_written_stays_written(ctx: &Context) {
    let mut done = ctx.alloc::<u8>().shape((400, 2)).fill(9).build().unwrap();
    ctx.map(fail_at { at: &[(200, Way::Err)], done: &mut done }, 0..400_usize).unwrap_err();
    for (index, row) in done.rows().into_iter().enumerate() {
        let row = [row[0], row[1]];
        match index {
            0..200 => assert_eq!(row, [10, 10], "{index}"),
            200 => assert_eq!(row, [10, 9]),
            _ => assert!(row == [9, 9] || row == [10, 10], "{index}: {row:?}"),
        }
    }
}

fn the_rest_is_not_begun_for_long(ctx: &Context) {
    #[pasha::kernel]
    fn slow(_worker_id: usize, index: usize, _item: usize, #[param] calls: &Counters) -> Result<(), String> {
        calls.count(0);
        if index == 0 {
            calls.count(1);
            return Err("on purpose".to_owned());
        }
        // Nobody goes on before the failure is there.
        calls.wait_for(1, 1);
        sleep(Duration::from_millis(1));
        Ok(())
    }

    let calls = Counters::new(2);
    let error = ctx.map(slow { calls: &calls }, 0..100_000_usize).unwrap_err();
    assert_eq!(error.index(), Some(0));
    assert!(calls.get(0) < 50_000, "{} items were begun", calls.get(0));
}

#[pasha::kernel]
fn add(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out] done: &mut u64,
    #[per_worker] own: &mut u64,
    #[reduce(sum)] total: &mut u64,
) -> Result<(), String> {
    if index == 250 {
        return Err("on purpose".to_owned());
    }
    *done = 1;
    *own += 1;
    *total += 1;
    Ok(())
}

fn accumulators_keep_what_was_added(ctx: &Context) {
    let mut done = ctx.alloc::<u64>().shape(300).build().unwrap();
    let mut own = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let mut total = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(add { done: &mut done, own: &mut own, total: &mut total }, 0..300_usize).unwrap_err();
    assert!(done.sum() >= 250);
    assert_eq!(own.sum(), done.sum());
}

fn reductions_keep_what_they_held(ctx: &Context) {
    let mut done = ctx.alloc::<u64>().shape(300).build().unwrap();
    let mut own = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let mut total = ctx.alloc::<u64>().shape(()).fill(4711).build().unwrap();
    ctx.map(add { done: &mut done, own: &mut own, total: &mut total }, 0..300_usize).unwrap_err();
    assert_eq!(total[()], 4711);
}

#[pasha::kernel]
fn say(_worker_id: usize, _index: usize, text: &String) -> Result<(), String> {
    Err(text.clone())
}

fn a_long_message_arrives(ctx: &Context) {
    let text = "0123456789".repeat(300);
    let error = ctx.map(say {}, std::slice::from_ref(&text)).unwrap_err();
    assert!(error.to_string().ends_with(&text), "{error}");

    let endless = "ä".repeat(100_000);
    let error = ctx.map(say {}, &[endless]).unwrap_err();
    assert!(error.to_string().contains(&"ä".repeat(1000)));
    assert!(!error.to_string().contains('\u{fffd}'), "it is cut between characters");
}

fn a_message_that_is_not_ascii_arrives(ctx: &Context) {
    for text in ["Röntgen", "µs", "日本", "", "a\nb", "7 bytes", "8 bytes."] {
        let error = ctx.map(say {}, &[text.to_owned()]).unwrap_err();
        assert!(error.to_string().ends_with(&format!("): {text}")), "{error}");
    }
}

#[pasha::kernel]
fn use_scratch<S>(
    _worker_id: usize,
    index: usize,
    way: &Option<Way>,
    #[scratch] _scratch: &mut S,
    #[out] done: &mut u8,
) -> Result<(), String> {
    if let Some(way) = way {
        fail(*way, index)?;
    }
    *done += 1;
    Ok(())
}

fn a_scratch_closure_that_panics_is_an_error(ctx: &Context) {
    let run = |ctx: &Context| {
        let mut done = ctx.alloc::<u8>().shape(30).build().unwrap();
        let scratch = || -> Cell<u8> { panic!("no scratch, on purpose") };
        let error = ctx.map(use_scratch { _scratch: scratch, done: &mut done }, &[None; 30]).unwrap_err();
        assert_eq!(done.sum(), 0);
        error
    };
    let error = run(ctx);
    assert_eq!((error.kind(), error.index()), (ErrorKind::Panic, Some(0)));
    assert!(error.to_string().contains("no scratch, on purpose"), "{error}");
    assert_eq!(story(&error), story(&run(&Context::serial())));
}

struct Sticky;

impl Drop for Sticky {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("not dropped, on purpose");
        }
    }
}

fn a_scratch_that_panics_when_it_is_dropped_is_an_error_of_no_index(ctx: &Context) {
    let run = |ctx: &Context| {
        let mut done = ctx.alloc::<u8>().shape(30).build().unwrap();
        let error = ctx.map(use_scratch { _scratch: || Sticky, done: &mut done }, &[None; 30]).unwrap_err();
        assert_eq!(done.to_vec(), [1; 30], "it came after the last item");
        error
    };
    let error = run(ctx);
    assert_eq!((error.kind(), error.index()), (ErrorKind::Panic, None));
    assert!(error.to_string().contains("not dropped, on purpose"), "{error}");
    assert_eq!(story(&error), story(&run(&Context::serial())));
}

fn a_scratch_that_panics_when_it_is_dropped_does_not_hide_the_error_of_the_kernel(ctx: &Context) {
    for (way, kind) in [(Way::Err, ErrorKind::Kernel), (Way::Text, ErrorKind::Panic)] {
        let mut ways = [None; 30];
        ways[17] = Some(way);
        let mut done = ctx.alloc::<u8>().shape(30).build().unwrap();
        let error = ctx.map(use_scratch { _scratch: || Sticky, done: &mut done }, &ways).unwrap_err();
        assert_eq!((error.kind(), error.index()), (kind, Some(17)), "{error}");
        assert!(!error.to_string().contains("not dropped"), "{error}");
    }
}

fn the_context_is_usable_after_every_kind_of_failure(ctx: &Context) {
    let mut done = ctx.alloc::<u8>().shape((100, 2)).build().unwrap();
    let mut rounds = 0;
    for way in WAYS {
        for at in [0, 50, 99] {
            ctx.map(fail_at { at: &[(at, way)], done: &mut done }, 0..100_usize).unwrap_err();
            done.view_mut().fill(0);
            let report = ctx.map(fail_at { at: &[], done: &mut done }, 0..100_usize).unwrap();
            assert_eq!(report.items(), 100);
            assert!(done.iter().all(|done| *done == 1));
            done.view_mut().fill(0);
            rounds += 1;
        }
    }
    assert_eq!(rounds, 12);
}

fn a_failure_of_the_only_item_is_an_error(ctx: &Context) {
    for way in WAYS {
        let (error, done) = failed(ctx, 1, &[(0, way)]);
        assert_eq!((error.index(), done), (Some(0), vec![[1, 0]]));
    }
}

fn a_thousand_panics_are_the_same_error(setting: &Setting) {
    // In all settings together.
    let runs = if setting.kind == Kind::Serial { 1000 } else { 250 };
    for _ in 0..runs {
        let (error, done) = failed(setting.ctx(), 30, &[(23, Way::Formatted), (11, Way::Formatted), (12, Way::Err)]);
        assert_eq!((error.kind(), error.index()), (ErrorKind::Panic, Some(11)));
        assert!(error.to_string().ends_with("frame 11 panics on purpose"), "{error}");
        assert!(done[..11].iter().all(|done| *done == [1, 1]), "{done:?}");
    }
}
