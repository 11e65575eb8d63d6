//! What becomes of a map when workers die, by `on_death`: everything done once, or everything but what is named.
//!
//! A sweep kills the worker that comes to the first moment, then, in another map, the one that comes to the second, and so on until a map has no
//! more moments: before and after claims, within rows, after them, and after they are noted.

use std::hint::black_box;
use std::process::{abort, exit};
use std::sync::Mutex;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use ndarray::{Array2, ArrayView2, ArrayViewMut1, array};
use nix::sys::signal::{Signal, kill, raise};
use nix::unistd::Pid;
use pasha::functor::{Item, Items};
use pasha::prelude::*;
use pasha::{CauseOfDeath, Error, ErrorKind, Ix0, Ix1, Ix2, Report};

use pasha::__private::hooks::Point;

use crate::support::kills::{Haste, Kills, moment, scatter};
use crate::support::{Counters, Setting, cases, each, ignore, leave, touch_forbidden_memory};

cases![
    whenever_a_worker_dies_a_retry_does_every_item,
    whenever_a_worker_dies_a_skip_leaves_its_item_at_the_fill,
    whenever_a_worker_dies_a_failure_tells_what_is_done_and_what_is_torn,
    whenever_a_worker_dies_among_very_cheap_items_what_is_said_of_them_is_true,
    whenever_a_worker_dies_accumulators_count_each_item_once,
    whenever_two_workers_die_accumulators_count_each_item_once,
    deaths_now_and_then_lose_nothing,
    deaths_now_and_then_count_nothing_twice,
    three_deadly_items_of_a_thousand_are_skipped_and_named,
    where_single_items_matter_they_are_named_however_cheap,
    an_item_that_is_deadly_once_is_done_by_a_retry_whatever_it_died_of,
    a_panic_that_aborts_is_a_death_like_any_other,
    an_item_that_is_always_deadly_is_given_up_on_after_all_retries,
    several_items_that_are_given_up_on_are_named_and_the_lowest_is_the_error,
    if_every_item_is_deadly_every_item_is_skipped,
    a_collection_is_retried,
    a_collection_that_could_not_say_what_it_skipped_is_refused,
    a_deadly_item_of_a_functor_is_skipped_or_given_up_on,
    a_lost_worker_is_replaced_by_one_that_knows_nothing,
    what_a_per_worker_array_held_before_the_map_stays_in_it,
    a_fill_of_a_per_worker_array_counts_once,
    a_reduction_keeps_what_it_held_when_an_item_is_given_up_on,
    static_sums_are_the_same_to_the_bit_after_retries,
    a_worker_that_cannot_begin_is_given_up_on_after_a_few_deaths,
    a_death_after_the_last_item_is_no_error_but_reported,
    deaths_between_items_are_no_error_as_long_as_work_goes_on,
    work_lost_on_its_way_is_done_in_the_end,
    work_lost_on_its_way_twice_is_done_in_the_end,
    accumulators_lost_in_the_end_are_gathered_again,
    of_a_failure_and_an_item_given_up_on_the_lower_is_the_error,
    a_failure_before_a_death_is_the_error_if_it_is_lower,
    an_item_that_a_failure_keeps_from_being_retried_is_torn,
    workers_that_die_at_once_are_all_in_the_account,
    what_is_lost_with_an_accumulator_when_the_map_fails_is_torn,
    a_failure_besides_skipped_items_leaves_them_at_the_fill,
    with_the_status_hidden_deaths_are_recovered_from,
    too_many_items_to_tell_apart_are_refused,
    a_nested_map_on_a_context_that_goes_on_is_serial,
    a_report_names_deaths_and_items,
    the_context_is_usable_after_every_recovery,
];

/// The cases that are for processes alone.
pub fn suite() -> &'static [crate::support::Case] {
    CASES
}

const ITEMS: usize = 16;

/// More moments than any of the maps here has.
const MOMENTS: u64 = 2000;

fn going_on(setting: &Setting, on_death: OnDeath) -> Context {
    setting.processes().on_death(on_death).build().unwrap()
}

#[pasha::kernel]
fn work(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out] row: &mut [u64],
    #[out] square: &mut u64,
    #[out(axis = 1)] mut lane: ArrayViewMut1<'_, f32>,
    #[out(ranges)] run: Option<&mut [u16]>,
) {
    let value = index as u64 + 100;
    row[0] = value;
    lane.fill(value as f32);
    moment();
    row[1..].fill(value);
    *square = value * value;
    if let Some(run) = run {
        run.fill(value as u16);
    }
}

/// Outputs of all kinds, each with a fill of its own.
struct Outputs {
    rows: SharedArray<u64, Ix2>,
    squares: SharedArray<u64, Ix1>,
    lanes: SharedArray<f32, Ix2>,
    runs: SharedArray<u16, Ix1>,
    offsets: Vec<usize>,
}

impl Outputs {
    fn new(ctx: &Context, items: usize) -> Self {
        let offsets: Vec<usize> = (0..=items)
            .map(|index| index * (index % 3))
            .scan(0, |end, len| {
                *end = len.max(*end);
                Some(*end)
            })
            .collect();
        Self {
            rows: ctx.alloc().shape((items, 3)).fill_from(&array![1, 2, 3]).build().unwrap(),
            squares: ctx.alloc().shape(items).build().unwrap(),
            lanes: ctx.alloc().shape((2, items)).order(Order::F).fill(-5.0).build().unwrap(),
            runs: ctx.alloc().shape(offsets[items]).fill(8).build().unwrap(),
            offsets,
        }
    }

    fn map(&mut self, ctx: &Context) -> pasha::Result<Report> {
        let Self { rows, squares, lanes, runs, offsets } = self;
        let items = rows.nrows();
        let run = Some(runs.ranges(offsets)?);
        ctx.map(work { row: rows, square: squares, lane: lanes, run }, 0..items)
    }

    fn is_done(&self, index: usize) -> bool {
        let value = index as u64 + 100;
        self.rows.row(index).iter().all(|element| *element == value)
            && self.squares[index] == value * value
            && self.lanes.column(index).iter().all(|element| *element == value as f32)
            && self.run(index).iter().all(|element| *element == value as u16)
    }

    fn is_at_the_fill(&self, index: usize) -> bool {
        self.rows.row(index).to_vec() == [1, 2, 3]
            && self.squares[index] == 0
            && self.lanes.column(index).iter().all(|element| *element == -5.0)
            && self.run(index).iter().all(|element| *element == 8)
    }

