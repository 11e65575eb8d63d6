//! Several rows to a call.

use std::ops::Range;

use super::reference::packed;
use super::{Functor, Item, Items, Seal, no_such_index, not_sent};
use crate::error::{Error, ErrorKind, Result};
use crate::sys::parcel::{Packed, Parcel};

/// What [`Rows`] gives for a run of rows, seen for the lifetime `'a`.
///
/// `Implied` is there for the compiler only, as it is in [`Items`].
pub trait Chunked<'a, Implied = &'a Self> {
    /// A run of rows.
    type Chunk;
}

/// A run of rows of `F`, borrowed for `'a`.
pub type Chunk<'a, F> = <F as Chunked<'a>>::Chunk;

/// A collection in memory of which several rows can be had at once, as [`chunks`] does.
///
/// A run of rows of a slice, vector or array is a subslice, one of an integer range a range, one of an `ndarray` array, a view
/// or a shared array a view of as many dimensions (rows are counted along axis 0).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be mapped over in chunks",
    label = "several rows of it are not one thing",
    note = "slices, vectors, arrays, integer ranges, `ndarray` arrays and views, shared arrays and references to them have rows",
    note = "`chunks(0..n, rows)` gives ranges of indices, to go with anything else as a `#[param]`"
)]
pub trait Rows: Sync + for<'a> Chunked<'a> {
    /// The number of rows.
    ///
    /// # Errors
    ///
    /// When the number cannot be told.
    fn row_count(&self) -> Result<usize>;

    /// A run of rows.
    ///
    /// # Errors
    ///
    /// When there are no such rows.
    fn chunk(&self, rows: Range<usize>) -> Result<Chunk<'_, Self>>;

    /// The collection for workers that were forked before it was made, as a functor is. Only this crate says how: what is packed for one map
    /// must not be handed to another.
    #[doc(hidden)]
    fn pack_rows(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<Self>>
    where
        Self: Sized,
    {
        not_sent::<Self, _>(parcel)
    }

    #[doc(hidden)]
    fn pack_boxed_rows(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<Box<Self>>> {
        not_sent::<Self, _>(parcel)
    }

    #[doc(hidden)]
    fn pack_rows_ref<'a>(&'a self, parcel: &mut Parcel<'_>, seal: Seal) -> Option<Packed<&'a Self>> {
        let boxed = self.pack_boxed_rows(parcel, seal)?;
        let lent = parcel.lend(boxed)?;
        parcel.make(lent, Box::as_ref)
    }
}

/// Gives `rows` rows of `source` to a call, and what is left to the last one.
///
/// Worth it where a kernel does better with several rows than with one: blocks of rows for a matrix product, frames to be
/// correlated with each other. The index of a call is that of its chunk: its first row is `index * rows`.
///
/// Chunks of no rows are an error of the map.
///
/// ```
/// use pasha::functor::chunks;
/// use pasha::prelude::*;
///
/// #[pasha::kernel]
/// fn block_mean(_worker_id: usize, _index: usize, block: &[f64], #[out] mean: &mut f64) {
///     *mean = block.iter().sum::<f64>() / block.len() as f64;
/// }
///
/// let values = vec![1.0, 3.0, 5.0, 7.0, 10.0];
/// let ctx = Context::serial();
/// let mut means = ctx.alloc::<f64>().shape(3).build()?;
/// ctx.map(block_mean { mean: &mut means }, chunks(&values, 2))?;
/// assert_eq!(means.to_vec(), [2.0, 6.0, 10.0]);
/// # Ok::<(), pasha::Error>(())
/// ```
pub fn chunks<F: Rows>(source: F, rows: usize) -> Chunks<F> {
    Chunks { source, rows }
}

/// A collection cut into runs of rows: what [`chunks`] returns.
#[derive(Clone, Copy, Debug)]
pub struct Chunks<F> {
    source: F,
    rows: usize,
}

impl<'a, F: Rows> Items<'a> for Chunks<F> {
    type Item = Chunk<'a, F>;
}

impl<F: Rows> Functor for Chunks<F> {
    type State = ();

    packed!(|this, parcel| {
        let (source, rows) = (this.source.pack_rows(parcel, Seal)?, parcel.number(this.rows)?);
        let both = parcel.both(source, rows)?;
        parcel.make(both, |(source, rows)| Self { source, rows })
    });

    fn items(&self) -> Result<usize> {
        if self.rows == 0 {
            return Err(Error::new(
                ErrorKind::Argument,
                "chunks of no rows have no end: give at least one row to a chunk",
            ));
        }
        Ok(self.source.row_count()?.div_ceil(self.rows))
    }

    fn state(&self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> Result<Item<'a, Self>> {
        let chunks = self.items()?;
        if index >= chunks {
            return Err(no_such_index(index, chunks));
        }
        let first = index * self.rows;
        let end = self.source.row_count()?.min(first.saturating_add(self.rows));
        self.source.chunk(first..end)
    }
}
