//! Deadlines: threads look at the clock after each item, worker processes are killed.

use std::process::exit;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use pasha::functor::{Item, Items};
use pasha::prelude::*;
use pasha::{CauseOfDeath, Error, ErrorKind};

use crate::support::{Counters, Kind, Setting, each};

/// What holds of threads and of processes.
const ALL: &[crate::support::Case] = all::CASES;

/// The cases for threads and for processes.
pub fn suite() -> &'static [crate::support::Case] {
    ALL
}

/// The cases that are for processes alone.
pub fn of_processes() -> &'static [crate::support::Case] {
    killed::CASES
}

/// Long enough for what is done in it, also on a busy machine; short enough to wait for.
const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(3600);

/// Far more than a deadline may be overrun, far less than waiting for what never ends.
const SOON: Duration = Duration::from_secs(5);

struct Limits {
    map: Option<Duration>,
    item: Option<Duration>,
}

fn of_map(limit: Duration) -> Limits {
    Limits { map: Some(limit), item: None }
}

fn of_item(limit: Duration) -> Limits {
    Limits { map: None, item: Some(limit) }
}

fn limited(setting: &Setting, limits: Limits, on_death: OnDeath) -> Context {
    let workers = setting.ctx().workers();
    let Limits { map, item } = limits;
    let (map, item) = (map.unwrap_or(Duration::MAX), item.unwrap_or(Duration::MAX));
    let ctx = match setting.kind {
        Kind::Processes | Kind::Residents => {
            setting.processes().deadline(map).item_deadline(item).on_death(on_death).build()
        }
        _ => Context::threads().workers(workers).schedule(setting.schedule).deadline(map).item_deadline(item).build(),
    };
    ctx.unwrap()
}

fn in_time<R>(run: impl FnOnce() -> R) -> R {
    let begun = Instant::now();
    let result = run();
    assert!(begun.elapsed() < SOON, "it took {:?}", begun.elapsed());
    result
}

/// Every item sleeps; what is done is 2 in both elements, what is not begun is 0.
#[pasha::kernel]
fn doze(_worker_id: usize, index: usize, _item: usize, #[param] pauses: &[Duration], #[out] row: &mut [u8]) {
    row[0] = 2;
    sleep(pauses[index % pauses.len()]);
    row[1] = 2;
}

fn dozed(ctx: &Context, items: usize, pauses: &[Duration]) -> (pasha::Result<pasha::Report>, Vec<[u8; 2]>) {
    let mut rows = ctx.alloc::<u8>().shape((items, 2)).build().unwrap();
    let mapped = in_time(|| ctx.map(doze { pauses, row: &mut rows }, 0..items));
    (mapped, rows.rows().into_iter().map(|row| [row[0], row[1]]).collect())
}

/// What an error of a process context says of the items must be true of the rows.
fn check_account(error: &Error, rows: &[[u8; 2]]) {
    let (undone, torn) = (each(error.undone()), each(error.torn()));
    for (index, row) in rows.iter().enumerate() {
        match (undone.contains(&index), torn.contains(&index)) {
            (false, _) => assert_eq!(*row, [2, 2], "index {index} is said to be done: {error}"),
            (true, false) => assert_eq!(*row, [0, 0], "index {index} is said to be untouched: {error}"),
            (true, true) => {}
        }
    }
    assert_eq!(error.done(), rows.len() - undone.len());
}

mod all {
    use super::*;

    crate::support::cases![
        a_map_that_takes_too_long_is_an_error_that_says_what_was_done,
        an_item_that_takes_too_long_is_an_error_that_names_it,
        a_map_in_time_is_not_disturbed,
        an_endless_deadline_is_none,
        a_deadline_of_nothing_is_an_error_and_no_harm,
        a_failure_in_time_is_the_error,
        a_map_within_a_map_keeps_its_own_deadline,
        the_context_is_usable_after_a_deadline,
        no_items_are_in_time,
    ];

