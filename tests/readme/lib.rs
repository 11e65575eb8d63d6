#![doc = include_str!("../../README.md")]
//!
//! Each block above is compiled and run as a program of its own, with one thread, so that it can fork its worker processes.
#![doc(test(attr(deny(warnings))))]
#![doc(test(attr(allow(dead_code, unused_variables))))]

/// The blocks of the README run where processes can be forked: on the only thread of a program.
///
/// ```
/// use pasha::prelude::*;
///
/// #[pasha::kernel]
/// fn pid(_worker_id: usize, _index: usize, _item: u32) -> u32 {
///     std::process::id()
/// }
///
/// let pids = Context::processes().workers(2).build()?.collect(pid {}, 0..2_u32)?;
/// assert!(pids.iter().all(|pid| *pid != std::process::id()));
/// # Ok::<(), pasha::Error>(())
/// ```
pub mod blocks_may_fork {}
