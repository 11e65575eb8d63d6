//! Panics where nobody expects them: in drops, in the words of an error, in a fold, in the making of things.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use pasha::ErrorKind;
use pasha::functor::{Functor, Item, Items};
use pasha_tests::support::Setting;

use crate::common::{indices, tick};

cases![
    scratch_that_panics_when_dropped,
    scratch_that_panics_when_made,
    state_that_panics_when_dropped,
    state_that_panics_when_made,
    items_that_panic_when_dropped,
    a_length_that_panics,
    an_error_that_panics_when_displayed,
    a_payload_that_panics_when_dropped,
    a_fold_that_panics,
    an_identity_that_panics,
    a_functor_that_panics_when_dropped,
];

const ITEMS: usize = 100;

/// Panics when it is dropped, but not on top of another panic.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped on purpose");
    }
}

/// What must be true after a map that panicked somewhere: an error, and a context that can be used.
#[track_caller]
fn survived(setting: &Setting, outcome: pasha::Result<pasha::Report>) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panic, "{error}");
    let ctx = setting.ctx();
    let mut done = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    ctx.map(tick { done: &mut done }, 0..ITEMS).unwrap();
    assert!(done.iter().all(|done| *done == 1));
}

#[pasha::kernel]
fn tick_with_bomb(_worker_id: usize, _index: usize, _item: usize, #[scratch] _bomb: &mut Bomb, #[out] done: &mut u8) {
    *done += 1;
}

fn scratch_that_panics_when_dropped(setting: &Setting) {
    let ctx = setting.ctx();
    let mut done = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    let outcome = ctx.map(tick_with_bomb { _bomb: || Bomb, done: &mut done }, 0..ITEMS);
    survived(setting, outcome);
    assert!(done.iter().all(|done| *done == 1), "it went wrong after the last item only");
}

fn scratch_that_panics_when_made(setting: &Setting) {
    let ctx = setting.ctx();
    let mut done = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    let outcome = ctx.map(tick_with_bomb { _bomb: || panic!("not made on purpose"), done: &mut done }, 0..ITEMS);
    survived(setting, outcome);
    assert!(done.iter().all(|done| *done == 0));
}

/// A functor that panics where it is told to.
struct Mined<S: Sync, I> {
    length: fn() -> usize,
    state: fn() -> S,
    item: fn(usize) -> I,
}

impl<S: Sync, I> Items<'_> for Mined<S, I> {
    type Item = (usize, I);
}

impl<S: Sync, I> Functor for Mined<S, I> {
    type State = S;

    fn items(&self) -> pasha::Result<usize> {
        Ok((self.length)())
    }

    fn state(&self) -> pasha::Result<S> {
        Ok((self.state)())
    }

    fn item<'a>(&'a self, _state: &'a mut S, index: usize) -> pasha::Result<Item<'a, Self>> {
        Ok((index, (self.item)(index)))
    }
}

#[pasha::kernel]
fn pass<I>(_worker_id: usize, _index: usize, _number: usize, _item: I) {}

fn state_that_panics_when_dropped(setting: &Setting) {
    let mined = Mined { length: || ITEMS, state: || Bomb, item: |_| () };
    survived(setting, setting.ctx().map(pass {}, &mined));
}

fn state_that_panics_when_made(setting: &Setting) {
    let mined = Mined { length: || ITEMS, state: || -> () { panic!("no state on purpose") }, item: |_| () };
    survived(setting, setting.ctx().map(pass {}, &mined));
}

fn items_that_panic_when_dropped(setting: &Setting) {
    let mined = Mined { length: || ITEMS, state: || (), item: |index| (index == 40).then_some(Bomb) };
    survived(setting, setting.ctx().map(pass {}, &mined));
}

fn a_length_that_panics(setting: &Setting) {
    let mined = Mined { length: || panic!("no length on purpose"), state: || (), item: |_| () };
    let outcome = catch_unwind(AssertUnwindSafe(|| setting.ctx().map(pass {}, &mined)));
    // Nothing had begun: the caller's own panic may as well reach the caller.
    if let Ok(outcome) = outcome {
        survived(setting, outcome);
    }
}

struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("speechless on purpose")
    }
}

fn an_error_that_panics_when_displayed(setting: &Setting) {
    #[pasha::kernel]
    fn fail(_worker_id: usize, index: usize, _item: usize) -> Result<(), Unspeakable> {
        if index == 40 { Err(Unspeakable) } else { Ok(()) }
    }

    survived(setting, setting.ctx().map(fail {}, 0..ITEMS));
}

fn a_payload_that_panics_when_dropped(setting: &Setting) {
    #[pasha::kernel]
    fn throw(_worker_id: usize, index: usize, _item: usize) {
        if index == 40 {
            // A hook would print something of it, were it text.
            panic_any(Bomb);
        }
    }

    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = setting.ctx().map(throw {}, 0..ITEMS);
    std::panic::set_hook(quiet);
    survived(setting, outcome);
}

fn a_fold_that_panics(setting: &Setting) {
    fn refuse(_total: &mut u64, _part: &u64) {
        panic!("not folded on purpose")
    }

    #[pasha::kernel]
    fn count(
        worker_id: usize,
        _index: usize,
        _item: usize,
        #[reduce(with = refuse)] total: &mut u64,
        #[param] setting: &Setting,
        #[param] seen: &pasha_tests::support::Counters,
    ) {
        *total += 1;
        // Everybody takes part, so that there is something to fold.
        if seen.count(worker_id) == 0 {
            (0..setting.ctx().workers()).for_each(|worker| seen.wait_for(worker, 1));
        }
    }

    let ctx = setting.ctx();
    let seen = pasha_tests::support::Counters::new(ctx.workers());
    let mut total = ctx.alloc::<u64>().shape(()).fill(5).build().unwrap();
    let outcome = ctx.map(count { total: &mut total, setting, seen: &seen }, 0..ITEMS);
    // One worker's copy may be the result as it is.
    if ctx.workers() > 1 || outcome.is_err() {
        survived(setting, outcome);
        assert_eq!(total.first(), Some(&5), "a result is untouched on error");
    }
}

fn an_identity_that_panics(setting: &Setting) {
    struct Refuses;

    impl pasha::kernel::Fold<u64> for Refuses {
        fn identity(&self) -> u64 {
            panic!("no identity on purpose")
        }

        fn fold(&self, _total: &mut u64, _part: &u64) {}
    }

    struct Count<'k>(&'k mut pasha::SharedArray<u64, pasha::Ix0>);

    impl<'k> pasha::Kernel for Count<'k> {
        type Binds = (pasha::kernel::Reduce<'k, &'k mut u64, Refuses>, ());

        fn bind(self) -> Self::Binds {
            (pasha::kernel::Reduce::new(self.0, "total", Refuses), ())
        }
    }

    impl pasha::kernel::Takes<usize> for Count<'_> {
        type Output = pasha::kernel::Plain<()>;

        fn call(_: usize, _: usize, _: usize, _: pasha::kernel::Slots<'_, Self::Binds>) -> Self::Output {
            pasha::kernel::Plain(())
        }
    }

    let ctx = setting.ctx();
    let mut total = ctx.alloc::<u64>().shape(()).fill(5).build().unwrap();
    survived(setting, ctx.map(Count(&mut total), 0..ITEMS));
    assert_eq!(total.first(), Some(&5));
    // Nobody took part: the result is the identity, if there is one.
    let outcome = catch_unwind(AssertUnwindSafe(|| ctx.map(Count(&mut total), 0..0)));
    assert!(outcome.is_err() || outcome.is_ok_and(|outcome| outcome.is_err()));
    survived(setting, ctx.map(Count(&mut total), 0..ITEMS));
}

fn a_functor_that_panics_when_dropped(setting: &Setting) {
    let bomb = Bomb;
    let last = indices(
        ITEMS,
        || (),
        move |(), _index| {
            let _ = &bomb;
            Ok(())
        },
    );
    let ctx = setting.ctx();
    let mut done = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| ctx.map(tick { done: &mut done }, last)));
    assert!(outcome.is_err(), "the caller gave it away, and hears of it");
    assert!(done.iter().all(|done| *done == 1));
}
