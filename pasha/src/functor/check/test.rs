//! What `check` catches: one functor, one fault at a time.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::check;
use crate::error::{Error, Result};
use crate::functor::{Functor, Item, Items};

/// Five squares, and one fault.
struct Squares {
    fault: Fault,
    asked: AtomicUsize,
}

#[derive(PartialEq)]
enum Fault {
    None,
    LengthChanges,
    SharedCursor,
    CursorInState,
    BufferNotCleared,
    VisitSkipsLast,
    VisitSkipsFirst,
    VisitRepeats,
    VisitDescends,
    VisitStartsAtZero,
    VisitIgnoresBreak,
    VisitRunsOn,
    ItemFails,
    StateFails,
}

impl<'a> Items<'a> for Squares {
    type Item = &'a usize;
}

impl Functor for Squares {
    type State = (usize, usize);

    fn items(&self) -> Result<usize> {
        Ok(if self.fault == Fault::LengthChanges { 5 + self.asked.fetch_add(1, Relaxed) } else { 5 })
    }

    fn state(&self) -> Result<(usize, usize)> {
        if self.fault == Fault::StateFails { Err(Error::functor("no such file")) } else { Ok((0, 0)) }
    }

    fn item<'a>(&'a self, (asked, square): &'a mut (usize, usize), index: usize) -> Result<&'a usize> {
        *asked += 1;
        *square = match self.fault {
            Fault::SharedCursor => self.asked.fetch_add(1, Relaxed),
            Fault::CursorInState => *asked,
            Fault::BufferNotCleared => *square + index * index,
            Fault::ItemFails if index == 3 => return Err(Error::functor("frame 3 is truncated")),
            _ => index * index,
        };
        Ok(square)
    }

    fn visit(
        &self,
        state: &mut Self::State,
        Range { start, end }: Range<usize>,
        mut each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        let indices: Vec<usize> = match self.fault {
            Fault::VisitSkipsLast => (start..end.saturating_sub(1)).collect(),
            Fault::VisitSkipsFirst => (start + 1..end).collect(),
            Fault::VisitRepeats => (start..end).flat_map(|index| [index, index]).collect(),
            Fault::VisitDescends => (start..end).rev().collect(),
            Fault::VisitStartsAtZero => (0..end - start).collect(),
            Fault::VisitRunsOn => (start..end.max(start + 1)).collect(),
            _ => (start..end).collect(),
        };
        for index in indices {
            if each(self.item(state, index)?).is_break() && self.fault != Fault::VisitIgnoresBreak {
                break;
            }
        }
        Ok(())
    }
}

fn check_squares(fault: Fault) {
    check(&Squares { fault, asked: AtomicUsize::new(0) }, |&square| square);
}

#[test]
fn nothing_in_a_correct_functor() {
    check_squares(Fault::None);
}

#[test]
#[should_panic(expected = "items() was 5, and is 6 after items were asked for")]
fn a_length_that_changes() {
    check_squares(Fault::LengthChanges);
}

#[test]
#[should_panic(expected = "item 0, asked first of a state, is 5, but a new state that is asked once gives 0")]
fn a_cursor_that_all_states_share() {
    check_squares(Fault::SharedCursor);
}

#[test]
#[should_panic(expected = "item 1, asked after item 0 of one state, is 2, but a new state that is asked once gives 1")]
fn a_cursor_in_the_state() {
    check_squares(Fault::CursorInState);
}

#[test]
#[should_panic(expected = "item 2, asked after item 1 of one state, is 5, but")]
fn a_buffer_that_is_not_cleared() {
    check_squares(Fault::BufferNotCleared);
}

#[test]
#[should_panic(expected = "visit(0..1) gave 0 items and not 1")]
fn a_visit_that_skips_the_last() {
    check_squares(Fault::VisitSkipsLast);
}

#[test]
#[should_panic(expected = "visit(0..1) gave 0 items and not 1")]
fn a_visit_that_skips_the_first() {
    check_squares(Fault::VisitSkipsFirst);
}

#[test]
#[should_panic(expected = "visit(0..1) gave another item after the 1 of its share")]
fn a_visit_that_repeats() {
    check_squares(Fault::VisitRepeats);
}

#[test]
#[should_panic(expected = "item 0, as number 1 of visit(0..2), is 1, but")]
fn a_visit_that_descends() {
    check_squares(Fault::VisitDescends);
}

#[test]
#[should_panic(expected = "item 1, as number 1 of visit(1..2), is 0, but")]
fn a_visit_that_starts_at_zero() {
    check_squares(Fault::VisitStartsAtZero);
}

#[test]
#[should_panic(expected = "visit(0..2) gave another item after it was told to break at its item number 1")]
fn a_visit_that_ignores_a_break() {
    check_squares(Fault::VisitIgnoresBreak);
}

#[test]
#[should_panic(expected = "visit(0..0) gave another item after the 0 of its share")]
fn a_visit_of_nothing_that_gives_something() {
    check_squares(Fault::VisitRunsOn);
}

#[test]
#[should_panic(expected = "item(3) is an error: frame 3 is truncated")]
fn an_item_that_fails() {
    check_squares(Fault::ItemFails);
}

#[test]
#[should_panic(expected = "state() is an error: no such file")]
fn a_state_that_fails() {
    check_squares(Fault::StateFails);
}

#[test]
fn nothing_in_a_state_that_is_bound_to_its_thread() {
    struct Counter;

    impl<'a> Items<'a> for Counter {
        type Item = usize;
    }

    impl Functor for Counter {
        type State = std::rc::Rc<Cell<usize>>;

        fn items(&self) -> Result<usize> {
            Ok(3)
        }

        fn state(&self) -> Result<Self::State> {
            Ok(Self::State::default())
        }

        fn item<'a>(&'a self, state: &'a mut Self::State, index: usize) -> Result<usize> {
            state.set(index);
            Ok(state.get())
        }
    }

    check(&Counter, |index| index);
}