    fn a_map_that_takes_too_long_is_an_error_that_says_what_was_done(setting: &Setting) {
        let ctx = limited(setting, of_map(SHORT), OnDeath::Fail);
        let (mapped, rows) = dozed(&ctx, 5000, &[Duration::from_millis(5)]);
        let error = mapped.unwrap_err();
        assert_eq!((error.kind(), error.items()), (ErrorKind::Deadline, 5000), "{error}");
        let done = rows.iter().filter(|row| **row == [2, 2]).count();
        assert!(done < 5000);
        let text = error.to_string();
        assert!(text.contains("60ms"), "{text}");
        match setting.kind {
            Kind::Processes | Kind::Residents => {
                check_account(&error, &rows);
                assert!(text.contains(&format!("{} of 5000 items were done", error.done())), "{text}");
            }
            _ => assert!(error.done() <= done && error.index().is_some(), "{} of {done}", error.done()),
        }
    }

    fn an_item_that_takes_too_long_is_an_error_that_names_it(setting: &Setting) {
        let ctx = limited(setting, of_item(SHORT), OnDeath::Fail);
        let mut pauses = vec![Duration::ZERO; 50];
        pauses[31] = 5 * SHORT;
        let (mapped, rows) = dozed(&ctx, 50, &pauses);
        let error = mapped.unwrap_err();
        assert_eq!((error.index(), error.items()), (Some(31), 50), "{error}");
        let text = error.to_string();
        assert!(text.contains("index 31") && text.contains("60ms"), "{text}");
        match setting.kind {
            Kind::Processes | Kind::Residents => {
                check_account(&error, &rows);
                assert_eq!((each(error.torn()), rows[31]), (vec![31], [2, 0]));
                let death = &error.deaths()[0];
                assert_eq!((death.index(), death.cause()), (Some(31), CauseOfDeath::Deadline(SHORT)));
                assert_eq!((error.worker(), error.pid()), (Some(death.worker()), Some(death.pid())));
            }
            _ => assert_eq!((error.kind(), rows[31]), (ErrorKind::Deadline, [2, 2]), "a thread ends its item"),
        }
    }

    fn a_map_in_time_is_not_disturbed(setting: &Setting) {
        let minute = Duration::from_secs(60);
        let ctx = limited(setting, Limits { map: Some(minute), item: Some(minute) }, OnDeath::Fail);
        for items in [1, 7, 60, 5000] {
            let pauses = if items < 100 { [Duration::from_millis(1)] } else { [Duration::ZERO] };
            let mut rows = ctx.alloc::<u8>().shape((items, 2)).build().unwrap();
            let report = ctx.map(doze { pauses: &pauses, row: &mut rows }, 0..items).unwrap();
            assert_eq!((report.items(), report.deaths().len()), (items, 0));
            assert!(rows.iter().all(|element| *element == 2));
        }
    }

    fn an_endless_deadline_is_none(setting: &Setting) {
        let (mapped, rows) = dozed(&limited(setting, of_map(Duration::MAX), OnDeath::Fail), 60, &[Duration::ZERO]);
        assert_eq!(mapped.unwrap().items(), 60);
        assert!(rows.iter().all(|row| *row == [2, 2]));
    }

    fn a_deadline_of_nothing_is_an_error_and_no_harm(setting: &Setting) {
        for limits in [of_map(Duration::ZERO), of_map(Duration::from_nanos(1))] {
            let (mapped, rows) = dozed(&limited(setting, limits, OnDeath::Fail), 200, &[Duration::from_millis(2)]);
            let error = mapped.unwrap_err();
            assert_eq!((error.kind(), error.items()), (ErrorKind::Deadline, 200), "{error}");
            if setting.kind.is_elsewhere() {
                check_account(&error, &rows);
            }
        }
    }