    fn run(&self, index: usize) -> Vec<u16> {
        self.runs.iter().copied().take(self.offsets[index + 1]).skip(self.offsets[index]).collect()
    }

    fn check(&self, left_out: &[usize]) {
        for index in 0..self.rows.nrows() {
            match left_out.contains(&index) {
                true => {
                    assert!(self.is_at_the_fill(index), "index {index} is not at the fill: {}", self.rows.row(index))
                }
                false => assert!(self.is_done(index), "index {index} is not done: {}", self.rows.row(index)),
            }
        }
    }
}

/// Calls `check` with each moment of a map in turn; it gives the kills of its map.
fn at_each_moment(mut check: impl FnMut(&Kills) -> String) {
    for nth in 0..MOMENTS {
        let kills = Kills::at(nth);
        let story = check(&kills);
        if kills.done() == 0 {
            assert!(nth > ITEMS as u64, "only {nth} moments: {story}");
            return;
        }
    }
    panic!("a map of {ITEMS} items does not have {MOMENTS} moments");
}

fn whenever_a_worker_dies_a_retry_does_every_item(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(1));
    at_each_moment(|kills| {
        let mut outputs = Outputs::new(&ctx, ITEMS);
        let report = outputs.map(&ctx).unwrap();
        outputs.check(&[]);
        assert_eq!((report.items(), report.skipped()), (ITEMS, &[][..]));
        assert_eq!(report.deaths().len() as u64, kills.done(), "{report}");
        let at: Vec<usize> = report.deaths().iter().filter_map(|death| death.index()).collect();
        assert_eq!(report.retried(), at);
        assert!(report.deaths().iter().all(|death| death.cause() == CauseOfDeath::Signal(Signal::SIGKILL as i32)));
        assert_eq!(report.workers().iter().map(|worker| worker.items()).sum::<usize>(), ITEMS, "{report}");
        report.to_string()
    });
}

fn whenever_a_worker_dies_a_skip_leaves_its_item_at_the_fill(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Skip);
    at_each_moment(|kills| {
        let mut outputs = Outputs::new(&ctx, ITEMS);
        let report = outputs.map(&ctx).unwrap();
        outputs.check(report.skipped());
        assert_eq!((report.items(), report.retried()), (ITEMS, &[][..]));
        let at: Vec<usize> = report.deaths().iter().filter_map(|death| death.index()).collect();
        assert_eq!(report.skipped(), at);
        assert!(kills.in_a_row() as usize <= at.len(), "who is killed in a row is at an item: {report}");
        report.to_string()
    });
}

fn whenever_a_worker_dies_a_failure_tells_what_is_done_and_what_is_torn(setting: &Setting) {
    at_each_moment(|kills| {
        let mut outputs = Outputs::new(setting.ctx(), ITEMS);
        let mapped = outputs.map(setting.ctx());
        if kills.done() == 0 {
            outputs.check(&[]);
            return mapped.unwrap().to_string();
        }
        let error = mapped.unwrap_err();
        check_account(&error, &outputs);
        assert_eq!((error.kind(), error.deaths().len()), (ErrorKind::Died, 1), "{error}");
        let death = &error.deaths()[0];
        assert_eq!((Some(death.worker()), Some(death.pid())), (error.worker(), error.pid()));
        assert_eq!(death.index(), error.index());
        if kills.in_a_row() == 1 {
            assert!(error.torn().iter().any(|torn| torn.contains(&error.index().unwrap())), "{error}");
        }
        error.to_string()
    });
}

fn whenever_a_worker_dies_among_very_cheap_items_what_is_said_of_them_is_true(setting: &Setting) {
    #[pasha::kernel]
    fn number(_worker_id: usize, index: usize, _item: usize, #[out] out: &mut usize) {
        *out = index + 1;
    }

    const MANY: usize = 60_000;
    let ctx = setting.ctx();
    for (point, nth) in [Point::Noted, Point::Left].into_iter().flat_map(|point| (0..40).map(move |nth| (point, nth))) {
        let kills = Kills::nth(&[point], nth);
        let _haste = Haste::begin();
        let mut outs = ctx.alloc::<usize>().shape(MANY).build().unwrap();
        let mapped = ctx.map(number { out: &mut outs }, 0..MANY);
        if kills.done() == 0 {
            mapped.unwrap();
            break;
        }
        let error = mapped.unwrap_err();
        let (undone, torn) = (each(error.undone()), each(error.torn()));
        assert_eq!(error.done(), MANY - undone.len(), "{point:?} {nth}: {error}");
        let mut expected: Vec<usize> = (1..=MANY).collect();
        undone.iter().for_each(|index| expected[*index] = 0);
        let wrong = |index: &usize| outs[*index] != expected[*index] && torn.binary_search(index).is_err();
        assert_eq!((0..MANY).find(wrong), None, "{point:?} {nth}: {error}");
    }
}

/// What an error says of the items must be true of the outputs.
fn check_account(error: &Error, outputs: &Outputs) {
    let items = outputs.rows.nrows();
    let (undone, torn) = (each(error.undone()), each(error.torn()));
    for index in 0..items {
        if !undone.contains(&index) {
            assert!(outputs.is_done(index), "index {index} is said to be done: {error}");
        } else if !torn.contains(&index) {
            assert!(outputs.is_at_the_fill(index), "index {index} was said to be untouched: {error} {error:?}");
        }
    }
    assert_eq!((error.done(), error.items()), (items - undone.len(), items), "{error}");
    assert!(torn.iter().all(|index| undone.contains(index)), "{torn:?} in {undone:?}");
    assert!(error.undone().iter().all(|run| !run.is_empty()) && error.undone().is_sorted_by(|a, b| a.end < b.start));
    let text = error.to_string();
    assert!(text.contains(&format!("{} of {items} items were done", error.done())), "{text}");
}

#[pasha::kernel]
fn tally(
    worker_id: usize,
    index: usize,
    _item: usize,
    #[out] done: &mut u32,
    #[per_worker] own: &mut [u64],
    #[reduce(sum)] total: &mut u64,
    #[reduce(max)] last: Option<&mut [usize]>,
) {
    own[0] += 1;
    own[1] += index as u64;
    *total += 1;
    moment();
    *total += index as u64;
    own[2] = worker_id as u64;
    if let Some(last) = last {
        last[index % 2] = last[index % 2].max(index);
    }
    *done += 1;
}

struct Tallies {
    done: SharedArray<u32, Ix1>,
    own: SharedArray<u64, Ix2>,
    total: SharedArray<u64, Ix0>,
    last: SharedArray<usize, Ix1>,
}

