//! What the suites stand on: cases, the settings they run in, and what is looked after around each.

mod belongings;
mod case;
mod counters;
mod driver;
mod hazards;
pub mod kills;
mod roles;
mod session;
mod setting;
mod story;
mod watchdog;
mod whereabouts;

pub(crate) use case::cases;

pub use case::Case;
pub use counters::Counters;
pub use driver::{run, run_once};
pub use hazards::{
    MappedFile, beside_threads, count_signals, ignore, leave, on_exit, print_by_c, processes_beside_threads,
    touch_forbidden_memory,
};
pub use roles::{Role, act, again};
pub use session::Session;
pub use setting::{Kind, Setting};
pub use story::{each, story};
pub use watchdog::Watch;
