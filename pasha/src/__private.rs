//! What the macros name. Not for use by hand, and not kept stable.

pub use ndarray::{ArrayViewMut, Axis, Dimension, IntoDimension as Shape, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};

pub use crate::array::{Builder, Element, PerWorkerAxis, Ranges, SharedArray, Slot, Unset};
pub use crate::context::Context;
pub use crate::error::Result;
pub use crate::functor::{
    AxisFunctor, Derived, Either, Functor, Item, Items, Part, PartAlong, Rest, agree, boxed, state_of_another_variant,
};
pub use crate::kernel::{
    Fold, Given, Kernel, Lent, Max, Min, Out, OutRanges, Param, Passage, PerWorker, Plain, Reduce, Scratch, Slots, Sum,
    Takes, Way, With,
};
pub use crate::sys::parcel::{Packed, Parcel};

/// The field of an `#[out]` parameter whose type the macro cannot see through.
pub type OutField<'k, S> = &'k mut SharedArray<<S as Slot>::Elem, <<S as Slot>::Dim as Dimension>::Larger>;

/// Moments at which tests end workers.
#[cfg(feature = "__hooks")]
pub mod hooks {
    pub use crate::hooks::{Point, set, set_haste};
}