impl Tallies {
    fn new(ctx: &Context, items: usize) -> Self {
        Self {
            done: ctx.alloc().shape(items).build().unwrap(),
            own: ctx.alloc().shape(3).per_worker().build().unwrap(),
            total: ctx.alloc().shape(()).fill(99).build().unwrap(),
            last: ctx.alloc().shape(2).build().unwrap(),
        }
    }

    fn map(&mut self, ctx: &Context) -> pasha::Result<Report> {
        let Self { done, own, total, last } = self;
        done.fill(0);
        let items = done.len();
        ctx.map(tally { done, own, total, last: Some(last) }, 0..items)
    }

    /// Every item but those left out counts in `maps` maps, and none twice.
    fn check(&self, left_out: &[usize], maps: u64) {
        let kept: Vec<usize> = (0..self.done.len()).filter(|index| !left_out.contains(index)).collect();
        let (number, sum) = (kept.len() as u64, kept.iter().sum::<usize>() as u64);
        assert_eq!(self.own.column(0).sum(), maps * number, "{}", self.own.view());
        assert_eq!(self.own.column(1).sum(), maps * sum, "{}", self.own.view());
        assert!(self.own.rows().into_iter().enumerate().all(|(worker, own)| [0, worker as u64].contains(&own[2])));
        assert_eq!(self.total[()], number + sum);
        for parity in 0..2 {
            let last = kept.iter().copied().filter(|index| index % 2 == parity).max().unwrap_or(0);
            assert_eq!(self.last[parity], last);
        }
        // What is retried starts from what the last try left, in `#[out]`.
        assert!(kept.iter().all(|index| self.done[*index] >= 1), "{}", self.done.view());
        assert!(left_out.iter().all(|index| self.done[*index] == 0), "{}", self.done.view());
    }
}

fn whenever_a_worker_dies_accumulators_count_each_item_once(setting: &Setting) {
    for on_death in [OnDeath::Retry(1), OnDeath::Skip] {
        let ctx = going_on(setting, on_death);
        at_each_moment(|_| {
            let mut tallies = Tallies::new(&ctx, ITEMS);
            let report = tallies.map(&ctx).unwrap();
            tallies.check(report.skipped(), 1);
            assert_eq!(
                report.workers().iter().map(|worker| worker.items()).sum::<usize>(),
                ITEMS - report.skipped().len(),
                "{report}"
            );
            report.to_string()
        });
    }
}

fn whenever_two_workers_die_accumulators_count_each_item_once(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(2));
    for seed in 0..30 {
        let kills = Kills::now_and_then(seed, 1 + seed, 2);
        let mut tallies = Tallies::new(&ctx, ITEMS);
        let report = tallies.map(&ctx).unwrap_or_else(|error| panic!("{seed}: {error}"));
        assert_eq!(report.deaths().len() as u64, kills.done());
        tallies.check(&[], 1);
    }
}

fn deaths_now_and_then_lose_nothing(setting: &Setting) {
    for on_death in [OnDeath::Retry(1000), OnDeath::Skip] {
        let ctx = going_on(setting, on_death);
        let mut in_rows = 0;
        for seed in 0..10 {
            let kills = Kills::now_and_then(seed, 60, 8);
            let mut outputs = Outputs::new(&ctx, 150);
            let report = outputs.map(&ctx).unwrap_or_else(|error| panic!("{seed}: {error}"));
            outputs.check(report.skipped());
            assert_eq!(report.deaths().len() as u64, kills.done(), "{report}");
            in_rows += kills.in_a_row();
        }
        assert!(in_rows > 5, "only {in_rows} workers were killed within a row");
    }
}

fn deaths_now_and_then_count_nothing_twice(setting: &Setting) {
    for on_death in [OnDeath::Retry(1000), OnDeath::Skip] {
        let ctx = going_on(setting, on_death);
        for seed in 100..110 {
            let kills = Kills::now_and_then(seed, 120, 6);
            let mut tallies = Tallies::new(&ctx, 150);
            let report = tallies.map(&ctx).unwrap_or_else(|error| panic!("{seed}: {error}"));
            tallies.check(report.skipped(), 1);
            assert_eq!(report.deaths().len() as u64, kills.done(), "{report}");
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Signal(Signal),
    Fault,
    Abort,
    Exit(i32),
    Leave(i32),
    Overflow,
}

const WAYS: [Way; 8] = [
    Way::Signal(Signal::SIGKILL),
    Way::Signal(Signal::SIGTERM),
    Way::Fault,
    Way::Abort,
    Way::Exit(0),
    Way::Exit(7),
    Way::Leave(0),
    Way::Overflow,
];

impl Way {
    fn die(self) {
        match self {
            Way::Signal(signal) => raise(signal).unwrap(),
            Way::Fault => touch_forbidden_memory(),
            Way::Abort => abort(),
            Way::Exit(code) => exit(code),
            Way::Leave(code) => leave(code),
            Way::Overflow => assert_eq!(dig(1), 0),
        }
    }

    fn is(self, cause: CauseOfDeath) -> bool {
        match self {
            Way::Signal(signal) => cause == CauseOfDeath::Signal(signal as i32),
            Way::Fault => cause == CauseOfDeath::Signal(Signal::SIGSEGV as i32),
            Way::Abort => cause == CauseOfDeath::Signal(Signal::SIGABRT as i32),
            Way::Exit(code) | Way::Leave(code) => cause == CauseOfDeath::Exit(code),
            Way::Overflow => matches!(cause, CauseOfDeath::Signal(_)),
        }
    }
}

#[allow(unconditional_recursion)]
fn dig(depth: u64) -> u64 {
    let ground = black_box([depth; 64]);
    dig(ground[0] + 1) + ground[63]
}

/// Dies within the row of each item in `deadly`, as long as `lives` of it are left.
#[pasha::kernel]
fn perilous(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] deadly: &[usize],
    #[param] way: Way,
    #[param] lives: &Counters,
    #[param] most: u64,
    #[out] row: &mut [u64],
) {
    row[0] = index as u64 + 100;
    if deadly.contains(&index) && lives.count(0) < most {
        way.die();
    }
    row[1..].fill(index as u64 + 100);
}

/// A map with deadly items, and the rows, which are filled with 7.
fn risk(ctx: &Context, items: usize, deadly: &[usize], way: Way, most: u64) -> (pasha::Result<Report>, Array2<u64>) {
    let mut rows = ctx.alloc::<u64>().shape((items, 3)).fill(7).build().unwrap();
    let lives = Counters::new(1);
    let mapped = ctx.map(perilous { deadly, way, lives: &lives, most, row: &mut rows }, 0..items);
    (mapped, rows.into_owned())
}

fn check_rows(rows: ArrayView2<'_, u64>, left_out: &[usize]) {
    for (index, row) in rows.rows().into_iter().enumerate() {
        let expected = if left_out.contains(&index) { 7 } else { index as u64 + 100 };
        assert_eq!(row.to_vec(), [expected; 3], "index {index}");
    }
}

fn three_deadly_items_of_a_thousand_are_skipped_and_named(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Skip);
    let (report, rows) = risk(&ctx, 1000, &[777, 0, 333], Way::Fault, u64::MAX);
    let report = report.unwrap();
    assert_eq!(report.skipped(), [0, 333, 777]);
    check_rows(rows.view(), &[0, 333, 777]);
    let mut at: Vec<usize> = report.deaths().iter().filter_map(|death| death.index()).collect();
    at.sort_unstable();
    assert_eq!(at, [0, 333, 777]);
}

