//! Maps inside maps: a thread knows while it works for one.

use std::cell::Cell;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// This thread works for a map until this is dropped.
#[derive(Debug)]
pub(crate) struct Inside(());

/// Whether this thread works for a map.
pub(crate) fn is_inside() -> bool {
    DEPTH.get() > 0
}

impl Inside {
    pub(crate) fn enter() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}
