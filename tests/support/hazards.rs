//! What safe programs cannot do, for kernels that must come to grief.

#![allow(unsafe_code)]

use std::num::NonZeroUsize;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use nix::sys::signal::{SigHandler, Signal, signal};
use pasha::Context;

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
