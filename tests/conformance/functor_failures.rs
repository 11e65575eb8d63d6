//! Functors that fail, panic, or break their contract.

use std::ops::{ControlFlow, Range};

use pasha::functor::{Item, Items};
use pasha::prelude::*;
use pasha::{Error, ErrorKind, Report};

use crate::support::{Counters, Setting, cases, story};

cases![
    items_that_cannot_be_counted_end_the_map_before_it_begins,
    a_state_that_cannot_be_made_is_an_error,
    an_item_that_cannot_be_had_is_an_error_at_its_index,
    the_lowest_item_that_cannot_be_had_is_the_error,
    a_functor_that_panics_is_a_panic_at_its_index,
    a_visit_that_fails_after_some_items_is_an_error_at_the_next,
    a_visit_that_gives_too_few_items_is_an_error,
    a_visit_that_gives_too_many_items_is_an_error,
    a_visit_that_goes_on_after_it_was_told_to_stop_cannot_reach_other_slots,
    a_functor_that_says_too_many_items_reaches_nothing,
    the_context_is_usable_after_a_functor_failed,
];

/// What goes wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    Items,
    State,
    StatePanics,
    Item(usize),
    ItemPanics(usize),
    VisitFails(usize),
    TooFew(usize),
    TooMany(usize),
}

struct Faulty {
    items: usize,
    fault: Fault,
}

impl Items<'_> for Faulty {
    type Item = usize;
}

