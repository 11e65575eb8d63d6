//! The operating system and its threads: the only place that names `nix`, `rustix` or `libc`.
//!
//! | file | what it does unsafely | why it may |
//! |---|---|---|
//! | `mapped.rs` | maps a file | read-only and private; who cuts the file off ends the reader, as documented |
//! | `memory.rs` | allocates, maps, protects | owns each mapping, for as long as anybody can reach it |
//! | `pages.rs` | maps, advises | a place of its own; advice changes no contents |
//! | `process.rs` | forks, flushes C's streams, leaves by `_exit` | the host has one thread, or its user has promised more (`permit.rs`) |
//! | `handoff.rs` | sends a counted pointer through an atomic | who swaps it out is the one owner |
//! | `lend.rs` | lends a borrowed call to threads that outlive the borrow | takes it back before the borrow ends |
//! | `permit.rs` | offers the unsafe way to fork beside threads | its user promises what its documentation asks for |
//! | `parcel.rs` | lays values down for other processes, and takes them up there | they have no pointers but into the reserve, or were made from such |
//! | `reserve.rs` | maps and protects the range that all see at one address | as `memory.rs`; blocks have one owner |
//! | `words.rs` | sees shared memory as words | all of them are atomics, for which any bytes are a value |
//! | `signals.rs` | handles faults in a worker | the handler stores to an atomic and calls the one before it |
//!
//! Types go out of here, not numbers: [`process::Child`], [`memory::Memory`].

#![allow(unsafe_code)]

pub(crate) mod futex;
pub(crate) mod handoff;
pub(crate) mod lend;
#[cfg(feature = "npy")]
pub(crate) mod mapped;
pub(crate) mod memory;
pub(crate) mod oom;
pub(crate) mod pages;
pub(crate) mod parcel;
pub(crate) mod permit;
pub(crate) mod process;
pub(crate) mod reserve;
pub(crate) mod signals;
pub(crate) mod text;
pub(crate) mod words;
