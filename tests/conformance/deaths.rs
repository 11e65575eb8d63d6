//! Worker processes that die: an error that names worker, pid, index and cause, soon, and nothing left behind.

use std::hint::black_box;
use std::ops::Range;
use std::process::{abort, exit};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ndarray::Array2;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use pasha::functor::{Item, Items};
use pasha::prelude::*;
use pasha::{Error, ErrorKind};

use crate::support::kills::Haste;
use crate::support::{Counters, cases, ignore, touch_forbidden_memory};

cases![
    a_killed_worker_is_an_error,
    a_segmentation_fault_is_an_error_with_the_address,
    a_sent_segmentation_fault_is_an_error,
    an_abort_is_an_error,
    an_exit_with_status_0_is_an_error,
    an_exit_with_status_3_is_an_error,
    a_stack_overflow_is_an_error,
    a_worker_that_asks_to_be_terminated_is_an_error,
    what_the_host_does_with_signals_is_not_for_its_workers,
    the_index_is_right_whatever_the_items_cost,
    a_death_among_very_cheap_items_names_the_few_it_was_at,
    an_error_among_very_cheap_items_names_its_index,
    the_first_and_the_last_item_may_be_deadly,
    the_other_workers_are_ended_at_once,
    all_workers_may_die,
    a_death_while_the_scratch_is_made_names_the_first_index_or_none,
    a_death_while_the_scratch_is_dropped_is_an_error,
    a_death_in_the_functor_names_the_index,
    a_death_in_a_nested_map_names_the_index_of_the_outer_one,
    items_are_whole_or_untouched_but_for_the_deadly_one,
    reductions_keep_what_they_held,
    the_context_and_its_arrays_are_usable_after_every_death,
    with_the_status_hidden_a_map_is_right_and_a_death_is_an_error,
    with_all_signals_blocked_a_map_is_right_and_a_death_is_an_error,
    a_hundred_deaths_leave_nothing_behind,
];

/// The cases that are for processes alone.
pub fn suite() -> &'static [crate::support::Case] {
    CASES
}

/// Far more than it takes, far less than waiting for the sleepers.
const SOON: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    Signal(Signal),
    Fault,
    Abort,
    Exit(i32),
    Overflow,
}

impl Death {
    fn die(self) {
        match self {
            Death::Signal(signal) => raise(signal).unwrap(),
            Death::Fault => touch_forbidden_memory(),
            Death::Abort => abort(),
            Death::Exit(code) => exit(code),
            Death::Overflow => assert_eq!(dig(1), 0),
        }
    }
}

#[allow(unconditional_recursion)]
fn dig(depth: u64) -> u64 {
    let ground = black_box([depth; 64]);
    dig(ground[0] + 1) + ground[63]
}

#[pasha::kernel]
fn work(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] deadly: usize,
    #[param] death: Death,
    #[param] pause: Duration,
    #[out] row: &mut [usize],
) {
    row[0] = index + 1;
    if index == deadly {
        death.die();
    }
    if !pause.is_zero() {
        sleep(pause);
    }
    row[1..].fill(index + 1);
}

/// The error of a map whose item `deadly` dies, and what the rows hold after it.
fn died(ctx: &Context, items: usize, deadly: usize, death: Death, pause: Duration) -> (Error, Array2<usize>) {
    let mut rows = ctx.alloc::<usize>().shape((items, 3)).build().unwrap();
    let begun = Instant::now();
    let error = ctx.map(work { deadly, death, pause, row: &mut rows }, 0..items).unwrap_err();
    assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    check_nobody_is_left(&error);
    (error, rows.into_owned())
}

fn check_nobody_is_left(error: &Error) {
    assert_eq!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Err(Errno::ECHILD), "a worker is left");
    let pid = Pid::from_raw(error.pid().unwrap().cast_signed());
    assert_eq!(kill(pid, None), Err(Errno::ESRCH), "the dead worker is left");
}

fn check_death(ctx: &Context, death: Death, cause: &str) {
    let (error, _) = died(ctx, 60, 37, death, Duration::ZERO);
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(37)), "{error}");
    let (worker, pid) = (error.worker().unwrap(), error.pid().unwrap());
    assert!(worker < ctx.workers() && pid != std::process::id());
    let text = error.to_string();
    for part in [&format!("worker {worker}"), &format!("pid {pid}"), "at index 37", cause, "of 60 items"] {
        assert!(text.contains(part), "{text:?} says nothing of {part:?}");
    }
}

