//! What holds in every context.

use crate::support::Case;

mod arrays;
pub mod deadlines;
pub mod deaths;
mod derived;
mod failures;
pub mod forks;
mod functor_failures;
pub mod host_left_alone;
mod how_many;
mod items;
mod nested;
mod out;
mod param;
mod per_worker;
mod ranges;
pub mod recovery;
mod reduce;
mod refusals;
mod report;
mod returns;
mod schedules;
mod scratch;
pub mod threads;

/// All cases, by what they are about.
pub fn suites() -> Vec<&'static [Case]> {
    vec![
        arrays::CASES,
        out::CASES,
        ranges::CASES,
        per_worker::CASES,
        reduce::CASES,
        scratch::CASES,
        param::CASES,
        items::CASES,
        derived::CASES,
        returns::CASES,
        how_many::CASES,
        schedules::CASES,
        nested::CASES,
        report::CASES,
        failures::CASES,
        functor_failures::CASES,
        refusals::CASES,
    ]
}
