//! The outbox of a worker process: how its part ended, in words that the host reads after its end.

use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::context::job::{Cause, Failure};

/// Words of an outbox: the first few as named below, then the text of a failure.
pub(super) const WORDS: usize = 1024;

/// How the part ended; 0 while it has not.
const STATE: usize = 0;
/// One more than the index of the failure; 0 for none.
const INDEX: usize = 1;
/// One more than the address of a fault; 0 for none.
const FAULT: usize = 2;
/// Bytes of text.
const LEN: usize = 3;
const TEXT: usize = 4;

const DONE: u64 = 1;
const KERNEL: u64 = 2;
const PANIC: u64 = 3;
const FUNCTOR: u64 = 4;
const SYSTEM: u64 = 5;
const DEADLINE: u64 = 6;

/// Written by one worker once, read by the host.
#[derive(Clone, Copy)]
pub(super) struct Outbox<'m>(pub(super) &'m [AtomicU64; WORDS]);

impl<'m> Outbox<'m> {
    /// Makes it ready for a worker, when no other writes it any more.
    pub(super) fn empty(self) {
        for word in [STATE, INDEX, FAULT, LEN] {
            self.0[word].store(0, Relaxed);
        }
    }

    /// Says how the part ended. Whatever the worker wrote before can be read by who sees this.
    pub(super) fn end(self, outcome: Result<(), Failure>) {
        let state = match outcome {
            Ok(()) => DONE,
            Err(Failure { cause, index, message }) => {
                self.0[INDEX].store(index.map_or(0, |index| index as u64 + 1), Relaxed);
                self.write(&message);
                match cause {
                    Cause::Kernel => KERNEL,
                    Cause::Panic => PANIC,
                    Cause::Functor => FUNCTOR,
                    Cause::System => SYSTEM,
                    Cause::Deadline => DEADLINE,
                }
            }
        };
        self.0[STATE].store(state, Release);
    }

    /// How the part ended, if the worker came to say so.
    pub(super) fn ended(self) -> Option<Result<(), Failure>> {
        let cause = match self.0[STATE].load(Acquire) {
            DONE => return Some(Ok(())),
            KERNEL => Cause::Kernel,
            PANIC => Cause::Panic,
            FUNCTOR => Cause::Functor,
            SYSTEM => Cause::System,
            DEADLINE => Cause::Deadline,
            _ => return None,
        };
        let index = self.0[INDEX].load(Relaxed).checked_sub(1).map(|index| index as usize);
        Some(Err(Failure { cause, index, message: self.read() }))
    }

    /// Where the address of a fault is left.
    pub(super) fn fault_word(self) -> &'m AtomicU64 {
        &self.0[FAULT]
    }

    /// The address of the fault that ended the worker, if one did.
    pub(super) fn fault(self) -> Option<usize> {
        (self.0[FAULT].load(Relaxed) as usize).checked_sub(1)
    }

    /// What is too long is cut.
    fn write(self, message: &str) {
        let text = &self.0[TEXT..];
        let len = message.floor_char_boundary(text.len() * 8);
        for (word, bytes) in text.iter().zip(message.as_bytes()[..len].chunks(8)) {
            let mut value = [0; 8];
            value[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_ne_bytes(value), Relaxed);
        }
        self.0[LEN].store(len as u64, Relaxed);
    }

    fn read(self) -> String {
        let bytes: Vec<u8> = self.0[TEXT..].iter().flat_map(|word| word.load(Relaxed).to_ne_bytes()).collect();
        let len = (self.0[LEN].load(Relaxed) as usize).min(bytes.len());
        String::from_utf8_lossy(&bytes[..len]).into_owned()
    }
}

#[cfg(test)]
mod test {
    use super::*;

    fn words() -> Box<[AtomicU64; WORDS]> {
        Box::new([const { AtomicU64::new(0) }; WORDS])
    }

    #[test]
    fn an_outbox_that_was_not_written_has_no_end() {
        assert!(Outbox(&words()).ended().is_none());
    }

    #[test]
    fn a_failure_comes_out_as_it_went_in() {
        for cause in [Cause::Kernel, Cause::Panic, Cause::Functor, Cause::System] {
            for (index, message) in [(Some(0), ""), (None, "ünïcode"), (Some(usize::MAX >> 1), "exactly sixteen!")] {
                let words = words();
                Outbox(&words).end(Err(Failure::new(cause, index, message.to_owned())));
                let failure = Outbox(&words).ended().expect("it ended").expect_err("it failed");
                assert_eq!((failure.cause, failure.index, &*failure.message), (cause, index, message));
            }
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_between_characters() {
        let words = words();
        let long = "ä".repeat(WORDS * 8);
        Outbox(&words).end(Err(Failure { cause: Cause::Kernel, index: None, message: format!("x{long}") }));
        let failure = Outbox(&words).ended().expect("it ended").expect_err("it failed");
        assert!(failure.message.len() > (WORDS - TEXT) * 8 - 2 && failure.message.ends_with('ä'));
    }
}