fn a_killed_worker_is_an_error(ctx: &Context) {
    check_death(ctx, Death::Signal(Signal::SIGKILL), "SIGKILL");
}

fn a_segmentation_fault_is_an_error_with_the_address(ctx: &Context) {
    check_death(ctx, Death::Fault, "SIGSEGV");
    let (error, _) = died(ctx, 60, 37, Death::Fault, Duration::ZERO);
    assert!(error.to_string().contains("at address 0x"), "{error}");
}

fn a_sent_segmentation_fault_is_an_error(ctx: &Context) {
    check_death(ctx, Death::Signal(Signal::SIGSEGV), "SIGSEGV");
    check_death(ctx, Death::Signal(Signal::SIGBUS), "SIGBUS");
    check_death(ctx, Death::Signal(Signal::SIGILL), "SIGILL");
    check_death(ctx, Death::Signal(Signal::SIGFPE), "SIGFPE");
}

fn an_abort_is_an_error(ctx: &Context) {
    check_death(ctx, Death::Abort, "SIGABRT");
}

fn an_exit_with_status_0_is_an_error(ctx: &Context) {
    check_death(ctx, Death::Exit(0), "status 0");
}

fn an_exit_with_status_3_is_an_error(ctx: &Context) {
    check_death(ctx, Death::Exit(3), "status 3");
}

fn a_stack_overflow_is_an_error(ctx: &Context) {
    check_death(ctx, Death::Overflow, "SIG");
}

fn a_worker_that_asks_to_be_terminated_is_an_error(ctx: &Context) {
    check_death(ctx, Death::Signal(Signal::SIGTERM), "SIGTERM");
    check_death(ctx, Death::Signal(Signal::SIGINT), "SIGINT");
    check_death(ctx, Death::Signal(Signal::SIGUSR1), "SIGUSR1");
}

fn what_the_host_does_with_signals_is_not_for_its_workers(ctx: &Context) {
    for (signal, name) in [(Signal::SIGTERM, "SIGTERM"), (Signal::SIGINT, "SIGINT")] {
        let _until_the_end = ignore(signal);
        check_death(ctx, Death::Signal(signal), name);
    }
}

fn the_index_is_right_whatever_the_items_cost(ctx: &Context) {
    for (items, pause) in [(8_000, Duration::ZERO), (40, Duration::from_millis(1))] {
        for deadly in [1, items / 3, items - 2] {
            let (error, _) = died(ctx, items, deadly, Death::Signal(Signal::SIGKILL), pause);
            assert_eq!(error.index(), Some(deadly), "{error}");
        }
    }
}

fn a_death_among_very_cheap_items_names_the_few_it_was_at(ctx: &Context) {
    const ITEMS: usize = 100_000;
    let _haste = Haste::begin();
    let mut several = 0;
    for deadly in [20_000, 77_777, ITEMS - 2] {
        let (error, rows) = died(ctx, ITEMS, deadly, Death::Abort, Duration::ZERO);
        let [death] = error.deaths() else { panic!("one has died: {error}") };
        let suspects = death.indices();
        assert!(error.kind() == ErrorKind::Died && suspects.contains(&deadly) && suspects.len() <= 256, "{error}");
        assert!(error.torn().iter().any(|torn| torn.start <= suspects.start && suspects.end <= torn.end), "{error}");
        if suspects.len() > 1 {
            several += 1;
            assert_eq!((error.index(), death.index()), (None, None));
            let named = format!("at one of the indices {} to {}: SIGABRT", suspects.start, suspects.end - 1);
            assert!(error.to_string().contains(&named), "{error}");
        }
        for (index, row) in rows.rows().into_iter().enumerate() {
            let among = |runs: &[Range<usize>]| runs.iter().any(|run| run.contains(&index));
            match row.to_vec()[..] {
                _ if !among(error.undone()) => assert!(row.iter().all(|value| *value == index + 1), "{index}: {error}"),
                [0, 0, 0] => {}
                _ => assert!(among(error.torn()), "{index}: {error}"),
            }
        }
    }
    assert!(several > 0, "items were noted one by one");
}

