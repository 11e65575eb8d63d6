//! Signals in a worker process: the defaults where the host had handlers, and the address of a fault.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::Relaxed};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};

use crate::death::CauseOfDeath;

/// Where the handler leaves the address.
static FAULT: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());

/// What was done about these signals before.
static BEFORE_SEGV: OnceLock<SigAction> = OnceLock::new();
static BEFORE_BUS: OnceLock<SigAction> = OnceLock::new();

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

/// Whether a process may have died of a fault.
pub(crate) fn is_fault(cause: CauseOfDeath) -> bool {
    match cause {
        CauseOfDeath::Signal(number) => number == Signal::SIGSEGV as i32 || number == Signal::SIGBUS as i32,
        CauseOfDeath::Unknown => true,
        _ => false,
    }
}

/// Whether this is the signal by which the system ends a process for want of memory.
pub(crate) fn is_kill(number: i32) -> bool {
    number == Signal::SIGKILL as i32
}

/// Has the address of a SIGSEGV or SIGBUS, plus 1, written to `fault`. What the host does about these signals is done all the same: they may be no
/// mistake, for runtimes that use them.
///
/// # Safety
///
/// `fault` stays where it is until this process ends.
pub(super) unsafe fn record_faults(fault: &AtomicU64) {
    FAULT.store(std::ptr::from_ref(fault).cast_mut(), Relaxed);
    let flags = SaFlags::SA_SIGINFO | SaFlags::SA_ONSTACK | SaFlags::SA_NODEFER;
    let handler = SigAction::new(SigHandler::SigAction(record), flags, SigSet::empty());
    for (signal, before) in [(Signal::SIGSEGV, &BEFORE_SEGV), (Signal::SIGBUS, &BEFORE_BUS)] {
        // SAFETY: `record` does only what is allowed in a handler: it stores to an atomic, calls the handler before it, and sets a disposition.
        if let Ok(old) = unsafe { sigaction(signal, &handler) } {
            let _ = before.set(old);
        }
    }
}

/// Passes the signal on. Where nobody handled it before, the disposition is the default again when this returns, and the faulting instruction runs once
/// more: the worker ends by the signal that it would have got without us.
extern "C" fn record(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: with SA_SIGINFO the system passes a valid pointer.
    let about = unsafe { &*info };
    let from_system = about.si_code > 0;
    // SAFETY: the pointer is null, or to an atomic that stays until the end of this process (`record_faults`).
    let fault = unsafe { FAULT.load(Relaxed).as_ref() };
    if let (true, Some(fault)) = (from_system, fault) {
        // SAFETY: both signals carry an address when the system sends them.
        let address = unsafe { about.si_addr() };
        fault.store(address.addr() as u64 + 1, Relaxed);
    }
    let before = if signal == libc::SIGBUS { &BEFORE_BUS } else { &BEFORE_SEGV };
    match before.get().map(SigAction::handler) {
        Some(SigHandler::SigAction(handler)) if from_system => handler(signal, info, context),
        Some(SigHandler::Handler(handler)) if from_system => handler(signal),
        // One that was sent is meant to end the worker: a handler that expects the fault to come again would let it live.
        _ => {
            let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
            if let Ok(signal) = Signal::try_from(signal) {
                // SAFETY: the default disposition runs no code.
                let _ = unsafe { sigaction(signal, &default) };
                if !from_system {
                    // Sent by somebody: nothing will fault again.
                    let _ = raise(signal);
                }
            }
        }
    }
}
