//! What threads of a map use to meet, and to pass time: the standard library's, or loom's, which tries the orders in which they can.

#[cfg(not(all(loom, test)))]
pub(crate) use std::{
    hint::spin_loop,
    sync::atomic::{AtomicPtr, AtomicU8, AtomicU64},
    thread::{Thread, current, park_timeout, sleep, yield_now},
};

#[cfg(all(loom, test))]
pub(crate) use loom::{
    hint::spin_loop,
    sync::atomic::{AtomicPtr, AtomicU8, AtomicU64},
    thread::{Thread, current, yield_now},
};

/// Time does not pass in a model: others come on.
#[cfg(all(loom, test))]
pub(crate) fn sleep(_duration: std::time::Duration) {
    yield_now();
}

/// As [`sleep`]: the end of a nap.
#[cfg(all(loom, test))]
pub(crate) fn park_timeout(_duration: std::time::Duration) {
    yield_now();
}