fn an_error_among_very_cheap_items_names_its_index(ctx: &Context) {
    #[pasha::kernel]
    fn fail(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] bad: usize,
        #[out] out: &mut usize,
    ) -> Result<(), String> {
        *out = index + 1;
        if index == bad { Err("it is bad".to_owned()) } else { Ok(()) }
    }

    let _haste = Haste::begin();
    let mut outs = ctx.alloc::<usize>().shape(100_000).build().unwrap();
    for bad in [30_000, 99_998] {
        let error = ctx.map(fail { bad, out: &mut outs }, 0..100_000_usize).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(bad)), "{error}");
        assert!(outs.iter().take(bad).enumerate().all(|(index, out)| *out == index + 1), "those below are done");
    }
}

fn the_first_and_the_last_item_may_be_deadly(ctx: &Context) {
    for (items, deadly) in [(1, 0), (2, 0), (2, 1), (100, 0), (100, 99)] {
        let (error, _) = died(ctx, items, deadly, Death::Exit(0), Duration::ZERO);
        assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(deadly)), "{error}");
    }
}

fn the_other_workers_are_ended_at_once(ctx: &Context) {
    let (error, rows) = died(ctx, ctx.workers(), 0, Death::Signal(Signal::SIGKILL), Duration::from_secs(3600));
    assert_eq!(error.index(), Some(0));
    assert!(rows.column(2).iter().all(|value| *value == 0), "nobody woke up");
}

fn all_workers_may_die(ctx: &Context) {
    #[pasha::kernel]
    fn die(_worker_id: usize, _index: usize, _item: usize) {
        raise(Signal::SIGKILL).unwrap();
    }

    let error = ctx.map(die {}, 0..50_usize).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Died);
    let first_of_a_share = (0..ctx.workers()).map(|worker| worker * 50 / ctx.workers());
    assert!(first_of_a_share.into_iter().any(|index| error.index() == Some(index)), "{error}");
    check_nobody_is_left(&error);
}

#[pasha::kernel]
fn use_scratch<S>(_worker_id: usize, _index: usize, _item: usize, #[scratch] _scratch: &mut S) {}

fn a_death_while_the_scratch_is_made_names_the_first_index_or_none(ctx: &Context) {
    let error = ctx.map(use_scratch { _scratch: || exit(0) }, 0..50_usize).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Died);
    let first_of_a_share = (0..ctx.workers()).map(|worker| worker * 50 / ctx.workers());
    assert!(error.index().is_none_or(|index| first_of_a_share.into_iter().any(|first| first == index)), "{error}");
    check_nobody_is_left(&error);
}

fn a_death_while_the_scratch_is_dropped_is_an_error(ctx: &Context) {
    struct Trap;

    impl Drop for Trap {
        fn drop(&mut self) {
            exit(0);
        }
    }

    let error = ctx.map(use_scratch { _scratch: || Trap }, 0..50_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, None), "{error}");
    check_nobody_is_left(&error);
}

struct Deadly(usize);

impl Items<'_> for Deadly {
    type Item = usize;
}

impl Functor for Deadly {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(90)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        if index == self.0 {
            touch_forbidden_memory();
        }
        Ok(index)
    }
}

fn a_death_in_the_functor_names_the_index(ctx: &Context) {
    for deadly in [0, 44, 89] {
        let error = ctx.map(use_scratch { _scratch: || () }, Deadly(deadly)).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(deadly)), "{error}");
        check_nobody_is_left(&error);
    }
}

fn a_death_in_a_nested_map_names_the_index_of_the_outer_one(ctx: &Context) {
    #[pasha::kernel]
    fn outer(_worker_id: usize, index: usize, _item: usize, #[param] ctx: &Context) -> pasha::Result<()> {
        let deadly = if index == 23 { 5 } else { usize::MAX };
        let mut rows = ctx.alloc::<usize>().shape((10, 3)).build()?;
        let kernel = work { deadly, death: Death::Abort, pause: Duration::ZERO, row: &mut rows };
        ctx.map(kernel, 0..10_usize).map(drop)
    }

    let error = ctx.map(outer { ctx }, 0..40_usize).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(23)), "{error}");
    check_nobody_is_left(&error);
}

