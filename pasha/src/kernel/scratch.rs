//! `#[scratch]`: working memory of one worker, made once for a map.

use std::fmt;
use std::marker::PhantomData;

use super::binds::{Binds, Terms, sealed};
use crate::error::Result;
use crate::share::{Lease, Turn};
use crate::sys::memory::Span;
use crate::sys::parcel::{Captureless, Packed, Parcel};

/// A closure that makes the working memory, called and dropped on the worker, so that what it makes need not be `Send`.
pub struct Scratch<T, M> {
    make: M,
    made: PhantomData<fn() -> T>,
}

impl<T, M: Fn() -> T + Sync> Scratch<T, M> {
    /// Binds the closure.
    pub fn new(make: M) -> Self {
        Self { make, made: PhantomData }
    }
}

impl<T, M> fmt::Debug for Scratch<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

impl<T, M: Fn() -> T + Sync> sealed::Sealed for Scratch<T, M> {}

impl<T, M: Fn() -> T + Sync> Binds for Scratch<T, M> {
    type Worker = T;
    type At<'s>
        = &'s mut T
    where
        Self: 's;

    fn check(&mut self, _terms: &Terms) -> Result<()> {
        Ok(())
    }

    fn spans(&self, _spans: &mut Vec<Span>) {}

    fn enter(&self, _lease: &Lease<'_>) -> T {
        (self.make)()
    }

    type Door = Captureless<M>;

    fn pack(&self, parcel: &mut Parcel<'_>) -> Option<Packed<Self::Door>> {
        parcel.captureless(&self.make)
    }

    fn enter_by(make: &Self::Door, _lease: &Lease<'_>) -> T {
        make.get()()
    }

    #[inline]
    fn at<'s>(worker: &'s mut T, _turn: Turn<'s>) -> &'s mut T
    where
        Self: 's,
    {
        worker
    }
}
