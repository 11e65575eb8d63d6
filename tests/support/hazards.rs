//! What safe programs cannot do, for kernels that must come to grief.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::fs::{self, File};
use std::io::Write;
use std::num::NonZeroUsize;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::SeqCst};

use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction, signal};
use pasha::{ByProcesses, Context, ContextBuilder};

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

/// Ends this process without running anything that waits for its end.
pub fn leave(code: i32) -> ! {
    // SAFETY: it does nothing but end the process.
    unsafe { libc::_exit(code) }
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
    beside_threads(Context::processes().workers(workers)).build().expect("a context of a few workers can be made")
}

/// Lets a process context fork beside other threads.
pub fn beside_threads(builder: ContextBuilder<ByProcesses>) -> ContextBuilder<ByProcesses> {
    // SAFETY: for tests whose kernels compute, or come to grief within a deadline, and whose other threads write no shared array.
    unsafe { builder.beside_threads() }
}

/// Counts signals, each in the counter of its number, until what is returned is dropped: in this process, and in those that inherit the handler.
pub fn count_signals(signals: &[Signal], counters: &Counters) -> impl Drop {
    struct Handlers(Vec<Signal>);

    impl Drop for Handlers {
        fn drop(&mut self) {
            for signal in &self.0 {
                // SAFETY: the default disposition runs no code.
                let _ = unsafe {
                    sigaction(*signal, &SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty()))
                };
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

/// A temporary file in memory of this process, which can be cut short under its readers.
#[derive(Debug)]
pub struct MappedFile {
    file: File,
    start: ptr::NonNull<u8>,
    len: NonZeroUsize,
}

impl MappedFile {
    /// A file of so many ones.
    pub fn of_ones(len: usize) -> Self {
        let path = std::env::temp_dir().join(format!("pasha-tests-{}", std::process::id()));
        let mut file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file can be made");
        fs::remove_file(path).expect("it can be removed while it is open");
        file.write_all(&vec![1; len]).expect("it can be written");
        let len = NonZeroUsize::new(len).expect("it is not empty");
        // SAFETY: the system chooses the place, so that no other mapping is touched.
        let start = unsafe { mmap(None, len, ProtFlags::PROT_READ, MapFlags::MAP_SHARED, &file, 0) };
        Self { file, start: start.expect("it can be mapped").cast(), len }
    }

    /// Makes it empty. The mapping stays.
    pub fn cut(&self) {
        self.file.set_len(0).expect("it can be cut");
    }

    /// The sum of some bytes; who reads what was cut off ends by SIGBUS.
    pub fn sum(&self, range: std::ops::Range<usize>) -> u64 {
        assert!(range.end <= self.len.get());
        let byte = |at| {
            // SAFETY: within the mapping.
            let byte = unsafe { self.start.add(at) };
            // SAFETY: as above; the file is written by nobody, and cutting it ends this process at once.
            u64::from(unsafe { byte.read_volatile() })
        };
        range.map(byte).sum()
    }
}

impl Drop for MappedFile {
    fn drop(&mut self) {
        // SAFETY: mapped with this length, and nobody borrows it any more.
        let _ = unsafe { munmap(self.start.cast(), self.len.get()) };
    }
}

// SAFETY: bytes that are only read.
unsafe impl Sync for MappedFile {}
// SAFETY: as above.
unsafe impl Send for MappedFile {}