fn where_single_items_matter_they_are_named_however_cheap(setting: &Setting) {
    #[pasha::kernel]
    fn count(_worker_id: usize, index: usize, _item: usize, #[out] count: &mut u32) {
        *count += 1;
        if index == DEADLY {
            abort();
        }
    }

    const DEADLY: usize = 77_777;
    let _haste = Haste::begin();
    let map = |ctx: pasha::Result<Context>| {
        let ctx = ctx.unwrap();
        let mut counts = ctx.alloc::<u32>().shape(100_000).build().unwrap();
        let result = ctx.map(count { count: &mut counts }, 0..100_000_usize);
        (result, counts.into_owned())
    };
    let (skipping, counts) = map(setting.processes().on_death(OnDeath::Skip).build());
    let report = skipping.unwrap();
    assert_eq!((report.skipped(), report.deaths()[0].index()), (&[DEADLY][..], Some(DEADLY)));
    assert!(counts.iter().enumerate().all(|(index, count)| *count == u32::from(index != DEADLY)), "none is done twice");
    let (retrying, counts) = map(setting.processes().on_death(OnDeath::Retry(1)).build());
    assert_eq!(retrying.unwrap_err().index(), Some(DEADLY));
    assert!(counts.iter().enumerate().all(|(index, count)| *count == u32::from(index != DEADLY)), "none is done twice");
    let (clocked, _) = map(setting.processes().deadline(Duration::from_secs(3600)).build());
    assert_eq!(clocked.unwrap_err().index(), Some(DEADLY));
}

fn an_item_that_is_deadly_once_is_done_by_a_retry_whatever_it_died_of(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(1));
    for way in WAYS {
        let (report, rows) = risk(&ctx, 50, &[31], way, 1);
        let report = report.unwrap();
        check_rows(rows.view(), &[]);
        assert_eq!((report.retried(), report.skipped(), report.deaths().len()), (&[31][..], &[][..], 1), "{report}");
        assert!(way.is(report.deaths()[0].cause()), "{way:?}: {report}");
    }
}

fn a_panic_that_aborts_is_a_death_like_any_other(setting: &Setting) {
    /// As with `panic = "abort"`.
    #[pasha::kernel]
    fn panic_for_good(_worker_id: usize, index: usize, _item: usize, #[out] done: &mut u8) {
        if index == 9 {
            std::panic::set_hook(Box::new(|_| abort()));
            panic!("on purpose");
        }
        *done = 1;
    }

    let mut done = setting.ctx().alloc::<u8>().shape(20).build().unwrap();
    let error = setting.ctx().map(panic_for_good { done: &mut done }, 0..20_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(9)), "{error}");
    assert!(error.to_string().contains("SIGABRT"), "{error}");
    done.fill(0);
    let report = going_on(setting, OnDeath::Skip).map(panic_for_good { done: &mut done }, 0..20_usize).unwrap();
    assert_eq!((report.skipped(), done.sum()), (&[9][..], 19));
}

fn an_item_that_is_always_deadly_is_given_up_on_after_all_retries(setting: &Setting) {
    for retries in 0..4 {
        let ctx = going_on(setting, OnDeath::Retry(retries));
        let lives = Counters::new(1);
        let mut rows = ctx.alloc::<u64>().shape((50, 3)).fill(7).build().unwrap();
        let kernel = perilous { deadly: &[31], way: Way::Abort, lives: &lives, most: u64::MAX, row: &mut rows };
        let error = ctx.map(kernel, 0..50_usize).unwrap_err();
        assert_eq!(lives.get(0), u64::from(retries) + 1, "so many workers came to it");
        assert_eq!((error.kind(), error.index(), error.done(), error.items()), (ErrorKind::Died, Some(31), 49, 50));
        assert_eq!((error.undone(), error.torn()), (&[][..], &[][..]));
        assert_eq!(error.deaths().len() as u32, retries + 1);
        check_rows(rows.view(), &[31]);
        let text = error.to_string();
        let deaths = format!("after {} death", retries + 1);
        for part in ["index 31 was given up on", &deaths, "SIGABRT", "49 of 50 items were done"] {
            assert!(text.contains(part), "{text:?} says nothing of {part:?}");
        }
        let last = error.deaths().last().unwrap();
        assert_eq!((error.worker(), error.pid()), (Some(last.worker()), Some(last.pid())));
    }
}

fn several_items_that_are_given_up_on_are_named_and_the_lowest_is_the_error(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(1));
    let deadly = [44, 5, 20, 49];
    let (mapped, rows) = risk(&ctx, 50, &deadly, Way::Exit(1), u64::MAX);
    let error = mapped.unwrap_err();
    assert_eq!((error.kind(), error.index(), error.done()), (ErrorKind::Died, Some(5), 46));
    assert_eq!(error.deaths().len(), 8);
    check_rows(rows.view(), &deadly);
    let text = error.to_string();
    assert!(["20", "44", "49"].iter().all(|index| text.contains(index)), "{text}");
}