fn items_are_whole_or_untouched_but_for_the_deadly_one(ctx: &Context) {
    let (error, rows) = died(ctx, 3000, 1700, Death::Signal(Signal::SIGKILL), Duration::ZERO);
    let torn: Vec<usize> = (0..3000)
        .filter(|index| ![[0; 3], [index + 1; 3]].contains(&[rows[[*index, 0]], rows[[*index, 1]], rows[[*index, 2]]]))
        .collect();
    assert!(torn.contains(&1700) && torn.len() <= ctx.workers(), "{error}: {torn:?}");
    assert_eq!(rows.row(1700).to_vec(), [1701, 0, 0]);
}

fn reductions_keep_what_they_held(ctx: &Context) {
    #[pasha::kernel]
    fn add(_worker_id: usize, index: usize, _item: usize, #[reduce(sum)] sum: &mut [u64]) {
        sum[index % 4] += 1;
        if index == 70 {
            raise(Signal::SIGKILL).unwrap();
        }
    }

    let mut sum = ctx.alloc::<u64>().shape(4).fill(11).build().unwrap();
    assert_eq!(ctx.map(add { sum: &mut sum }, 0..100_usize).unwrap_err().kind(), ErrorKind::Died);
    assert_eq!(sum.to_vec(), [11; 4]);
}

fn check_usable(ctx: &Context) {
    let mut rows = ctx.alloc::<usize>().shape((50, 3)).build().unwrap();
    let kernel = work { deadly: usize::MAX, death: Death::Abort, pause: Duration::ZERO, row: &mut rows };
    assert_eq!(ctx.map(kernel, 0..50_usize).unwrap().items(), 50);
    assert_eq!(rows, Array2::from_shape_fn((50, 3), |(row, _)| row + 1));
}

fn the_context_and_its_arrays_are_usable_after_every_death(ctx: &Context) {
    let mut rows = ctx.alloc::<usize>().shape((50, 3)).build().unwrap();
    for death in [Death::Signal(Signal::SIGKILL), Death::Fault, Death::Abort, Death::Exit(0), Death::Exit(3)] {
        let kernel = work { deadly: 20, death, pause: Duration::ZERO, row: &mut rows };
        assert_eq!(ctx.map(kernel, 0..50_usize).unwrap_err().index(), Some(20));
        rows.view_mut().fill(0);
        let kernel = work { deadly: 50, death, pause: Duration::ZERO, row: &mut rows };
        ctx.map(kernel, 0..50_usize).unwrap();
        assert_eq!(rows, Array2::from_shape_fn((50, 3), |(row, _)| row + 1), "after {death:?}");
    }
}

fn with_the_status_hidden_a_map_is_right_and_a_death_is_an_error(ctx: &Context) {
    let _until_the_end = ignore(Signal::SIGCHLD);
    check_usable(ctx);
    for death in [Death::Signal(Signal::SIGKILL), Death::Exit(0)] {
        let (error, _) = died(ctx, 60, 37, death, Duration::ZERO);
        assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(37)), "{error}");
    }
    check_usable(ctx);
}

fn with_all_signals_blocked_a_map_is_right_and_a_death_is_an_error(ctx: &Context) {
    use nix::sys::signal::{SigSet, SigmaskHow};

    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK).unwrap();
    check_usable(ctx);
    for death in [Death::Signal(Signal::SIGKILL), Death::Fault, Death::Exit(0)] {
        let (error, _) = died(ctx, 60, 37, death, Duration::ZERO);
        assert_eq!((error.kind(), error.index()), (ErrorKind::Died, Some(37)), "{error}");
    }
    before.thread_set_mask().unwrap();
}

fn a_hundred_deaths_leave_nothing_behind(ctx: &Context) {
    let deaths = Counters::new(1);
    for round in 0..100 {
        let (error, _) = died(ctx, 100, round, Death::Signal(Signal::SIGKILL), Duration::ZERO);
        assert_eq!(error.index(), Some(round));
        deaths.count(0);
    }
    check_usable(ctx);
    assert_eq!(deaths.total(), 100);
}
