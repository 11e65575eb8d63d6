//! Sleeping until a word changes, across processes.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rustix::thread::futex::{Flags, wait, wake};

/// Sleeps while the word is `seen`, until it is woken, or for so long at most. May return early.
pub(crate) fn sleep_while(word: &AtomicU32, seen: u32, patience: Option<Duration>) {
    let patience = patience.and_then(|patience| patience.try_into().ok());
    // Whoever comes back looks again: changed, interrupted and late are all the same.
    let _ = wait(word, Flags::empty(), seen, patience.as_ref());
}

/// Wakes all who sleep on the word, in whatever process.
pub(crate) fn wake_all(word: &AtomicU32) {
    let _ = wake(word, Flags::empty(), i32::MAX.cast_unsigned());
}
