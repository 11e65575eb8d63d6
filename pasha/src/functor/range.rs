//! Integer ranges: the integer itself an item.

use std::ops::{ControlFlow, Range, RangeInclusive};

use super::chunks::{Chunk, Chunked, Rows};
use super::reference::{packed, packed_rows};
use super::{Functor, Item, Items, no_such_index, no_such_share};
use crate::error::{Error, ErrorKind, Result};

/// A primitive integer; a range of them is a functor.
///
/// The ranges of all integers share one implementation, so that the kernel decides what `0..50` is a range of:
///
/// ```
/// use pasha::prelude::*;
///
/// #[pasha::kernel]
/// fn halve(_worker_id: usize, _index: usize, number: u8, #[out] half: &mut u8) {
///     *half = number / 2;
/// }
///
/// let mut half = Context::serial().alloc::<u8>().shape(50).build()?;
/// Context::serial().map(halve { half: &mut half }, 0..50)?;
/// assert_eq!(half[49], 24);
/// # Ok::<(), pasha::Error>(())
/// ```
pub trait Int: arithmetic::Int {}

impl<'a, T: Int> Items<'a> for Range<T> {
    type Item = T;
}

/// The number of items must fit into `usize`. A range that does not ascend is empty.
impl<T: Int> Functor for Range<T> {
    type State = ();

    packed!(|this, parcel| parcel.range(this));

    #[inline]
    fn items(&self) -> Result<usize> {
        if self.is_empty() { Ok(0) } else { self.start.distance_to(self.end).ok_or_else(too_long) }
    }

    #[inline]
    fn state(&self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> Result<T> {
        nth(self.start, self.items()?, index)
    }

    #[inline]
    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        count_up(self.start, self.items()?, share, each)
    }
}

impl<'a, T: Int> Items<'a> for RangeInclusive<T> {
    type Item = T;
}

/// The number of items must fit into `usize`. A range that does not ascend, or that was iterated to its end, is empty.
impl<T: Int> Functor for RangeInclusive<T> {
    type State = ();

    packed!(|this, parcel| parcel.range_inclusive(this));

    #[inline]
    fn items(&self) -> Result<usize> {
        if self.is_empty() {
            return Ok(0);
        }
        self.start().distance_to(*self.end()).and_then(|steps| steps.checked_add(1)).ok_or_else(too_long)
    }

    #[inline]
    fn state(&self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> Result<T> {
        nth(*self.start(), self.items()?, index)
    }

    #[inline]
    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        count_up(*self.start(), self.items()?, share, each)
    }
}

impl<'a, T: Int> Chunked<'a> for Range<T> {
    type Chunk = Range<T>;
}

impl<T: Int> Rows for Range<T> {
    #[inline]
    fn row_count(&self) -> Result<usize> {
        self.items()
    }

    #[inline]
    fn chunk(&self, rows: Range<usize>) -> Result<Chunk<'_, Self>> {
        let items = self.items()?;
        if rows.start > rows.end || rows.end > items {
            return Err(no_such_share(rows, items));
        }
        Ok(self.start.forward(rows.start)..self.start.forward(rows.end))
    }

    packed_rows!(|this, parcel| this.pack(parcel));
}

#[inline]
fn nth<T: Int>(start: T, items: usize, index: usize) -> Result<T> {
    if index < items { Ok(start.forward(index)) } else { Err(no_such_index(index, items)) }
}

#[inline]
fn count_up<T: Int>(
    start: T,
    items: usize,
    share: Range<usize>,
    mut each: impl FnMut(T) -> ControlFlow<()>,
) -> Result<()> {
    if share.end > items {
        return Err(no_such_share(share, items));
    }
    for index in share {
        if each(start.forward(index)).is_break() {
            break;
        }
    }
    Ok(())
}

#[cold]
fn too_long() -> Error {
    Error::new(
        ErrorKind::Shape,
        "a range of more integers than `usize` counts cannot be mapped over: map over parts of it",
    )
}

mod arithmetic {
    /// The arithmetic of a range, where callers of [`Int`](super::Int) cannot see it.
    pub trait Int: Copy + PartialOrd + Send + Sync + 'static {
        /// The steps from `self` up to `end`, which is not below it, if `usize` counts them.
        fn distance_to(self, end: Self) -> Option<usize>;

        /// The integer `steps` above `self`, which exists.
        fn forward(self, steps: usize) -> Self;
    }

    macro_rules! int {
        ($($int:ty, $unsigned:ty;)*) => {$(
            // Both wrap: from -100 to 100 it is 200 steps, which `i8` does not hold but `u8` does, and back.
            impl Int for $int {
                #[inline]
                fn distance_to(self, end: Self) -> Option<usize> {
                    usize::try_from(end.wrapping_sub(self) as $unsigned).ok()
                }

                #[inline]
                fn forward(self, steps: usize) -> Self {
                    self.wrapping_add(steps as Self)
                }
            }

            impl super::Int for $int {}
        )*};
    }

    int! {
        i8, u8; i16, u16; i32, u32; i64, u64; i128, u128; isize, usize;
        u8, u8; u16, u16; u32, u32; u64, u64; u128, u128; usize, usize;
    }
}
