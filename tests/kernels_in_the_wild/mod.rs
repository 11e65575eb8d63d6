//! Kernels of the kinds that users of Python pasha write, each held against a plain loop.
//!
//! | property | where |
//! |---|---|
//! | own row by index | `digitizer`, `roi` |
//! | own range by offsets | `timepix`, `xpcs` (along axis 1) |
//! | several outputs, of mixed types and shapes | all |
//! | NaN before, written conditionally | `digitizer`, `roi` |
//! | optional output | `timepix`, `roi` |
//! | scratch of a worker | `digitizer`, `xpcs` |
//! | accumulators of a worker | `powder` |
//! | a row handed on to a callee | `digitizer`, `xpcs` |
//! | input: list, array, values of a source by train, several sources by train | `digitizer`, `xpcs`, `roi`, `timepix` and `powder` |

mod digitizer;
mod noise;
mod powder;
mod roi;
mod timepix;
mod xpcs;

use crate::support::Case;

/// All of them.
pub fn suites() -> [&'static [Case]; 5] {
    [digitizer::CASES, timepix::CASES, roi::CASES, xpcs::CASES, powder::CASES]
}
