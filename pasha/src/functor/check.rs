//! The test of a functor against the contract of [`Functor`].

use std::fmt::{Debug, Display};
use std::ops::{ControlFlow, Range};

use super::{Functor, Item};
use crate::error::Result;

#[cfg(test)]
mod test;

/// Holds `functor` against the contract of [`Functor`], for use in tests.
///
/// Items are compared by the `key` that is made of each: an owned value that tells them apart, such as the sum of a frame.
/// A key must equal itself; of a float that may be NaN, take `to_bits`.
///
/// It asks that `items` stays what it is; that every index gives the same item whatever was asked before, of a new state or a
/// used one; that every share is visited item by item, in ascending order, whole; and that a visit ends when it is told to.
/// Up to 12 items, all shares are tried; of more, some, which still asks for each item some dozens of times: take a functor of
/// 0, 1, and a few items.
///
/// # Panics
///
/// When the functor breaks the contract, or gives an `Err`. The message says how, and at which index.
///
/// # Example
///
/// ```
/// use pasha::functor::{check, chunks, zip};
///
/// let times = vec![0.5_f64, 1.5, 2.5];
/// check(&zip(&times, 0..3_u64), |(time, id)| (time.to_bits(), id));
/// check(&chunks(&times, 2), |times| times.to_vec());
/// ```
#[track_caller]
pub fn check<F: Functor + ?Sized, K: PartialEq + Debug>(functor: &F, key: impl for<'a> Fn(Item<'a, F>) -> K) {
    let items = ask("items()", functor.items());
    let new_states = (0..items).map(|index| key(ask_item(functor, &mut new_state(functor), index))).collect();
    let expected = Expected { keys: new_states };

    check_order(functor, &key, &expected);
    let mut used = new_state(functor);
    for share in shares(items) {
        for stop in stops(share.len()) {
            check_visit(functor, &mut new_state(functor), &key, &expected, share.clone(), stop);
            check_visit(functor, &mut used, &key, &expected, share.clone(), stop);
        }
    }

    let items_after = ask("items()", functor.items());
    assert!(items_after == items, "items() was {items}, and is {items_after} after items were asked for");
}

/// The keys of all items, each made with a new state.
struct Expected<K> {
    keys: Vec<K>,
}

impl<K: PartialEq + Debug> Expected<K> {
    #[track_caller]
    fn compare(&self, index: usize, key: &K, asked: impl Display) {
        let expected = &self.keys[index];
        assert!(
            key == expected,
            "item {index}, {asked}, is {key:?}, but a new state that is asked once gives {expected:?}"
        );
    }
}

#[track_caller]
fn check_order<F: Functor + ?Sized, K: PartialEq + Debug>(
    functor: &F,
    key: &impl for<'a> Fn(Item<'a, F>) -> K,
    expected: &Expected<K>,
) {
    let items = expected.keys.len();
    let ascending = 0..items;
    let descending = ascending.clone().rev();
    let jumping = (0..7).flat_map(|first| (first..items).step_by(7));
    let twice_each = ascending.clone().flat_map(|index| [index, index]);

    let mut state = new_state(functor);
    let mut before = None;
    for index in ascending.chain(descending).chain(jumping).chain(twice_each) {
        let key = key(ask_item(functor, &mut state, index));
        match before.replace(index) {
            None => expected.compare(index, &key, "asked first of a state"),
            Some(before) => expected.compare(index, &key, format_args!("asked after item {before} of one state")),
        }
    }
}

#[track_caller]
fn check_visit<F: Functor + ?Sized, K: PartialEq + Debug>(
    functor: &F,
    state: &mut F::State,
    key: &impl for<'a> Fn(Item<'a, F>) -> K,
    expected: &Expected<K>,
    share: Range<usize>,
    stop: Stop,
) {
    let wanted = match stop {
        Stop::Never => share.len(),
        Stop::After(items) => items,
    };
    let mut given = 0;
    let outcome = functor.visit(state, share.clone(), |item| {
        assert!(
            given < wanted,
            "visit({share:?}) gave another item after {}",
            match stop {
                Stop::Never => format!("the {wanted} of its share"),
                Stop::After(_) => format!("it was told to break at its item number {wanted}"),
            }
        );
        let index = share.start + given;
        expected.compare(index, &key(item), format_args!("as number {} of visit({share:?})", given + 1));
        given += 1;
        if stop == Stop::After(given) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    ask(format_args!("visit({share:?})"), outcome);
    assert!(given == wanted, "visit({share:?}) gave {given} items and not {wanted}");
}

#[derive(Clone, Copy, PartialEq)]
enum Stop {
    Never,
    /// After so many items, at least one.
    After(usize),
}

const ALL_SHARES_UP_TO: usize = 12;

fn shares(items: usize) -> Vec<Range<usize>> {
    let mut bounds: Vec<usize> = if items <= ALL_SHARES_UP_TO {
        (0..=items).collect()
    } else {
        vec![0, 1, 2, items / 3, items / 2, items / 2 + 1, items - 2, items - 1, items]
    };
    bounds.dedup();
    let from = |(position, &start): (usize, &usize)| bounds[position..].iter().map(move |&end| start..end);
    bounds.iter().enumerate().flat_map(from).collect()
}

fn stops(items: usize) -> Vec<Stop> {
    let mut after: Vec<usize> =
        if items <= ALL_SHARES_UP_TO { (1..=items).collect() } else { vec![1, 2, items / 2, items - 1, items] };
    after.dedup();
    after.into_iter().map(Stop::After).chain([Stop::Never]).collect()
}

#[track_caller]
fn new_state<F: Functor + ?Sized>(functor: &F) -> F::State {
    ask("state()", functor.state())
}

#[track_caller]
fn ask_item<'a, F: Functor + ?Sized>(functor: &'a F, state: &'a mut F::State, index: usize) -> Item<'a, F> {
    ask(format_args!("item({index})"), functor.item(state, index))
}

#[track_caller]
fn ask<T>(what: impl Display, answer: Result<T>) -> T {
    answer.unwrap_or_else(|error| panic!("{what} is an error: {error}"))
}