    fn a_failure_in_time_is_the_error(setting: &Setting) {
        #[pasha::kernel]
        fn fail(_worker_id: usize, index: usize, _item: usize) -> Result<(), String> {
            if index == 20 { Err("on purpose".to_owned()) } else { Ok(()) }
        }

        let minute = Duration::from_secs(60);
        let ctx = limited(setting, Limits { map: Some(minute), item: Some(minute) }, OnDeath::Fail);
        let error = ctx.map(fail {}, 0..50_usize).unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(20)));
    }

    fn a_map_within_a_map_keeps_its_own_deadline(setting: &Setting) {
        #[pasha::kernel]
        fn outer(
            _worker_id: usize,
            _index: usize,
            _item: usize,
            #[param] ctx: &Context,
            #[out] late: &mut u8,
        ) -> pasha::Result<()> {
            let mut rows = ctx.alloc::<u8>().shape((500, 2)).build()?;
            let error =
                ctx.map(doze { pauses: &[Duration::from_millis(5)], row: &mut rows }, 0..500_usize).unwrap_err();
            *late = u8::from(error.kind() == ErrorKind::Deadline && rows[[499, 0]] == 0);
            Ok(())
        }

        let inner = limited(setting, of_map(SHORT), OnDeath::Fail);
        let mut late = setting.ctx().alloc::<u8>().shape(3).build().unwrap();
        in_time(|| setting.ctx().map(outer { ctx: &inner, late: &mut late }, 0..3_usize)).unwrap();
        assert_eq!(late.to_vec(), [1; 3]);
    }

    fn the_context_is_usable_after_a_deadline(setting: &Setting) {
        let ctx = limited(setting, of_map(Duration::from_millis(500)), OnDeath::Fail);
        let (mapped, _) = dozed(&ctx, 5000, &[Duration::from_millis(5)]);
        assert_eq!(mapped.unwrap_err().kind(), ErrorKind::Deadline);
        let (mapped, rows) = dozed(&ctx, 30, &[Duration::ZERO]);
        assert_eq!(mapped.unwrap().items(), 30);
        assert!(rows.iter().all(|row| *row == [2, 2]));
    }

    fn no_items_are_in_time(setting: &Setting) {
        let (mapped, _) = dozed(&limited(setting, of_map(Duration::ZERO), OnDeath::Fail), 0, &[LONG]);
        assert_eq!(mapped.unwrap().items(), 0);
    }
}

mod killed {
    use super::*;

    crate::support::cases![
        an_item_that_takes_too_long_is_an_error_of_the_same_kind_as_with_threads,
        an_endless_loop_with_all_signals_blocked_is_ended,
        a_stopped_worker_is_ended,
        an_endless_item_names_worker_and_index,
        an_endless_scratch_or_state_is_ended_by_the_deadline_of_the_map,
        an_endless_scratch_is_ended_by_the_deadline_of_an_item,
        an_endless_item_is_skipped,
        an_endless_item_is_retried,
        an_endless_item_is_given_up_on_after_all_retries,
        a_lock_that_is_never_opened_is_ended,
        short_items_are_not_taken_for_a_long_one,
        a_deadline_ends_what_death_after_death_would_not,
        a_worker_that_died_before_the_deadline_is_in_the_account,
    ];

    #[derive(Clone, Copy, Debug)]
    enum Endless {
        Loop,
        Blocked,
        Stopped,
        Asleep,
    }

