//! Running code of the user: a panic becomes a failure.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::context::job::{Cause, Failure};

/// Runs code of the user. A panic becomes a failure at `place`.
pub(super) fn attempt<T>(place: &Cell<Option<usize>>, run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|payload| Err(Failure::new(Cause::Panic, place.get(), text_of(payload))))
}

/// Drops what the user's code made. A panic then belongs to no index.
pub(super) fn attempt_drop<T>(made: T) -> Result<(), Failure> {
    attempt(&Cell::new(None), || {
        drop(made);
        Ok(())
    })
}

/// The text of a panic.
pub(super) fn text_of(payload: Box<dyn Any + Send>) -> String {
    let payload = match payload.downcast::<String>() {
        Ok(text) => return *text,
        Err(payload) => payload,
    };
    match payload.downcast::<&str>() {
        Ok(text) => (*text).to_owned(),
        Err(payload) => {
            // Its own drop could panic in turn.
            std::mem::forget(payload);
            "the panic carries no text".to_owned()
        }
    }
}
