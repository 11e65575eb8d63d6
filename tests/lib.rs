//! The behaviour of pasha, written down as cases that run in any context.
//!
//! The test binaries beside this file (`serial.rs`, `threads.rs`, `processes.rs`) run the same cases, each in the contexts it is named
//! after; a test's name is the context, the file and a sentence. What a case says of a context it says of all of them, unless it asks for
//! the [kind](support::Kind).

pub mod conformance;
pub mod kernels_in_the_wild;
pub mod properties;
pub mod support;
pub mod upstream;

/// The cases that every kind of context must pass, by what they are about.
pub fn suites() -> Vec<&'static [support::Case]> {
    let mut suites = conformance::suites();
    suites.push(upstream::suite());
    suites.extend(kernels_in_the_wild::suites());
    suites.push(properties::suite());
    suites
}
