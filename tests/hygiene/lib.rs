//! Every form of both macros in a crate that makes it hard for them: pasha has another name, there is no prelude, names of the standard
//! library mean something else, and everything that a lint could say is an error.

#![no_implicit_prelude]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unused,
    unreachable_pub,
    unused_qualifications,
    unused_lifetimes,
    single_use_lifetimes,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    nonstandard_style,
    future_incompatible,
    keyword_idents,
    non_ascii_idents,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    clippy::all,
    clippy::pedantic
)]
// The `unsafe` with which a derived functor vouches for itself is not this crate's: no lint looks into the macros of another.
#![forbid(unsafe_code)]

pub mod functors;
pub mod kernels;
mod shadows;

#[cfg(test)]
mod test;
