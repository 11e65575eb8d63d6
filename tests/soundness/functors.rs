//! Functors that lie: about their length, about their items, about the share they were asked for.

use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};

use pasha::ErrorKind;
use pasha::functor::{Functor, Item, Items};
use pasha_tests::support::{Counters, Setting};

cases![
    the_length_is_what_was_said_first,
    a_length_that_grows_between_collecting_and_mapping_is_an_error,
    items_that_repeat_change_no_index,
    a_visit_that_gives_too_much_is_an_error,
    a_visit_that_gives_too_little_is_an_error,
    a_visit_that_gives_nothing_is_an_error,
    a_visit_of_other_items_changes_no_index,
    a_visit_that_goes_on_after_a_break_reaches_no_index_twice,
    a_visit_that_swallows_panics_reaches_no_index_twice,
    a_visit_that_fails_after_its_last_item_is_an_error,
    a_visit_that_drops_the_kernel_is_an_error,
    a_visit_that_hands_the_kernel_on_is_a_visit,
];

const ITEMS: usize = 100;

/// How a liar walks a share, given what calls the kernel.
type Walk = fn(Range<usize>, &mut dyn FnMut(usize) -> ControlFlow<()>) -> pasha::Result<()>;

/// A functor that says anything. `answers` counts how often its length was asked.
struct Liar {
    length: fn(u64) -> usize,
    walk: Walk,
    answers: Counters,
}

fn liar(walk: Walk) -> Liar {
    Liar { length: |_| ITEMS, walk, answers: Counters::new(1) }
}

fn honest(share: Range<usize>, each: &mut dyn FnMut(usize) -> ControlFlow<()>) -> pasha::Result<()> {
    for index in share {
        if each(index).is_break() {
            break;
        }
    }
    Ok(())
}

impl Items<'_> for Liar {
    type Item = usize;
}

impl Functor for Liar {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok((self.length)(self.answers.count(0)))
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        Ok(index)
    }

    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> pasha::Result<()> {
        (self.walk)(share, &mut each)
    }
}

/// Notes the index and the calls in its own slot, and counts all calls.
#[pasha::kernel]
fn note(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out] at: &mut u64,
    #[out] calls: &mut u64,
    #[param] counters: &Counters,
) {
    *at = index as u64;
    *calls += 1;
    counters.count(0);
}

/// Maps `note` over a liar. However it ends, no index was called twice, and each slot belongs to its index.
fn deceive(setting: &Setting, functor: &Liar) -> (pasha::Result<pasha::Report>, u64) {
    let ctx = setting.ctx();
    let counters = Counters::new(1);
    let mut at = ctx.alloc::<u64>().shape(ITEMS).fill(u64::MAX).build().unwrap();
    let mut calls = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    let outcome = ctx.map(note { at: &mut at, calls: &mut calls, counters: &counters }, functor);
    for index in 0..ITEMS {
        assert!(calls[index] <= 1, "index {index} was called {} times", calls[index]);
        let expected = if calls[index] == 1 { index as u64 } else { u64::MAX };
        assert_eq!(at[index], expected, "index {index}");
    }
    assert_eq!(calls.sum(), counters.get(0), "every call has a slot of its own");
    if outcome.is_ok() {
        assert_eq!(counters.get(0), ITEMS as u64, "a map without error did every item");
    }
    (outcome, counters.get(0))
}

fn the_length_is_what_was_said_first(setting: &Setting) {
    let growing =
        Liar { length: |asked| if asked == 0 { ITEMS } else { usize::MAX }, walk: honest, answers: Counters::new(1) };
    deceive(setting, &growing).0.unwrap();
    let shrinking =
        Liar { length: |asked| if asked == 0 { ITEMS } else { 0 }, walk: honest, answers: Counters::new(1) };
    deceive(setting, &shrinking).0.unwrap();
    let endless = Liar { length: |_| usize::MAX, walk: honest, answers: Counters::new(1) };
    assert_eq!(deceive(setting, &endless).0.unwrap_err().kind(), ErrorKind::Shape);
}

fn a_length_that_grows_between_collecting_and_mapping_is_an_error(setting: &Setting) {
    #[pasha::kernel]
    fn double(_worker_id: usize, _index: usize, value: usize) -> u64 {
        2 * value as u64
    }

    let growing = Liar { length: |asked| ITEMS + 1000 * asked as usize, walk: honest, answers: Counters::new(1) };
    match setting.ctx().collect(double {}, &growing) {
        Ok(doubled) => assert_eq!(doubled[ITEMS - 1], 2 * (ITEMS as u64 - 1)),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Shape),
    }
}

fn items_that_repeat_change_no_index(setting: &Setting) {
    let stuck = liar(|share, each| {
        for _ in share {
            if each(7).is_break() {
                break;
            }
        }
        Ok(())
    });
    deceive(setting, &stuck).0.unwrap();
}