fn if_every_item_is_deadly_every_item_is_skipped(setting: &Setting) {
    let all: Vec<usize> = (0..40).collect();
    let (report, rows) = risk(&going_on(setting, OnDeath::Skip), 40, &all, Way::Exit(0), u64::MAX);
    let report = report.unwrap();
    assert_eq!((report.skipped(), report.deaths().len()), (&all[..], 40));
    check_rows(rows.view(), &all);
    assert!(report.workers().iter().all(|worker| worker.items() == 0), "{report}");

    let (mapped, rows) = risk(&going_on(setting, OnDeath::Retry(1)), 40, &all, Way::Exit(0), u64::MAX);
    let error = mapped.unwrap_err();
    assert_eq!((error.index(), error.done(), error.deaths().len()), (Some(0), 0, 80));
    check_rows(rows.view(), &all);
}

#[pasha::kernel]
fn number(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] lives: &Counters,
    #[param] most: u64,
    #[out] other: &mut i64,
) -> i64 {
    *other = 5;
    if index % 10 == 3 && lives.count(index) < most {
        exit(0);
    }
    index as i64 + 1
}

fn a_collection_is_retried(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(1));
    let mut others = ctx.alloc::<i64>().shape(30).fill(-1).build().unwrap();
    let mut collect = |most| {
        let lives = Counters::new(30);
        ctx.collect(number { lives: &lives, most, other: &mut others }, 0..30_usize)
    };
    assert_eq!(collect(1).unwrap().to_vec(), (1..=30).collect::<Vec<_>>());
    let error = collect(u64::MAX).unwrap_err();
    assert_eq!((error.kind(), error.index(), error.done()), (ErrorKind::Died, Some(3), 27));
    let expected = |index: usize| if index % 10 == 3 { -1 } else { 5 };
    assert_eq!(others.to_vec(), (0..30).map(expected).collect::<Vec<_>>());
}

fn a_collection_that_could_not_say_what_it_skipped_is_refused(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Skip);
    let mut others = ctx.alloc::<i64>().shape(30).fill(-1).build().unwrap();
    let lives = Counters::new(30);
    let error = ctx.collect(number { lives: &lives, most: 1, other: &mut others }, 0..30_usize).unwrap_err();
    assert_eq!((error.kind(), others.sum(), lives.total()), (ErrorKind::Argument, -30, 0), "{error}");
    assert!(error.to_string().contains("`collect`"), "{error}");
}

/// Gives indices, and ends whoever asks for index 11 or 12.
struct Mined;

impl Items<'_> for Mined {
    type Item = usize;
}

impl Functor for Mined {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(40)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        if [11, 12].contains(&index) {
            abort();
        }
        Ok(index)
    }
}

#[pasha::kernel]
fn keep(_worker_id: usize, _index: usize, item: usize, #[out] kept: &mut usize) {
    *kept = item + 1;
}

fn a_deadly_item_of_a_functor_is_skipped_or_given_up_on(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Skip);
    let mut kept = ctx.alloc::<usize>().shape(40).build().unwrap();
    let report = ctx.map(keep { kept: &mut kept }, Mined).unwrap();
    assert_eq!(report.skipped(), [11, 12]);
    let expected = |index: usize| if [11, 12].contains(&index) { 0 } else { index + 1 };
    assert_eq!(kept.to_vec(), (0..40).map(expected).collect::<Vec<_>>());
    let error = going_on(setting, OnDeath::Retry(2)).map(keep { kept: &mut kept }, Mined).unwrap_err();
    assert_eq!((error.index(), error.done(), error.deaths().len()), (Some(11), 38, 6));
}

fn a_lost_worker_is_replaced_by_one_that_knows_nothing(setting: &Setting) {
    #[pasha::kernel]
    fn remember(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[scratch] seen: &mut Vec<usize>,
        #[param] list: &Mutex<Vec<usize>>,
        #[param] lives: &Counters,
        #[out] known: &mut u8,
    ) {
        seen.push(index);
        list.lock().unwrap().push(index);
        if index == 13 && lives.count(0) == 0 {
            abort();
        }
        *known = u8::from(*seen == *list.lock().unwrap());
    }

    let ctx = going_on(setting, OnDeath::Retry(1));
    let (list, lives) = (Mutex::new(Vec::new()), Counters::new(1));
    let mut known = ctx.alloc::<u8>().shape(30).build().unwrap();
    let kernel = remember { seen: Vec::new, list: &list, lives: &lives, known: &mut known };
    assert_eq!(ctx.map(kernel, 0..30_usize).unwrap().retried(), [13]);
    assert_eq!(known.to_vec(), [1; 30], "scratch, and what was captured, are as the map began with them");
}

fn what_a_per_worker_array_held_before_the_map_stays_in_it(setting: &Setting) {
    for on_death in [OnDeath::Retry(9), OnDeath::Skip] {
        let ctx = going_on(setting, on_death);
        let mut tallies = Tallies::new(&ctx, ITEMS);
        tallies.map(&ctx).unwrap();
        let mut skipped = Vec::new();
        for nth in [5, 30, 50] {
            let _kills = Kills::at(nth);
            skipped.extend_from_slice(tallies.map(&ctx).unwrap().skipped());
        }
        assert_eq!(tallies.own.column(0).sum(), (4 * ITEMS - skipped.len()) as u64);
        assert_eq!(tallies.own.column(1).sum(), (4 * ITEMS * (ITEMS - 1) / 2 - skipped.iter().sum::<usize>()) as u64);
    }
}

fn a_fill_of_a_per_worker_array_counts_once(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(9));
    for nth in 0..16 {
        let order = if nth % 2 == 0 { Order::C } else { Order::F };
        let _kills = Kills::at(4 * nth);
        let mut tallies = Tallies::new(&ctx, ITEMS);
        // In Fortran order the workers come last.
        let own = ctx.alloc().shape(3).per_worker().order(order);
        tallies.own = own.fill_from(&array![1000, 2000, 0]).build().unwrap();
        tallies.map(&ctx).unwrap();
        let of = |column| match order {
            Order::C => tallies.own.column(column).sum(),
            _ => tallies.own.row(column).sum(),
        };
        assert_eq!(of(0), (1000 * ctx.workers() + ITEMS) as u64);
        assert_eq!(of(1), (2000 * ctx.workers() + ITEMS * (ITEMS - 1) / 2) as u64);
    }
}

