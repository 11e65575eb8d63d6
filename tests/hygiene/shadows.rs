//! Names of the standard library that mean something else in the modules that import all of this.

#![allow(dead_code, missing_debug_implementations, clippy::upper_case_acronyms)]

/// No crate.
pub(crate) mod core {
    /// Not the real one.
    pub(crate) mod ops {}
    /// Not the real one.
    pub(crate) mod option {}
    /// Not the real one.
    pub(crate) mod result {}
    /// Not the real one.
    pub(crate) mod marker {}
}

/// No crate.
pub(crate) mod std {}

/// No crate.
pub(crate) mod alloc {}

/// No crate.
pub(crate) mod pasha {}

macro_rules! types {
    ($($name:ident)*) => {$(
        /// Not the real one.
        pub(crate) struct $name;
    )*};
}

types! {
    Vec String Box Copy Clone Send Sync Sized Fn FnMut FnOnce Iterator Into From Default Drop
    Kernel Takes Binds Out OutRanges PerWorker Reduce Scratch Param Plain Slots Slot Sum Min Max With Element Context Builder SharedArray
    Ranges Functor Items Item AxisFunctor Either Dimension Shared PerWorkerAxis Axis
}

macro_rules! values {
    ($($name:ident)*) => {$(
        /// Not the real one.
        #[allow(non_upper_case_globals)]
        pub(crate) const $name: () = ();
    )*};
}

values! { Some None Ok Err agree drop state_of_another_variant }
