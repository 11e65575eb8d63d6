//! The watchdog: a test that hangs is ended with its name, and with where it hangs. It is a signal, because a thread would keep the program from forking.

#![allow(unsafe_code)]

use std::backtrace::Backtrace;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::alarm;

use super::whereabouts::{say, say_text};

/// Far more than any case takes.
const SECONDS: u32 = 60;

/// More than a backtrace takes.
const LAST_SECONDS: u32 = 10;

static NAME: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Watches over what is done until it is dropped.
#[derive(Debug)]
pub struct Watch(());

impl Watch {
    /// Gives a test far more time than it takes.
    pub fn over(name: &'static str) -> Self {
        Self::for_seconds(name, SECONDS)
    }

    /// Gives a test some seconds.
    pub fn for_seconds(name: &'static str, seconds: u32) -> Self {
        LENGTH.store(0, SeqCst);
        NAME.store(name.as_ptr().cast_mut(), SeqCst);
        LENGTH.store(name.len(), SeqCst);
        // The signal may come again in the handler, and must then end the program.
        let flags = SaFlags::SA_NODEFER | SaFlags::SA_RESETHAND;
        let handler = SigAction::new(SigHandler::Handler(bark), flags, SigSet::empty());
        // SAFETY: `bark` does only what a handler may: it loads atomics, asks the system, and aborts; but for its last words, see there.
        unsafe { sigaction(Signal::SIGALRM, &handler) }.expect("SIGALRM can be handled");
        alarm::set(seconds);
        Self(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        alarm::cancel();
    }
}

extern "C" fn bark(_signal: libc::c_int) {
    // Should something below hang in turn.
    alarm::set(LAST_SECONDS);
    say_text("\nthis test hangs: ");
    say_text(name());
    say_text("\n");
    say();
    // This allocates. If who was interrupted holds the allocator's lock, the signal ends the program, after all else was said.
    say_text("the thread that was interrupted:\n");
    say_text(&Backtrace::force_capture().to_string());
    // SAFETY: it may be called in a handler.
    unsafe { libc::abort() }
}

fn name() -> &'static str {
    let (start, length) = (NAME.load(SeqCst).cast_const(), LENGTH.load(SeqCst));
    // SAFETY: a handler is set after both are, and they are those of a string that lives for ever; a length of 0 is that of any string.
    let bytes = unsafe { std::slice::from_raw_parts(start, length) };
    // SAFETY: as above.
    unsafe { std::str::from_utf8_unchecked(bytes) }
}
