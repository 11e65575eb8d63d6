use std::ops::Range;

use pasha::__private::{Packed, Parcel};
use pasha::functor::{Chunk, Chunked, Rows};

struct Private<'a>(&'a [String]);

impl<'i> Chunked<'i> for Private<'_> {
    type Chunk = &'i [String];
}

impl Rows for Private<'_> {
    fn row_count(&self) -> pasha::Result<usize> {
        Ok(self.0.len())
    }

    fn chunk(&self, rows: Range<usize>) -> pasha::Result<Chunk<'_, Self>> {
        Ok(&self.0[rows])
    }

    fn pack_rows(&self, parcel: &mut Parcel<'_>, _: pasha::functor::Seal) -> Option<Packed<Self>> {
        parcel.plain(Private(self.0), &[])
    }
}

fn main() {}
