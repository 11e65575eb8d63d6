//! `#[param]`: a value that every call gets.

use std::fmt;

use super::binds::{Binds, Terms, sealed};
use super::way::Way;
use crate::error::Result;
use crate::share::{Lease, Turn};
use crate::sys::memory::Span;
use crate::sys::parcel::{Packed, Parcel};

/// What can be a `#[param]`: everything that is `Copy + Send + Sync`, references above all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be given to every call of a kernel: it is not `Copy + Send + Sync`",
    label = "not `Copy + Send + Sync`: take a reference, `&{Self}`",
    note = "what a reference points to must be `Sync`; what workers change belongs into an array, or a `#[scratch]`"
)]
pub trait Given: Copy + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: Copy + Send + Sync> Given for T {}

/// A value, copied to every call.
#[derive(Clone, Copy)]
pub struct Param<T> {
    value: T,
    way: Way<T>,
}

impl<T: Given> Param<T> {
    /// Binds the value.
    pub fn new(value: T) -> Self {
        Self { value, way: Way::default() }
    }
}

impl<T> Way<T> {
    /// Binds a value that is sent like this.
    pub fn param(self, value: T) -> Param<T> {
        Param { value, way: self }
    }
}

impl<T: fmt::Debug> fmt::Debug for Param<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Param").field(&self.value).finish()
    }
}

impl<T: Given> sealed::Sealed for Param<T> {}

impl<T: Given> Binds for Param<T> {
    type Worker = T;
    type At<'s>
        = T
    where
        Self: 's;

    fn check(&mut self, _terms: &Terms) -> Result<()> {
        Ok(())
    }

    fn spans(&self, _spans: &mut Vec<Span>) {}

    fn enter(&self, _lease: &Lease<'_>) -> T {
        self.value
    }

    type Door = T;

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<T>> {
        match self.way.pack() {
            Some(pack) => pack(parcel, &self.value),
            None => parcel.number(self.value),
        }
    }

    fn enter_by(value: &T, _lease: &Lease<'_>) -> T {
        *value
    }

    #[inline]
    fn at<'s>(worker: &'s mut T, _turn: Turn<'s>) -> T
    where
        Self: 's,
    {
        *worker
    }
}
