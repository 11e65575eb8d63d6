//! The watchdog: a test that hangs is ended with its name. It is a signal, because a thread would keep the program from forking.

#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::alarm;

/// Far more than any case takes.
const SECONDS: u32 = 60;

static NAME: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Watches over what is done until it is dropped.
#[derive(Debug)]
pub(super) struct Watch(());

impl Watch {
    pub(super) fn over(name: &'static str) -> Self {
        LENGTH.store(0, SeqCst);
        NAME.store(name.as_ptr().cast_mut(), SeqCst);
        LENGTH.store(name.len(), SeqCst);
        let handler = SigAction::new(SigHandler::Handler(bark), SaFlags::empty(), SigSet::empty());
        // SAFETY: `bark` does only what a handler may: it loads atomics, writes to a descriptor, and aborts.
        unsafe { sigaction(Signal::SIGALRM, &handler) }.expect("SIGALRM can be handled");
        alarm::set(SECONDS);
        Self(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        alarm::cancel();
    }
}

extern "C" fn bark(_signal: libc::c_int) {
    const BEFORE: &[u8] = b"\nthis test hangs: ";
    for (start, length) in [(BEFORE.as_ptr(), BEFORE.len()), (NAME.load(SeqCst).cast_const(), LENGTH.load(SeqCst))] {
        // SAFETY: both are strings that live for ever.
        unsafe { libc::write(2, start.cast(), length) };
    }
    // SAFETY: it may be called in a handler.
    unsafe { libc::abort() }
}
