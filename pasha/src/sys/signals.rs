//! Signals in a worker process: the defaults where the host had handlers, and the address of a fault.

use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::Relaxed};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};

/// Where the handler leaves the address.
static FAULT: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());

/// Gives the signals that end or bury a program back to the system: a handler of the host is not meant for its workers.
pub(super) fn defaults() {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGCHLD] {
        // SAFETY: the default disposition runs no code of ours.
        let _ = unsafe { sigaction(signal, &default) };
    }
    // A worker is not in the foreground group of the terminal: it may write there, and gets an error where it would read, but is not stopped.
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGTTIN, Signal::SIGTTOU] {
        // SAFETY: an ignored signal runs no code.
        let _ = unsafe { sigaction(signal, &ignore) };
    }
}

/// `SIGSEGV`, `SIGKILL`, or the number of a signal that has no name.
pub(crate) fn signal_name(number: i32) -> String {
    Signal::try_from(number).map_or_else(|_| format!("signal {number}"), |signal| signal.to_string())
}

/// Whether this is the signal by which the system ends a process for want of memory.
pub(crate) fn is_kill(number: i32) -> bool {
    number == Signal::SIGKILL as i32
}

/// Has the address of a SIGSEGV or SIGBUS, plus 1, written to `fault` before it ends this worker.
///
/// # Safety
///
/// `fault` stays where it is until this process ends.
pub(super) unsafe fn record_faults(fault: &AtomicU64) {
    FAULT.store(std::ptr::from_ref(fault).cast_mut(), Relaxed);
    let flags = SaFlags::SA_SIGINFO | SaFlags::SA_RESETHAND | SaFlags::SA_ONSTACK;
    let handler = SigAction::new(SigHandler::SigAction(record), flags, SigSet::empty());
    for signal in [Signal::SIGSEGV, Signal::SIGBUS] {
        // SAFETY: `record` does only what is allowed in a handler: it stores to an atomic, and raises.
        let _ = unsafe { sigaction(signal, &handler) };
    }
}

/// The disposition is the default again when this returns, and the faulting instruction runs once more: the worker ends by the signal that
/// it would have got without us.
extern "C" fn record(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: with SA_SIGINFO the system passes a valid pointer.
    let info = unsafe { &*info };
    if info.si_code <= 0 {
        // Sent by somebody: nothing will fault again.
        let _ = Signal::try_from(signal).map(raise);
        return;
    }
    // SAFETY: both signals carry an address.
    let address = unsafe { info.si_addr() };
    // SAFETY: the pointer is null, or to an atomic that stays until the end of this process (`record_faults`).
    if let Some(fault) = unsafe { FAULT.load(Relaxed).as_ref() } {
        fault.store(address.addr() as u64 + 1, Relaxed);
    }
}
