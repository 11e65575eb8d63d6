//! The atomics of shares, and ways to pass time: the standard library's, or loom's, which tries the orders in which threads can meet.

#[cfg(not(all(loom, test)))]
pub(crate) use std::sync::atomic::AtomicU64;
#[cfg(not(all(loom, test)))]
pub(super) use std::{
    hint::spin_loop,
    thread::{sleep, yield_now},
};

#[cfg(all(loom, test))]
pub(crate) use loom::sync::atomic::AtomicU64;
#[cfg(all(loom, test))]
pub(super) use loom::{hint::spin_loop, thread::yield_now};

/// Time does not pass in a model: others come on.
#[cfg(all(loom, test))]
pub(super) fn sleep(_duration: std::time::Duration) {
    yield_now();
}
