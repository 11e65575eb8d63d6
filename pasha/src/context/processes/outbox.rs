//! The outbox of a worker process: how its part ended, in words that the host reads after its end.

use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::context::job::{Cause, Failure};

/// Words of eight bytes for the text of a failure; what is longer is cut.
const TEXT: usize = 1024;

/// Written by one worker once, read by the host.
#[repr(C, align(128))]
pub(crate) struct Outbox {
    /// 0 while the worker has not ended its part; see [`Outbox::end`].
    state: AtomicU64,
    /// One more than the index of the failure; 0 for none.
    index: AtomicU64,
    /// One more than the address of a fault; 0 for none.
    fault: AtomicU64,
    /// Bytes of text.
    len: AtomicU64,
    text: [AtomicU64; TEXT],
}

const DONE: u64 = 1;
const KERNEL: u64 = 2;
const PANIC: u64 = 3;
const FUNCTOR: u64 = 4;

impl Outbox {
    /// Says how the part ended. Whatever the worker wrote before can be read by who sees this.
    pub(crate) fn end(&self, outcome: Result<(), Failure>) {
        let state = match outcome {
            Ok(()) => DONE,
            Err(Failure { cause, index, message }) => {
                self.index.store(index.map_or(0, |index| index as u64 + 1), Relaxed);
                self.write(&message);
                match cause {
                    Cause::Kernel => KERNEL,
                    Cause::Panic => PANIC,
                    Cause::Functor => FUNCTOR,
                }
            }
        };
        self.state.store(state, Release);
    }

    /// How the part ended, if the worker came to say so.
    pub(crate) fn ended(&self) -> Option<Result<(), Failure>> {
        let cause = match self.state.load(Acquire) {
            DONE => return Some(Ok(())),
            KERNEL => Cause::Kernel,
            PANIC => Cause::Panic,
            FUNCTOR => Cause::Functor,
            _ => return None,
        };
        let index = self.index.load(Relaxed).checked_sub(1).map(|index| index as usize);
        Some(Err(Failure { cause, index, message: self.read() }))
    }

    /// Where the address of a fault is left.
    pub(crate) fn fault_word(&self) -> &AtomicU64 {
        &self.fault
    }

    /// The address of the fault that ended the worker, if one did.
    pub(crate) fn fault(&self) -> Option<usize> {
        (self.fault.load(Relaxed) as usize).checked_sub(1)
    }

    fn write(&self, message: &str) {
        let mut len = message.len().min(TEXT * 8);
        while !message.is_char_boundary(len) {
            len -= 1;
        }
        for (word, bytes) in self.text.iter().zip(message.as_bytes()[..len].chunks(8)) {
            let mut value = [0; 8];
            value[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_ne_bytes(value), Relaxed);
        }
        self.len.store(len as u64, Relaxed);
    }

    fn read(&self) -> String {
        let bytes: Vec<u8> = self.text.iter().flat_map(|word| word.load(Relaxed).to_ne_bytes()).collect();
        let len = (self.len.load(Relaxed) as usize).min(bytes.len());
        String::from_utf8_lossy(&bytes[..len]).into_owned()
    }
}
