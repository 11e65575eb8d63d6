//! The default context: the one that `pasha::map` and `pasha::alloc` use.

use std::sync::{PoisonError, RwLock};

use super::Context;
use crate::array::{self, Builder, Element, Like, SharedArray};
use crate::error::{Error, ErrorKind, Result};

static DEFAULT: RwLock<Option<Context>> = RwLock::new(None);

/// The environment variable that names the default context.
const VARIABLE: &str = "PASHA_CONTEXT";

/// The context used where none is named: the one that was set last, else the one that the environment variable `PASHA_CONTEXT` names
/// (`serial`, `threads`, `threads:N`, `processes`, `processes:N`), else processes, as many as there are processors.
///
/// It is made when it is asked for first, and kept.
///
/// # Errors
///
/// [`ErrorKind::Argument`] if `PASHA_CONTEXT` names no context.
pub fn default_context() -> Result<Context> {
    if let Some(context) = &*DEFAULT.read().unwrap_or_else(PoisonError::into_inner) {
        return Ok(context.clone());
    }
    let context = match std::env::var_os(VARIABLE).filter(|word| !word.is_empty()) {
        None => Context::processes().build()?,
        Some(word) => word.to_string_lossy().parse().map_err(|cause: Error| {
            Error::new(ErrorKind::Argument, format!("the environment variable {VARIABLE}: {cause}"))
        })?,
    };
    Ok(DEFAULT.write().unwrap_or_else(PoisonError::into_inner).get_or_insert(context).clone())
}

/// Replaces the default context.
///
/// ```
/// pasha::set_default_context("threads:2".parse()?);
/// assert_eq!(pasha::default_context()?.workers(), 2);
/// # Ok::<(), pasha::Error>(())
/// ```
pub fn set_default_context(context: Context) {
    let old = DEFAULT.write().unwrap_or_else(PoisonError::into_inner).replace(context);
    // Outside of the lock: dropping a thread context waits for its threads.
    drop(old);
}

/// Begins an array that the workers of the default context can write. See [`Builder`].
pub fn alloc<T: Element>() -> Builder<T> {
    Builder::new(default_context())
}

/// An array of zeros with the element type, shape and order of another array, slice or vector, for the default context.
///
/// # Errors
///
/// As [`Context::alloc_like`] and [`default_context`].
pub fn alloc_like<L: Like + ?Sized>(other: &L) -> Result<SharedArray<L::Elem, L::Dim>> {
    array::alloc_like(default_context(), other)
}