    impl Endless {
        fn go(self) {
            match self {
                Endless::Blocked => {
                    SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK).unwrap();
                }
                Endless::Stopped => raise(Signal::SIGSTOP).unwrap(),
                Endless::Asleep => sleep(LONG),
                Endless::Loop => {}
            }
            loop {
                std::hint::spin_loop();
            }
        }
    }

    /// Item 5 never ends, as long as `lives` of it are left.
    #[pasha::kernel]
    fn stick(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[param] endless: Endless,
        #[param] lives: &Counters,
        #[param] most: u64,
        #[out] row: &mut [u8],
    ) {
        row[0] = 2;
        if index == 5 && lives.count(0) < most {
            endless.go();
        }
        row[1] = 2;
    }

    fn stuck(ctx: &Context, endless: Endless, most: u64) -> (pasha::Result<pasha::Report>, Vec<[u8; 2]>) {
        let mut rows = ctx.alloc::<u8>().shape((20, 2)).build().unwrap();
        let lives = Counters::new(1);
        let mapped = in_time(|| ctx.map(stick { endless, lives: &lives, most, row: &mut rows }, 0..20_usize));
        (mapped, rows.rows().into_iter().map(|row| [row[0], row[1]]).collect())
    }

    fn check_ended(setting: &Setting, endless: Endless) {
        for limits in [of_map(SHORT), of_item(SHORT)] {
            let ctx = limited(setting, limits, OnDeath::Fail);
            // On a machine with much else to do, time may be up before a worker has come to the item.
            let (error, rows) = (0..10)
                .map(|_| stuck(&ctx, endless, u64::MAX))
                .map(|(mapped, rows)| (mapped.unwrap_err(), rows))
                .find(|(error, _)| error.index() == Some(5))
                .expect("one of some maps comes to the item in time");
            assert_eq!((each(error.torn()), error.items()), (vec![5], 20), "{error}");
            check_account(&error, &rows);
            assert!(error.to_string().contains("index 5"), "{error}");
            assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
        }
    }

    fn an_item_that_takes_too_long_is_an_error_of_the_same_kind_as_with_threads(setting: &Setting) {
        let ctx = limited(setting, of_item(SHORT), OnDeath::Fail);
        let error = stuck(&ctx, Endless::Asleep, 1).0.unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Deadline, Some(5)), "{error}");
    }

    fn an_endless_loop_with_all_signals_blocked_is_ended(setting: &Setting) {
        check_ended(setting, Endless::Loop);
        check_ended(setting, Endless::Blocked);
    }

    fn a_stopped_worker_is_ended(setting: &Setting) {
        check_ended(setting, Endless::Stopped);
    }

    fn an_endless_item_names_worker_and_index(setting: &Setting) {
        let ctx = limited(setting, of_map(SHORT), OnDeath::Fail);
        let error = stuck(&ctx, Endless::Asleep, u64::MAX).0.unwrap_err();
        let worker = error.worker().unwrap();
        assert!(error.to_string().contains(&format!("worker {worker}")), "{error}");
        assert!(error.pid().is_some_and(|pid| pid != std::process::id()), "{error:?}");
    }

    struct Stuck;

    impl Items<'_> for Stuck {
        type Item = usize;
    }

    impl Functor for Stuck {
        type State = ();

        fn items(&self) -> pasha::Result<usize> {
            Ok(20)
        }

        fn state(&self) -> pasha::Result<()> {
            sleep(LONG);
            Ok(())
        }

        fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
            Ok(index)
        }
    }

    #[pasha::kernel]
    fn use_scratch<S>(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[scratch] _scratch: &mut S,
        #[out] done: &mut u8,
    ) {
        *done = 1;
    }

    fn an_endless_scratch_or_state_is_ended_by_the_deadline_of_the_map(setting: &Setting) {
        let ctx = limited(setting, of_map(SHORT), OnDeath::Retry(5));
        let mut done = ctx.alloc::<u8>().shape(20).build().unwrap();
        let errors = [
            in_time(|| ctx.map(use_scratch { _scratch: || sleep(LONG), done: &mut done }, 0..20_usize)).unwrap_err(),
            in_time(|| ctx.map(use_scratch { _scratch: || (), done: &mut done }, Stuck)).unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.index(), error.done()), (ErrorKind::Deadline, None, 0), "{error}");
            assert_eq!((each(error.torn()), each(error.undone())), (vec![], (0..20).collect()));
        }
        assert_eq!(done.sum(), 0);
    }

    fn an_endless_scratch_is_ended_by_the_deadline_of_an_item(setting: &Setting) {
        for on_death in [OnDeath::Fail, OnDeath::Skip] {
            let ctx = limited(setting, of_item(Duration::from_millis(20)), on_death);
            let mut done = ctx.alloc::<u8>().shape(20).build().unwrap();
            let kernel = use_scratch { _scratch: || sleep(LONG), done: &mut done };
            let error = in_time(|| ctx.map(kernel, 0..20_usize)).unwrap_err();
            assert_eq!((error.kind(), error.index(), error.done()), (ErrorKind::Deadline, None, 0), "{error}");
            assert!((1..=4 * ctx.workers()).contains(&error.deaths().len()), "{error}");
            assert_eq!(done.sum(), 0);
        }
    }

    fn an_endless_item_is_skipped(setting: &Setting) {
        let ctx = limited(setting, of_item(SHORT), OnDeath::Skip);
        let (mapped, rows) = stuck(&ctx, Endless::Blocked, u64::MAX);
        let report = mapped.unwrap();
        assert_eq!((report.skipped(), report.deaths().len()), (&[5][..], 1));
        assert_eq!(report.deaths()[0].cause(), CauseOfDeath::Deadline(SHORT));
        let expected = |index| if index == 5 { [0, 0] } else { [2, 2] };
        assert_eq!(rows, (0..20).map(expected).collect::<Vec<_>>());
        assert!(report.to_string().contains("longer than the 60ms"), "{report}");
    }

    fn an_endless_item_is_retried(setting: &Setting) {
        let ctx = limited(setting, of_item(SHORT), OnDeath::Retry(2));
        let (mapped, rows) = stuck(&ctx, Endless::Stopped, 2);
        let report = mapped.unwrap();
        assert_eq!((report.retried(), report.deaths().len(), rows), (&[5][..], 2, vec![[2, 2]; 20]));
    }

    fn an_endless_item_is_given_up_on_after_all_retries(setting: &Setting) {
        let ctx = limited(setting, of_item(SHORT), OnDeath::Retry(1));
        let (mapped, rows) = stuck(&ctx, Endless::Asleep, u64::MAX);
        let error = mapped.unwrap_err();
        assert_eq!((error.index(), error.deaths().len(), error.done()), (Some(5), 2, 19), "{error}");
        assert_eq!(rows[5], [0, 0]);
        assert!(error.to_string().contains("longer than the 60ms"), "{error}");
    }

    fn a_lock_that_is_never_opened_is_ended(setting: &Setting) {
        use std::sync::Mutex;

        #[pasha::kernel]
        fn lock(_worker_id: usize, index: usize, _item: usize, #[param] lock: &Mutex<usize>) {
            if index == 9 {
                *lock.lock().unwrap() += 1;
            }
        }

        let mutex = Mutex::new(0);
        let ctx = limited(setting, of_map(SHORT), OnDeath::Fail);
        let held = mutex.lock().unwrap();
        let error = in_time(|| ctx.map(lock { lock: &mutex }, 0..20_usize)).unwrap_err();
        drop(held);
        assert_eq!((error.kind(), error.index()), (ErrorKind::Deadline, Some(9)), "{error}");
    }

    fn short_items_are_not_taken_for_a_long_one(setting: &Setting) {
        // Each item is far shorter than the limit, all of them together are far longer.
        let ctx = limited(setting, of_item(Duration::from_millis(250)), OnDeath::Fail);
        let (mapped, rows) = dozed(&ctx, 200, &[Duration::from_millis(3)]);
        assert_eq!(mapped.unwrap().deaths().len(), 0);
        assert!(rows.iter().all(|row| *row == [2, 2]));
    }

    fn a_deadline_ends_what_death_after_death_would_not(setting: &Setting) {
        #[pasha::kernel]
        fn die(_worker_id: usize, index: usize, _item: usize) {
            sleep(Duration::from_millis(1));
            if index == 5 {
                exit(0);
            }
        }

        let ctx = limited(setting, of_map(SHORT), OnDeath::Retry(u32::MAX));
        let error = in_time(|| ctx.map(die {}, 0..20_usize)).unwrap_err();
        assert_eq!((error.kind(), error.items()), (ErrorKind::Deadline, 20), "{error}");
        assert!(!error.deaths().is_empty() && error.deaths().iter().all(|death| death.index() == Some(5)));
    }

    fn a_worker_that_died_before_the_deadline_is_in_the_account(setting: &Setting) {
        /// Item 0 tears its row and dies; who takes over finds item 1 endless before it can come to item 0 again, or item 0.
        #[pasha::kernel]
        fn tear(_worker_id: usize, index: usize, _item: usize, #[param] lives: &Counters, #[out] row: &mut [u8]) {
            row[0] = 2;
            match index {
                0 if lives.count(0) == 0 => exit(0),
                0 | 1 => sleep(LONG),
                _ => row[1] = 2,
            }
        }

        let ctx = limited(setting, of_map(SHORT), OnDeath::Retry(5));
        let lives = Counters::new(1);
        let mut rows = ctx.alloc::<u8>().shape((20, 2)).build().unwrap();
        let error = in_time(|| ctx.map(tear { lives: &lives, row: &mut rows }, 0..20_usize)).unwrap_err();
        assert_eq!((error.kind(), error.deaths().len()), (ErrorKind::Deadline, 1), "{error}");
        let rows: Vec<[u8; 2]> = rows.rows().into_iter().map(|row| [row[0], row[1]]).collect();
        check_account(&error, &rows);
        assert!(error.torn().iter().any(|torn| torn.contains(&0)), "{:?}", error.torn());
    }
}