impl Functor for Faulty {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        if self.fault == Fault::Items { Err(Error::functor("the run is not there")) } else { Ok(self.items) }
    }

    fn state(&self) -> pasha::Result<()> {
        match self.fault {
            Fault::State => Err(Error::functor("the file does not open")),
            Fault::StatePanics => panic!("the state panics on purpose"),
            _ => Ok(()),
        }
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        match self.fault {
            Fault::Item(at) if at <= index => Err(Error::functor(format!("frame {index} is truncated"))),
            Fault::ItemPanics(at) if at == index => panic!("frame {index} panics on purpose"),
            _ => Ok(index),
        }
    }

    fn visit(
        &self,
        state: &mut (),
        share: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> pasha::Result<()> {
        for index in share.clone() {
            match self.fault {
                Fault::TooFew(at) if at == index => return Ok(()),
                Fault::VisitFails(at) if at == index => return Err(Error::functor("the disk is gone")),
                _ => {}
            }
            let flow = each(self.item(state, index)?);
            if let Fault::TooMany(at) = self.fault
                && at == index
            {
                // Whatever it is told, it gives more than the whole functor has.
                for _ in 0..=self.items {
                    let _ = each(self.items + 1);
                }
                return Ok(());
            }
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }
}

#[pasha::kernel]
fn note(_worker_id: usize, index: usize, item: usize, #[param] calls: &Counters, #[out] seen: &mut usize) {
    calls.count(0);
    *seen = 1000 * (index + 1) + item;
}

/// What comes of a map over a faulty functor, how often the kernel was called, and what it saw.
fn map_faulty(ctx: &Context, items: usize, fault: Fault) -> (pasha::Result<Report>, u64, Vec<usize>) {
    let calls = Counters::new(1);
    let mut seen = ctx.alloc::<usize>().shape(items).build().unwrap();
    let mapped = ctx.map(note { calls: &calls, seen: &mut seen }, Faulty { items, fault });
    (mapped, calls.total(), seen.to_vec())
}

/// As `map_faulty`, for what is an error.
fn faulted(ctx: &Context, items: usize, fault: Fault) -> (Error, u64, Vec<usize>) {
    let (mapped, calls, seen) = map_faulty(ctx, items, fault);
    (mapped.unwrap_err(), calls, seen)
}

fn check_same(ctx: &Context, items: usize, fault: Fault) {
    assert_eq!(story(&faulted(ctx, items, fault).0), story(&faulted(&Context::serial(), items, fault).0), "{fault:?}");
}

fn items_that_cannot_be_counted_end_the_map_before_it_begins(ctx: &Context) {
    let (error, calls, seen) = faulted(ctx, 40, Fault::Items);
    assert_eq!((error.kind(), error.index(), error.worker()), (ErrorKind::Functor, None, None));
    assert_eq!(error.to_string(), "the run is not there");
    assert_eq!((calls, seen), (0, vec![0; 40]));
}

fn a_state_that_cannot_be_made_is_an_error(ctx: &Context) {
    let (error, calls, _) = faulted(ctx, 40, Fault::State);
    assert_eq!((error.kind(), error.index(), calls), (ErrorKind::Functor, Some(0), 0));
    assert!(error.to_string().contains("the file does not open"), "{error}");
    let (error, calls, _) = faulted(ctx, 40, Fault::StatePanics);
    assert_eq!((error.kind(), error.index(), calls), (ErrorKind::Panic, Some(0), 0));
    check_same(ctx, 40, Fault::State);
    check_same(ctx, 40, Fault::StatePanics);
}

fn an_item_that_cannot_be_had_is_an_error_at_its_index(ctx: &Context) {
    for at in [0, 1, 25, 39] {
        let (error, _, seen) = faulted(ctx, 40, Fault::Item(at));
        assert_eq!((error.kind(), error.index()), (ErrorKind::Functor, Some(at)));
        assert!(error.to_string().contains(&format!("frame {at} is truncated")), "{error}");
        assert!(
            (0..at).all(|index| seen[index] == 1000 * (index + 1) + index),
            "everything below {at} is done: {seen:?}"
        );
        assert_eq!(seen[at], 0);
        check_same(ctx, 40, Fault::Item(at));
    }
}

fn the_lowest_item_that_cannot_be_had_is_the_error(ctx: &Context) {
    for at in 0..40 {
        assert_eq!(faulted(ctx, 400, Fault::Item(5 * at)).0.index(), Some(5 * at));
    }
}

fn a_functor_that_panics_is_a_panic_at_its_index(ctx: &Context) {
    for at in [0, 1, 25, 39] {
        let (error, _, seen) = faulted(ctx, 40, Fault::ItemPanics(at));
        assert_eq!((error.kind(), error.index(), seen[at]), (ErrorKind::Panic, Some(at), 0));
        check_same(ctx, 40, Fault::ItemPanics(at));
    }
}

fn a_visit_that_fails_after_some_items_is_an_error_at_the_next(ctx: &Context) {
    for at in [0, 1, 25, 39] {
        let (error, _, seen) = faulted(ctx, 40, Fault::VisitFails(at));
        assert_eq!((error.kind(), error.index(), seen[at]), (ErrorKind::Functor, Some(at), 0));
        assert!(seen[..at].iter().all(|seen| *seen > 0));
        check_same(ctx, 40, Fault::VisitFails(at));
    }
}

fn a_visit_that_gives_too_few_items_is_an_error(ctx: &Context) {
    for at in [0, 25, 39] {
        let (error, _, seen) = faulted(ctx, 40, Fault::TooFew(at));
        assert_eq!((error.kind(), error.index(), seen[at]), (ErrorKind::Functor, Some(at), 0));
        assert!(error.to_string().contains("fewer items than it was asked for"), "{error}");
        check_same(ctx, 40, Fault::TooFew(at));
    }
}

fn a_visit_that_gives_too_many_items_is_an_error(setting: &Setting) {
    // Otherwise an idle worker may have it stopped there, after which what it gives is passed over.
    let ctx = &setting.with_schedule(Schedule::Static);
    let (error, ..) = faulted(ctx, 40, Fault::TooMany(39));
    assert_eq!((error.kind(), error.index()), (ErrorKind::Functor, Some(39)));
    assert!(error.to_string().contains("more items than it was asked for"), "{error}");
    check_same(ctx, 40, Fault::TooMany(39));
}

fn a_visit_that_goes_on_after_it_was_told_to_stop_cannot_reach_other_slots(ctx: &Context) {
    for at in [0, 13, 25] {
        let (mapped, calls, seen) = map_faulty(ctx, 40, Fault::TooMany(at));
        assert!(calls <= 40);
        match mapped {
            Ok(_) => {
                assert!(seen.iter().all(|seen| *seen > 0), "it was stopped for an idle worker, which did the rest")
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Functor, "{error}"),
        }
        for (index, seen) in seen.into_iter().enumerate() {
            let right = [0, 1000 * (index + 1) + index, 1000 * (index + 1) + 41];
            assert!(right.contains(&seen), "{index}: {seen}");
        }
    }
}

fn a_functor_that_says_too_many_items_reaches_nothing(ctx: &Context) {
    let calls = Counters::new(1);
    let mut seen = ctx.alloc::<usize>().shape(10).build().unwrap();
    for items in [9, 11, usize::MAX] {
        let functor = Faulty { items, fault: Fault::None };
        let error = ctx.map(note { calls: &calls, seen: &mut seen }, functor).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert!(error.to_string().contains(&format!("there are {items} items")), "{error}");
    }
    assert_eq!((calls.total(), seen.sum()), (0, 0));
}

fn the_context_is_usable_after_a_functor_failed(ctx: &Context) {
    for fault in [Fault::Items, Fault::State, Fault::Item(7), Fault::ItemPanics(7), Fault::TooFew(7), Fault::TooMany(7)]
    {
        let _ = map_faulty(ctx, 40, fault);
        let calls = Counters::new(1);
        let mut seen = ctx.alloc::<usize>().shape(40).build().unwrap();
        ctx.map(note { calls: &calls, seen: &mut seen }, Faulty { items: 40, fault: Fault::None }).unwrap();
        assert_eq!(seen.to_vec(), (0..40).map(|index| 1000 * (index + 1) + index).collect::<Vec<_>>());
    }
}