fn a_reduction_keeps_what_it_held_when_an_item_is_given_up_on(setting: &Setting) {
    #[pasha::kernel]
    fn add(_worker_id: usize, index: usize, _item: usize, #[reduce(sum)] sum: &mut [u64], #[per_worker] own: &mut u64) {
        sum[index % 4] += 1;
        *own += 1;
        if index == 17 {
            abort();
        }
    }

    let ctx = going_on(setting, OnDeath::Retry(1));
    let mut sum = ctx.alloc::<u64>().shape(4).fill(11).build().unwrap();
    let mut own = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let error = ctx.map(add { sum: &mut sum, own: &mut own }, 0..40_usize).unwrap_err();
    assert_eq!((error.kind(), error.done(), sum.to_vec()), (ErrorKind::Died, 39, vec![11; 4]));
    assert_eq!(own.sum(), 39, "everything else counts once");

    let ctx = going_on(setting, OnDeath::Skip);
    ctx.map(add { sum: &mut sum, own: &mut own }, 0..40_usize).unwrap();
    assert_eq!((sum.to_vec(), own.sum()), (vec![10, 9, 10, 10], 78));
}

fn static_sums_are_the_same_to_the_bit_after_retries(setting: &Setting) {
    #[pasha::kernel]
    fn add(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[reduce(sum)] sum: &mut f64,
        #[reduce(sum)] parts: &mut [f32],
    ) {
        // Numbers of very different size: the order in which they are added shows.
        let value = (scatter(index as u64) % 1_000_003) as f64 / 7.0 * 10_f64.powi((index % 17) as i32 - 8);
        *sum += value;
        moment();
        parts[index % 2] += value as f32;
    }

    let items = 400_usize;
    let run = |ctx: &Context| {
        let mut sum = ctx.alloc::<f64>().shape(()).build().unwrap();
        let mut parts = ctx.alloc::<f32>().shape(2).build().unwrap();
        let report = ctx.map(add { sum: &mut sum, parts: &mut parts }, 0..items).unwrap();
        let bits: Vec<u32> = parts.iter().map(|part| part.to_bits()).collect();
        (sum[()].to_bits(), bits, report.deaths().len() as u64)
    };
    let ctx = setting.processes().schedule(Schedule::Static);
    let ctx = ctx.on_death(OnDeath::Retry(100)).build().unwrap();
    let threads = Context::threads().workers(ctx.workers()).schedule(Schedule::Static).build().unwrap();
    let (sum, parts, _) = run(&threads);
    drop(threads);
    let mut deaths = 0;
    for seed in 0..15 {
        let kills = Kills::now_and_then(seed, 400, 4);
        let (again, again_parts, died) = run(&ctx);
        assert_eq!((again, &again_parts), (sum, &parts), "after {died} deaths");
        assert_eq!(died, kills.done());
        deaths += died;
    }
    assert!(deaths > 15, "only {deaths} workers died");
}

#[pasha::kernel]
fn use_scratch<S>(_worker_id: usize, _index: usize, _item: usize, #[scratch] _scratch: &mut S, #[out] done: &mut u8) {
    *done = 1;
}

fn a_worker_that_cannot_begin_is_given_up_on_after_a_few_deaths(setting: &Setting) {
    for on_death in [OnDeath::Retry(2), OnDeath::Skip] {
        let ctx = going_on(setting, on_death);
        let mut done = ctx.alloc::<u8>().shape(50).build().unwrap();
        let error = ctx.map(use_scratch { _scratch: || exit(0), done: &mut done }, 0..50_usize).unwrap_err();
        assert_eq!((error.kind(), error.index(), error.done()), (ErrorKind::Died, None, 0), "{error}");
        let deaths = error.deaths().len();
        assert!((2..=4 * ctx.workers()).contains(&deaths), "{deaths} deaths");
        assert_eq!(done.sum(), 0);
    }
}

fn a_death_after_the_last_item_is_no_error_but_reported(setting: &Setting) {
    struct Trap;

    impl Drop for Trap {
        fn drop(&mut self) {
            exit(0);
        }
    }

    let ctx = going_on(setting, OnDeath::Retry(0));
    let mut done = ctx.alloc::<u8>().shape(50).build().unwrap();
    let report = ctx.map(use_scratch { _scratch: || Trap, done: &mut done }, 0..50_usize).unwrap();
    assert_eq!(done.to_vec(), [1; 50]);
    assert!((1..=ctx.workers()).contains(&report.deaths().len()), "{report}");
    assert!(report.deaths().iter().all(|death| death.index().is_none() && death.cause() == CauseOfDeath::Exit(0)));
}

fn deaths_between_items_are_no_error_as_long_as_work_goes_on(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(0));
    for point in [Point::Claim, Point::Claimed, Point::Noted, Point::Left] {
        for most in 1..4 {
            let kills = Kills::first(&[point], most);
            let mut outputs = Outputs::new(&ctx, 60);
            let report = outputs.map(&ctx).unwrap_or_else(|error| panic!("{point:?} {most}: {error}"));
            outputs.check(&[]);
            assert_eq!((report.deaths().len() as u64, kills.done()), (most, most), "{report}");
        }
    }
}

fn work_lost_on_its_way_is_done_in_the_end(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(0));
    for points in [&[Point::Claimed][..], &[Point::Stolen], &[Point::Stolen, Point::Claimed]] {
        for nth in 0..9 {
            let kills = Kills::first(points, nth % 3 + 1);
            let mut outputs = Outputs::new(&ctx, 50);
            let report = outputs.map(&ctx).unwrap_or_else(|error| panic!("{points:?}: {error}"));
            outputs.check(&[]);
            assert_eq!(report.deaths().len() as u64, kills.done(), "{report}");
        }
    }
}

fn work_lost_on_its_way_twice_is_done_in_the_end(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(5));
    // Claimed by a worker that dies, found in the end, claimed again by one that dies.
    for items in [1, 2, 7] {
        for most in 1..4 {
            let kills = Kills::first(&[Point::Claimed], most);
            let mut kept = ctx.alloc::<usize>().shape(items).build().unwrap();
            let mapped = ctx.map(keep { kept: &mut kept }, 0..items);
            let report = mapped.unwrap_or_else(|error| panic!("{items} items, {most} deaths: {error}"));
            assert_eq!((report.deaths().len() as u64, kills.done()), (most, most), "{report}");
            assert_eq!(kept.to_vec(), (1..=items).collect::<Vec<_>>());
        }
    }
}

fn accumulators_lost_in_the_end_are_gathered_again(setting: &Setting) {
    /// Item 0 is deadly twice: to the helper that found it in the end, and to who does all that this one did again.
    #[pasha::kernel]
    fn count(_worker_id: usize, index: usize, _item: usize, #[param] lives: &Counters, #[reduce(sum)] sum: &mut u64) {
        *sum += 1;
        let round = if index == 0 { lives.count(0) } else { 0 };
        if index == 0 && round == 0 || index == 5 && lives.get(0) > 0 && lives.count(1) == 0 {
            abort();
        }
    }

    let ctx = going_on(setting, OnDeath::Retry(5));
    let (kills, lives) = (Kills::first(&[Point::Claimed], 1), Counters::new(2));
    let mut sum = ctx.alloc::<u64>().shape(()).build().unwrap();
    let report = ctx.map(count { lives: &lives, sum: &mut sum }, 0..60_usize).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((sum[()], report.skipped()), (60, &[][..]), "{report}");
    assert_eq!(kills.done(), 1);
}

