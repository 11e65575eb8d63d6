//! A key as a functor with one item for each entry, whatever its train.

use std::fmt;

use ndarray::{ArrayView, RemoveAxis};

use super::key::{Key, KeyBuffer};
use super::together::TrainData;
use super::value::Value;
use crate::error::{Error, Result};
use crate::functor::{Functor, Item, Items, Seal, packed};

/// A [`Key`] entry by entry (pulse by pulse, frame by frame): what [`Key::by_entry`] gives.
///
/// Items are `(train_id, entry, data)`: the id of the train, the place among its entries, and the data without an axis for entries. They are counted
/// through all trains, so that an output has one slot for each entry, without ranges. A frame that is read and used at once stays in the
/// cache of its core, which a train of them does not: where a kernel takes one frame at a time, this is the faster way.
pub struct ByEntry<T, D> {
    key: Key<T, D>,
    /// The items before each train, and after the last.
    offsets: Vec<usize>,
}

impl<T: Value, D: RemoveAxis> ByEntry<T, D> {
    pub(super) fn new(key: Key<T, D>) -> Self {
        Self { offsets: key.offsets(), key }
    }

    /// The train id of each item.
    pub fn train_ids(&self) -> Vec<u64> {
        let counts = self.key.train_ids().into_iter().zip(self.key.data_counts());
        counts.flat_map(|(id, count)| std::iter::repeat_n(id, count)).collect()
    }
}

impl<'a, T: Value, D: RemoveAxis> Items<'a> for ByEntry<T, D> {
    type Item = (u64, usize, ArrayView<'a, T, D::Smaller>);
}

impl<T: Value, D: RemoveAxis> Functor for ByEntry<T, D> {
    type State = KeyBuffer;

    packed!(|this, parcel| {
        let key = TrainData::pack(&this.key, parcel, Seal)?;
        parcel.make(key, Self::new)
    });

    fn items(&self) -> Result<usize> {
        Ok(self.key.entries())
    }

    fn state(&self) -> Result<KeyBuffer> {
        self.key.buffer()
    }

    #[inline]
    fn item<'a>(&'a self, buffer: &'a mut KeyBuffer, index: usize) -> Result<Item<'a, Self>> {
        if index >= self.key.entries() {
            return Err(Error::functor(format!(
                "there is no item {index} in a key with {} entries",
                self.key.entries()
            )));
        }
        let train = self.offsets.partition_point(|&offset| offset <= index) - 1;
        let entry = index - self.offsets[train];
        Ok((self.key.train_id(train)?, entry, self.key.read_entry(buffer, train, entry)?))
    }
}

impl<T: Value, D: RemoveAxis> fmt::Debug for ByEntry<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ByEntry").field(&self.key).finish()
    }
}
