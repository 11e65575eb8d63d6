//! `#[reduce]`: each worker gathers in a copy of its own, and the copies are folded into the result after the map.

use std::fmt;

use super::binds::{Binds, Terms, sealed};
use crate::array::{Accumulators, Copies, Element, Row, SharedArray, Slot};
use crate::error::Result;
use crate::share::{Lease, Turn};
use crate::sys::memory::Span;
use crate::sys::parcel::{Packed, Parcel};

/// An array that is overwritten by what the workers gathered. Nobody reaches it while the map runs, and it keeps its values on error.
pub struct Reduce<'k, S: Slot, O: Fold<S::Elem>> {
    result: &'k mut SharedArray<S::Elem, S::Dim>,
    name: &'static str,
    fold: O,
    copies: Option<Accumulators<S::Elem, S::Dim>>,
}

/// How two elements become one, for `#[reduce]`.
///
/// Copies are folded in the order of the workers' ids, which are those of ascending indices under
/// [`Schedule::Static`](crate::Schedule::Static): then the result is the same to the bit every time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not defined for elements of type `{T}`",
    label = "no such reduction of `{T}`",
    note = "`sum`, `min` and `max` are defined for numbers; for other types write `#[reduce(with = path, identity = value)]`"
)]
pub trait Fold<T>: Sync {
    /// What changes nothing when it is folded in; accumulators begin with it.
    fn identity(&self) -> T;

    /// Folds `part` into `total`.
    fn fold(&self, total: &mut T, part: &T);
}

/// `#[reduce(sum)]`: addition, from 0. Integers wrap on overflow in release builds and panic in debug builds, as `+=` does.
#[derive(Clone, Copy, Debug)]
pub struct Sum;

/// `#[reduce(min)]`: the smaller one, from the largest value of the type (infinity for floats). NaN is passed over.
#[derive(Clone, Copy, Debug)]
pub struct Min;

/// `#[reduce(max)]`: the larger one, from the smallest value of the type (minus infinity for floats). NaN is passed over.
#[derive(Clone, Copy, Debug)]
pub struct Max;

/// `#[reduce(with = path, identity = value)]`: a function `fn(&mut T, &T)`.
#[derive(Clone, Copy, Debug)]
pub struct With<T> {
    identity: T,
    fold: fn(&mut T, &T),
}

impl<T: Element> With<T> {
    /// Folds by `fold`, from `identity`.
    pub fn new(identity: T, fold: fn(&mut T, &T)) -> Self {
        Self { identity, fold }
    }

    /// Folds by `fold`, from zeros.
    pub fn from_zero(fold: fn(&mut T, &T)) -> Self {
        Self::new(T::zeroed(), fold)
    }
}

impl<T: Element> Fold<T> for With<T> {
    fn identity(&self) -> T {
        self.identity
    }

    fn fold(&self, total: &mut T, part: &T) {
        (self.fold)(total, part);
    }
}

macro_rules! numbers {
    ($($number:ty: $least:expr, $greatest:expr;)*) => {$(
        impl Fold<$number> for Sum {
            fn identity(&self) -> $number {
                0 as $number
            }

            fn fold(&self, total: &mut $number, part: &$number) {
                *total += *part;
            }
        }

        impl Fold<$number> for Min {
            fn identity(&self) -> $number {
                $greatest
            }

            fn fold(&self, total: &mut $number, part: &$number) {
                if *part < *total {
                    *total = *part;
                }
            }
        }

        impl Fold<$number> for Max {
            fn identity(&self) -> $number {
                $least
            }

            fn fold(&self, total: &mut $number, part: &$number) {
                if *part > *total {
                    *total = *part;
                }
            }
        }
    )*};
}

numbers! {
    u8: u8::MIN, u8::MAX;
    u16: u16::MIN, u16::MAX;
    u32: u32::MIN, u32::MAX;
    u64: u64::MIN, u64::MAX;
    u128: u128::MIN, u128::MAX;
    usize: usize::MIN, usize::MAX;
    i8: i8::MIN, i8::MAX;
    i16: i16::MIN, i16::MAX;
    i32: i32::MIN, i32::MAX;
    i64: i64::MIN, i64::MAX;
    i128: i128::MIN, i128::MAX;
    isize: isize::MIN, isize::MAX;
    f32: f32::NEG_INFINITY, f32::INFINITY;
    f64: f64::NEG_INFINITY, f64::INFINITY;
}

impl<'k, S: Slot, O: Fold<S::Elem>> Reduce<'k, S, O> {
    /// Binds an array of the result's own shape. Errors call it `name`.
    pub fn new(result: &'k mut SharedArray<S::Elem, S::Dim>, name: &'static str, fold: O) -> Self {
        Self { result, name, fold, copies: None }
    }
}

impl<S: Slot, O: Fold<S::Elem>> fmt::Debug for Reduce<'_, S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { result, name, .. } = self;
        f.debug_struct("Reduce").field("name", name).field("shape", &result.shape()).finish_non_exhaustive()
    }
}

impl<S: Slot, O: Fold<S::Elem>> sealed::Sealed for Reduce<'_, S, O> {}

impl<S: Slot, O: Fold<S::Elem>> Binds for Reduce<'_, S, O> {
    type Worker = Row<S>;
    type At<'s>
        = S::At<'s>
    where
        Self: 's;

    fn check(&mut self, terms: &Terms) -> Result<()> {
        let Self { result, name, copies, .. } = self;
        terms.whole(name, result.worker_axis())?;
        *copies = Some(Accumulators::new(result.raw_dim(), terms.workers, terms.sharing)?);
        Ok(())
    }

    fn accumulates(&self) -> bool {
        true
    }

    fn spans(&self, spans: &mut Vec<Span>) {
        spans.extend(self.copies.iter().map(Accumulators::span));
    }

    fn enter(&self, lease: &Lease<'_>) -> Row<S> {
        let copies = self.copies.as_ref().expect("a map checks its bindings first");
        copies.copies().enter(lease, self.fold.identity()).expect("a copy is in C order, whose rows are contiguous")
    }

    type Door = (Copies<S::Elem, S::Dim>, S::Elem);

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self::Door>> {
        let copies = self.copies.as_ref().expect("a map checks its bindings first");
        let (copies, identity) = (copies.pack(parcel)?, parcel.pod(self.fold.identity())?);
        parcel.both(copies, identity)
    }

    fn enter_by((copies, identity): &Self::Door, lease: &Lease<'_>) -> Row<S> {
        copies.enter(lease, *identity).expect("a copy is in C order, whose rows are contiguous")
    }

    #[inline]
    fn at<'s>(worker: &'s mut Row<S>, turn: Turn<'s>) -> S::At<'s>
    where
        Self: 's,
    {
        worker.at(turn)
    }

    fn fold(&mut self) {
        let Self { fold, copies, .. } = self;
        if let Some(copies) = copies {
            copies.fold(fold.identity(), |total, part| fold.fold(total, part));
        }
    }

    fn finish(self) {
        let mut result = self.result.view_mut();
        match self.copies.as_ref().and_then(Accumulators::total) {
            Some(total) => result.assign(&total),
            None => result.fill(self.fold.identity()),
        }
    }
}
