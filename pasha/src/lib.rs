#![doc = include_str!("../README.md")]
#![doc(test(attr(deny(warnings))))]
#![doc(test(attr(allow(dead_code, unused_variables))))]
//!
//! # The way of the data
//!
//! ```text
//!  kernel { out: &mut array, … }          functor (&frames, 0..n, zip(…), a file)
//!            │ bind                                  │ how many items?
//!            ▼                                       ▼
//!          Binds ── check: shapes, who sees what ── map::run ── a job, and a plan of the shares
//!                                                    │
//!                          context: a crew brings workers to life (caller, threads, processes), or calls those that wait
//!                                                    │
//!      worker 0          worker 1          worker 2  ▼
//!      claim a share, visit its items, call the kernel ──► its slots of the arrays
//!                                                    │
//!          fold accumulators, report, or the one error ◄┘
//! ```
//!
//! Results travel through arrays only; workers report nothing but progress and failure.

mod array;
mod context;
mod death;
mod error;
#[cfg(feature = "euxfel")]
pub mod euxfel;
pub mod functor;
mod hooks;
pub mod kernel;
mod map;
#[cfg(feature = "npy")]
pub mod npy;
mod report;
mod share;
mod sys;

#[doc(hidden)]
pub mod __private;

pub use array::{Builder, Element, Like, Order, PerWorkerAxis, Ranges, Shape, Shared, SharedArray, Slot, Unset};
pub use context::{
    ByProcesses, ByThreads, Context, ContextBuilder, alloc, alloc_like, default_context, init, set_default_context,
};
pub use death::{CauseOfDeath, Death, OnDeath};
pub use error::{Error, ErrorKind, Result};
pub use functor::{Functor, along, chunks, zip};
pub use kernel::Kernel;
pub use map::{collect, map};
pub use ndarray::{Axis, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};
pub use pasha_macros::{Functor, kernel};
pub use report::{Report, WorkerReport};
pub use share::Schedule;

/// What most programs use: `use pasha::prelude::*;`
pub mod prelude {
    pub use crate::{Axis, Context, Functor, OnDeath, Order, Schedule, SharedArray, along, chunks, zip};
}