fn a_visit_that_gives_too_much_is_an_error(setting: &Setting) {
    let generous = liar(|share, each| {
        for index in share.start..share.end + 50 {
            if each(index).is_break() {
                break;
            }
        }
        Ok(())
    });
    let (outcome, _) = deceive(setting, &generous);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Functor);
    let relentless = liar(|share, each| {
        for index in share.start..share.end + 50 {
            let _ = each(index);
        }
        Ok(())
    });
    let (outcome, _) = deceive(setting, &relentless);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Functor);
}

fn a_visit_that_gives_too_little_is_an_error(setting: &Setting) {
    let lazy = liar(|share, each| honest(share.start..share.end - 1, each));
    let (outcome, _) = deceive(setting, &lazy);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Functor);
}

fn a_visit_that_gives_nothing_is_an_error(setting: &Setting) {
    let (outcome, calls) = deceive(setting, &liar(|_, _| Ok(())));
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.index(), calls), (ErrorKind::Functor, Some(0), 0));
}

fn a_visit_of_other_items_changes_no_index(setting: &Setting) {
    let elsewhere = liar(|share, each| honest(share.start + 1_000_000..share.end + 1_000_000, each));
    deceive(setting, &elsewhere).0.unwrap();
    let backwards = liar(|share, each| {
        for index in share.rev() {
            if each(index).is_break() {
                break;
            }
        }
        Ok(())
    });
    deceive(setting, &backwards).0.unwrap();
}

#[pasha::kernel]
fn fail_at_ten(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out] calls: &mut u64,
    #[param] by_panic: bool,
) -> Result<(), String> {
    *calls += 1;
    if index == 10 {
        assert!(!by_panic, "failed on purpose");
        return Err("failed on purpose".to_owned());
    }
    Ok(())
}

fn a_visit_that_goes_on_after_a_break_reaches_no_index_twice(setting: &Setting) {
    let deaf = liar(|share, each| {
        for index in share {
            let _ = each(index);
        }
        Ok(())
    });
    let ctx = setting.ctx();
    let mut calls = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    let error = ctx.map(fail_at_ten { calls: &mut calls, by_panic: false }, &deaf).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Kernel);
    assert!(calls.iter().all(|calls| *calls <= 1), "{calls:?}");
    assert_eq!(calls[10], 1);
}

fn a_visit_that_swallows_panics_reaches_no_index_twice(setting: &Setting) {
    let deaf = liar(|share, each| {
        for index in share {
            let _ = catch_unwind(AssertUnwindSafe(|| each(index)));
        }
        Ok(())
    });
    let ctx = setting.ctx();
    let mut calls = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    let outcome = ctx.map(fail_at_ten { calls: &mut calls, by_panic: true }, &deaf);
    assert!(calls.iter().all(|calls| *calls <= 1), "{calls:?}");
    assert!(outcome.is_err() || calls.iter().all(|calls| *calls == 1), "{calls:?}");
}

fn a_visit_that_fails_after_its_last_item_is_an_error(setting: &Setting) {
    let late = liar(|share, each| {
        honest(share, each)?;
        Err(pasha::Error::functor("too late"))
    });
    let error = deceive(setting, &late).0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Functor);
    assert!(error.to_string().contains("too late"), "{error}");
}

/// Walks nothing, and forgets what calls the kernel.
struct Forgetful;

impl Items<'_> for Forgetful {
    type Item = usize;
}

impl Functor for Forgetful {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(ITEMS)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        Ok(index)
    }

    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> pasha::Result<()> {
        if share.start > 0 {
            let _ = each(share.start);
        }
        std::mem::forget(each);
        Ok(())
    }
}

fn a_visit_that_drops_the_kernel_is_an_error(setting: &Setting) {
    let ctx = setting.ctx();
    let mut calls = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    let error = ctx.map(fail_at_ten { calls: &mut calls, by_panic: false }, Forgetful).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Functor);
    assert!(calls.iter().all(|calls| *calls <= 1), "{calls:?}");
}

/// Gives items that could call the kernel again, were it not busy.
struct Reentrant;

impl<'a> Items<'a> for Reentrant {
    type Item = &'a dyn Fn() -> bool;
}

impl Functor for Reentrant {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(ITEMS)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), _index: usize) -> pasha::Result<Item<'a, Self>> {
        Ok(&|| false)
    }

    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> pasha::Result<()> {
        let each = std::cell::RefCell::new(each);
        let again = || match each.try_borrow_mut() {
            Ok(mut each) => each(&|| false).is_continue(),
            Err(_) => false,
        };
        for _ in share {
            if each.borrow_mut()(&again).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn a_visit_that_hands_the_kernel_on_is_a_visit(setting: &Setting) {
    #[pasha::kernel]
    fn call_again(_worker_id: usize, _index: usize, again: &dyn Fn() -> bool, #[out] calls: &mut u64) {
        *calls += 1;
        assert!(!again(), "the kernel cannot be entered while it runs");
    }

    let ctx = setting.ctx();
    let mut calls = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    ctx.map(call_again { calls: &mut calls }, Reentrant).unwrap();
    assert!(calls.iter().all(|calls| *calls == 1), "{calls:?}");
}
