//! Hooks: moments in the life of a share at which a test may end the worker, and the clock by which it learns what items cost. Compiled in by the
//! feature `__hooks` only.

#![cfg_attr(not(feature = "__hooks"), allow(unreachable_pub))]

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Point {
    /// Before a share is claimed.
    Claim,
    /// Half of another worker's range is taken from it, and not put anywhere yet.
    Stolen,
    /// A share is claimed, and not noted anywhere yet.
    Claimed,
    /// The kernel has returned, and its item is not noted as done yet.
    Called,
    /// All items of a share are noted as done, and the worker still seems to be at it.
    Noted,
    /// The worker is at no item any more, and has not counted those of its share.
    Left,
}

#[cfg(feature = "__hooks")]
mod set {
    use std::sync::{PoisonError, RwLock};

    use super::Point;

    /// Called with the moment and the id of the worker.
    type Hook = fn(Point, usize);

    static HOOK: RwLock<Option<Hook>> = RwLock::new(None);
    static HASTE: RwLock<Option<fn() -> bool>> = RwLock::new(None);

    /// Has every worker of a map from now on call `hook` with the moment and its worker id.
    pub fn set(hook: Option<Hook>) {
        *HOOK.write().unwrap_or_else(PoisonError::into_inner) = hook;
    }

    /// Has items take no time, as it seems to workers, while `haste` says so.
    pub fn set_haste(haste: Option<fn() -> bool>) {
        *HASTE.write().unwrap_or_else(PoisonError::into_inner) = haste;
    }

    pub(crate) fn is_in_haste() -> bool {
        let haste = *HASTE.read().unwrap_or_else(PoisonError::into_inner);
        haste.is_some_and(|haste| haste())
    }

    pub(crate) fn reach(point: Point, worker: usize) {
        let hook = *HOOK.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(hook) = hook {
            hook(point, worker);
        }
    }
}

#[cfg(feature = "__hooks")]
pub use set::{set, set_haste};

#[cfg(feature = "__hooks")]
pub(crate) use set::{is_in_haste, reach};

#[cfg(not(feature = "__hooks"))]
#[inline(always)]
pub(crate) fn reach(_point: Point, _worker: usize) {}

#[cfg(not(feature = "__hooks"))]
#[inline(always)]
pub(crate) fn is_in_haste() -> bool {
    false
}