#[pasha::kernel]
fn mixed(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] failing: usize,
    #[param] deadly: usize,
    #[out] row: &mut [u64],
) -> Result<(), String> {
    row[0] = index as u64 + 100;
    if index == failing {
        return Err("on purpose".to_owned());
    }
    if index == deadly {
        abort();
    }
    row[1..].fill(index as u64 + 100);
    Ok(())
}

fn of_a_failure_and_an_item_given_up_on_the_lower_is_the_error(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Retry(1));
    for (failing, deadly) in [(10, 5), (5, 10), (0, 39), (39, 0), (20, 19), (19, 20)] {
        for _ in 0..5 {
            let mut rows = ctx.alloc::<u64>().shape((40, 3)).fill(7).build().unwrap();
            let error = ctx.map(mixed { failing, deadly, row: &mut rows }, 0..40_usize).unwrap_err();
            let (kind, index) = if failing < deadly { (ErrorKind::Kernel, failing) } else { (ErrorKind::Died, deadly) };
            assert_eq!((error.kind(), error.index()), (kind, Some(index)), "{error}");
            for below in 0..index {
                assert_eq!(rows.row(below).to_vec(), [below as u64 + 100; 3], "everything below it is done");
            }
        }
    }
}

fn a_failure_before_a_death_is_the_error_if_it_is_lower(setting: &Setting) {
    #[pasha::kernel]
    fn fail_then_die(_worker_id: usize, index: usize, _item: usize, #[param] told: &Counters) -> Result<(), String> {
        match index {
            0 => {
                // The other holds its item already.
                told.wait_for(0, 1);
                told[1].store(std::process::id().into(), SeqCst);
                Err("on purpose".to_owned())
            }
            1 => {
                told.count(0);
                told.wait_for(1, 1);
                // Until the host has heard of the failure: then the other process is gone.
                let other = Pid::from_raw(told.get(1) as i32);
                while kill(other, None).is_ok() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                abort()
            }
            _ => Ok(()),
        }
    }

    let told = Counters::new(2);
    let ctx = setting.processes().workers(2).build().unwrap();
    let error = ctx.map(fail_then_die { told: &told }, 0..2_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(0)), "{error}");
}

fn an_item_that_a_failure_keeps_from_being_retried_is_torn(setting: &Setting) {
    #[pasha::kernel]
    fn tear(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] told: &Counters,
        #[out] row: &mut [u64],
    ) -> Result<(), String> {
        row[0] = index as u64 + 100;
        match index {
            0 => {
                told.wait_for(0, 1);
                return Err("on purpose".to_owned());
            }
            1 => {
                told.count(0);
                // Until the failure is noted: whoever takes over must not begin with it.
                std::thread::sleep(Duration::from_millis(30));
                abort();
            }
            _ => row[1..].fill(index as u64 + 100),
        }
        Ok(())
    }

    for on_death in [OnDeath::Retry(3), OnDeath::Retry(0), OnDeath::Skip] {
        let ctx = setting.processes().workers(2).on_death(on_death).build().unwrap();
        let told = Counters::new(1);
        let mut rows = ctx.alloc::<u64>().shape((2, 3)).fill(7).build().unwrap();
        let error = ctx.map(tear { told: &told, row: &mut rows }, 0..2_usize).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(0)), "{error}");
        assert_eq!(error.deaths().len(), 1);
        let half = rows.row(1).to_vec() == [101, 7, 7];
        assert!(
            !half || error.torn().iter().any(|torn| torn.contains(&1)),
            "{on_death:?}: index 1 is half written, and torn are {:?}",
            error.torn()
        );
        assert_eq!(half, on_death == OnDeath::Retry(3), "who is given up on is at the fill");
    }
}

fn workers_that_die_at_once_are_all_in_the_account(setting: &Setting) {
    /// The workers meet within the rows 0 and 1; one ends the other and itself.
    #[pasha::kernel]
    fn fall(_worker_id: usize, index: usize, _item: usize, #[param] pids: &Counters, #[out] row: &mut [u64]) {
        row[0] = index as u64 + 100;
        if index < 2 {
            pids[index].store(u64::from(std::process::id()), SeqCst);
            pids.wait_for(1 - index, 1);
            if index == 1 {
                kill(Pid::from_raw(pids.get(0) as i32), Signal::SIGKILL).unwrap();
                raise(Signal::SIGKILL).unwrap();
            }
            std::thread::sleep(Duration::from_secs(3600));
        }
        row[1..].fill(index as u64 + 100);
    }

    let builder = || setting.processes().workers(2);
    for _ in 0..20 {
        let ctx = builder().build().unwrap();
        let pids = Counters::new(2);
        let mut rows = ctx.alloc::<u64>().shape((2, 3)).fill(7).build().unwrap();
        let error = ctx.map(fall { pids: &pids, row: &mut rows }, 0..2_usize).unwrap_err();
        assert_eq!((error.kind(), error.done(), each(error.undone())), (ErrorKind::Died, 0, vec![0, 1]), "{error}");
        assert_eq!(each(error.torn()), [0, 1], "{error}");

        let ctx = builder().on_death(OnDeath::Skip).build().unwrap();
        let pids = Counters::new(2);
        let report = ctx.map(fall { pids: &pids, row: &mut rows }, 0..2_usize).unwrap();
        assert_eq!((report.skipped(), report.deaths().len()), (&[0, 1][..], 2));
        check_rows(rows.view(), &[0, 1]);
    }
}

