//! What safe programs cannot do, for kernels that must come to grief.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::num::NonZeroUsize;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::SeqCst};

use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction, signal};
use pasha::Context;

use super::Counters;

/// Writes where nobody may, which ends this process by SIGSEGV.
pub fn touch_forbidden_memory() {
    let page = NonZeroUsize::new(4096).expect("a page is not empty");
    // SAFETY: the system chooses the place, so that no other mapping is touched.
    let page = unsafe { mmap_anonymous(None, page, ProtFlags::PROT_NONE, MapFlags::MAP_PRIVATE) };
    let page = page.expect("a page can be had").cast::<u8>();
    // SAFETY: the page belongs to nobody else, and without the right to write this changes nothing but the fate of this process.
    unsafe { page.write_volatile(1) }
}

/// Has this process ignore a signal until what is returned is dropped. Without SIGCHLD, nobody can ask how a child has ended.
pub fn ignore(ignored: Signal) -> impl Drop {
    struct Ignored(Signal);

    impl Drop for Ignored {
        fn drop(&mut self) {
            // SAFETY: the default disposition runs no code.
            let _ = unsafe { signal(self.0, SigHandler::SigDfl) };
        }
    }

    // SAFETY: ignoring a signal runs no code.
    unsafe { signal(ignored, SigHandler::SigIgn) }.expect("it can be ignored");
    Ignored(ignored)
}

/// A process context that may fork beside other threads.
pub fn processes_beside_threads(workers: usize) -> Context {
    let builder = Context::processes().workers(workers);
    // SAFETY: for tests whose kernels compute and whose other threads wait and hold no lock.
    unsafe { builder.beside_threads() }.build().expect("a context of a few workers can be made")
}

/// Counts signals, each in the counter of its number, until what is returned is dropped: in this process, and in those that inherit the handler.
pub fn count_signals(signals: &[Signal], counters: &Counters) -> impl Drop {
    struct Handlers(Vec<Signal>);

    impl Drop for Handlers {
        fn drop(&mut self) {
            for signal in &self.0 {
                // SAFETY: the default disposition runs no code.
                let _ = unsafe { sigaction(*signal, &SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty())) };
            }
            COUNTED.store(ptr::null_mut(), SeqCst);
        }
    }

    static COUNTED: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());

    extern "C" fn count(signal: libc::c_int) {
        let start = COUNTED.load(SeqCst);
        if !start.is_null() {
            // SAFETY: there is a counter for every signal, asserted below, until the handlers are taken away.
            let counter = unsafe { start.add(signal as usize) };
            // SAFETY: as above.
            unsafe { &*counter }.fetch_add(1, SeqCst);
        }
    }

    assert!(counters.len() > 64, "a counter for every signal");
    COUNTED.store(counters.as_ptr().cast_mut(), SeqCst);
    for signal in signals {
        let handler = SigAction::new(SigHandler::Handler(count), SaFlags::empty(), SigSet::empty());
        // SAFETY: the handler loads an atomic and adds to another.
        unsafe { sigaction(*signal, &handler) }.expect("it can be handled");
    }
    Handlers(signals.to_vec())
}

/// Has a function run when this program ends, by the means of C.
pub fn on_exit(run: fn()) {
    static RUN: OnceLock<fn()> = OnceLock::new();

    extern "C" fn at_exit() {
        if let Some(run) = RUN.get() {
            run();
        }
    }

    RUN.set(run).expect("it is asked for once");
    // SAFETY: what runs is Rust that does not unwind.
    assert_eq!(unsafe { libc::atexit(at_exit) }, 0);
}

/// Prints by the buffers of C, without ending a line.
pub fn print_by_c(text: &str) {
    let text = CString::new(text).expect("text without zeros");
    // SAFETY: both are strings of C; the first asks for one more.
    unsafe { libc::printf(c"%s".as_ptr(), text.as_ptr()) };
}
