//! Shares: which worker does which indices. Even split, claiming, stealing; plain atomics, no memory and no system calls of its own.
//!
//! Every index of a map is given out once. The even part of each worker lies packed in its claim word, in units of a few items; the worker takes
//! runs from its front by compare-and-swap. Under [`Schedule::Dynamic`], who runs dry takes the back half of the fullest word of another.
//! A word says all there is to know about its range (`lo..hi`, both 32 bits), so that a swap that succeeds is right whatever happened in
//! between.
//!
//! | file | noun |
//! |---|---|
//! | `plan.rs` | what a map is about to do |
//! | `board.rs` | the words of all workers; what a host reads from them |
//! | `ledger.rs` | which units are done, for a host that may lose workers |
//! | `lease.rs` | the right to work under one id: claiming, stealing, giving back |
//! | `turn.rs` | a run of indices, and one call |
//! | `pace.rs`, `wait.rs` | how much to claim, how to wait |
//!
//! [`Share`], [`Turn`] and [`Lease`] cannot be made outside this folder, copied (but for a turn's own lifetime) or kept. The disjoint writes of
//! `array/` rest on just that: a turn is the only live one for its index and for its worker in its map. Nothing in the types ties a turn to its
//! map; `map.rs` does, which asks a binding for one worker's things once a lease and uses them with turns of that lease only.
//!
//! A crew that knows that a worker process is gone may have an index given out again ([`Board::bury`]): then nobody holds the turns of its lease.

mod board;
mod lease;
mod ledger;
#[cfg(all(loom, test))]
mod model;
mod pace;
mod plan;
pub(crate) mod sync;
#[cfg(test)]
mod test;
mod turn;
mod wait;

pub(crate) use board::{Board, Grave, Head, Post, Runs};
pub(crate) use lease::Lease;
pub(crate) use ledger::Ledger;
pub(crate) use pace::Pace;
pub use plan::Schedule;
pub(crate) use plan::{Limits, Plan, Trace};
pub(crate) use sync::AtomicU64 as Word;
pub(crate) use turn::{Share, Turn};