fn what_is_lost_with_an_accumulator_when_the_map_fails_is_torn(setting: &Setting) {
    /// The worker of the items from 1 on does some and dies at item 5, when item 0 has failed: they are not done again.
    #[pasha::kernel]
    fn add(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] told: &Counters,
        #[out] done: &mut u8,
        #[reduce(sum)] sum: &mut u64,
    ) -> Result<(), String> {
        *done = 1;
        *sum += 1;
        match index {
            0 => {
                told.wait_for(0, 1);
                Err("on purpose".to_owned())
            }
            5 => {
                told.count(0);
                std::thread::sleep(Duration::from_millis(30));
                abort();
            }
            _ => Ok(()),
        }
    }

    let ctx = going_on(setting, OnDeath::Retry(3));
    let told = Counters::new(1);
    let mut done = ctx.alloc::<u8>().shape(8).build().unwrap();
    let mut sum = ctx.alloc::<u64>().shape(()).fill(11).build().unwrap();
    let error = ctx.map(add { told: &told, done: &mut done, sum: &mut sum }, 0..8_usize).unwrap_err();
    assert_eq!((error.kind(), error.index(), sum[()]), (ErrorKind::Kernel, Some(0), 11), "{error}");
    let (undone, torn) = (each(error.undone()), each(error.torn()));
    assert!(torn.contains(&5), "{torn:?}");
    for index in 1..8 {
        let expected = if undone.contains(&index) { 0 } else { 1 };
        assert!(
            torn.contains(&index) || done[index] == expected,
            "index {index} is neither done nor untouched nor torn"
        );
    }
}

fn a_failure_besides_skipped_items_leaves_them_at_the_fill(setting: &Setting) {
    let ctx = going_on(setting, OnDeath::Skip);
    let mut rows = ctx.alloc::<u64>().shape((40, 3)).fill(7).build().unwrap();
    let error = ctx.map(mixed { failing: 30, deadly: 4, row: &mut rows }, 0..40_usize).unwrap_err();
    assert_eq!((error.kind(), error.index(), error.deaths().len()), (ErrorKind::Kernel, Some(30), 1), "{error}");
    for index in 0..30 {
        let expected = if index == 4 { 7 } else { index as u64 + 100 };
        assert_eq!(rows.row(index).to_vec(), [expected; 3], "index {index}");
    }
}

fn with_the_status_hidden_deaths_are_recovered_from(setting: &Setting) {
    let _until_the_end = ignore(Signal::SIGCHLD);
    let ctx = going_on(setting, OnDeath::Retry(1));
    let (report, rows) = risk(&ctx, 50, &[31], Way::Abort, 1);
    let report = report.unwrap();
    check_rows(rows.view(), &[]);
    assert_eq!(report.retried(), [31]);
    assert_eq!(report.deaths()[0].cause(), CauseOfDeath::Unknown);
    let (report, rows) = risk(&going_on(setting, OnDeath::Skip), 50, &[0, 31], Way::Exit(0), u64::MAX);
    assert_eq!(report.unwrap().skipped(), [0, 31]);
    check_rows(rows.view(), &[0, 31]);
}

struct Endless;

impl Items<'_> for Endless {
    type Item = usize;
}

impl Functor for Endless {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(1 << 33)
    }

    fn state(&self) -> pasha::Result<()> {
        abort()
    }

    fn item<'a>(&'a self, (): &'a mut (), _index: usize) -> pasha::Result<Item<'a, Self>> {
        abort()
    }
}

fn too_many_items_to_tell_apart_are_refused(setting: &Setting) {
    #[pasha::kernel]
    fn nothing(_worker_id: usize, _index: usize, _item: usize) {}

    for on_death in [OnDeath::Retry(1), OnDeath::Skip] {
        let error = going_on(setting, on_death).map(nothing {}, Endless).unwrap_err();
        assert_eq!((error.kind(), error.deaths().len()), (ErrorKind::Argument, 0), "{error}");
        assert!(error.to_string().contains("on_death"), "{error}");
    }
}

fn a_nested_map_on_a_context_that_goes_on_is_serial(setting: &Setting) {
    #[pasha::kernel]
    fn inner(
        _worker_id: usize,
        index: usize,
        &outer: &usize,
        #[param] lives: &Counters,
        #[reduce(sum)] sum: &mut usize,
    ) {
        if (outer, index) == (7, 3) && lives.count(0) == 0 {
            abort();
        }
        *sum += outer;
    }

    #[pasha::kernel]
    fn outer(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] ctx: &Context,
        #[param] lives: &Counters,
        #[out] sum: &mut usize,
    ) -> pasha::Result<()> {
        let mut inner_sum = ctx.alloc::<usize>().shape(()).build()?;
        ctx.map(inner { lives, sum: &mut inner_sum }, vec![index; 5].as_slice())?;
        *sum = inner_sum[()];
        Ok(())
    }

    let ctx = going_on(setting, OnDeath::Retry(1));
    let lives = Counters::new(1);
    let mut sums = ctx.alloc::<usize>().shape(20).build().unwrap();
    let report = ctx.map(outer { ctx: &ctx, lives: &lives, sum: &mut sums }, 0..20_usize).unwrap();
    assert_eq!(report.retried(), [7]);
    assert_eq!(sums.to_vec(), (0..20).map(|index| 5 * index).collect::<Vec<_>>());
}

fn a_report_names_deaths_and_items(setting: &Setting) {
    let (report, _) = risk(&going_on(setting, OnDeath::Skip), 50, &[31, 4], Way::Abort, u64::MAX);
    let report = report.unwrap();
    let text = report.to_string();
    let pid = report.deaths()[0].pid().to_string();
    for part in ["50 items", "2 skipped: 4, 31", "died at index 31: SIGABRT", "died at index 4: SIGABRT", &pid] {
        assert!(text.contains(part), "{text:?} says nothing of {part:?}");
    }
    let mut shares: Vec<usize> = report.workers().iter().flat_map(|worker| worker.shares()).flatten().collect();
    shares.sort_unstable();
    if report.workers().iter().all(|worker| worker.number_of_shares() <= 4) {
        assert_eq!(shares, (0..50).filter(|index| ![4, 31].contains(index)).collect::<Vec<_>>(), "{text}");
    }
    let (report, _) = risk(&going_on(setting, OnDeath::Retry(1)), 50, &[31], Way::Abort, 1);
    assert!(report.unwrap().to_string().contains("1 retried: 31"));
}

fn the_context_is_usable_after_every_recovery(setting: &Setting) {
    for on_death in [OnDeath::Retry(1), OnDeath::Skip, OnDeath::Fail] {
        let ctx = going_on(setting, on_death);
        for way in WAYS {
            let _ = risk(&ctx, 30, &[3, 20], way, u64::MAX).0;
            let (report, rows) = risk(&ctx, 30, &[], way, 0);
            let report = report.unwrap();
            assert_eq!((report.deaths().len(), report.skipped().len(), report.retried().len()), (0, 0, 0));
            check_rows(rows.view(), &[]);
        }
    }
}
