//! A key as a functor: one item a train.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array, ArrayView, Dimension, RemoveAxis, SliceInfoElem};

use super::buffer::view;
use super::by_entry::ByEntry;
use super::chunks::Window;
use super::data::{Data, Train, Worker};
use super::held::Held;
use super::letter::sent;
use super::together::{DataOf, Sees, TrainData, packed_trains};
use super::trains::{Trains, split};
use super::value::Value;
use crate::error::{Error, ErrorKind, Result};

/// One key of one source, over the trains of a run: what [`Run::key`](super::Run::key) gives.
///
/// Mapped over, it gives `(train_id, data)` for every train of the run, in the order of their ids: `u64` and
/// `ArrayView<'_, T, D>`, with the entries of the train along axis 0. A train without data has none of them; the index counts it nevertheless,
/// so that output `i` belongs to `train_ids()[i]` whatever is missing. See [`single`](Key::single), [`optional`](Key::optional) and
/// [`drop_empty_trains`](Key::drop_empty_trains) for other ways to have them.
///
/// The data lie in a buffer of the worker, until its next item. A worker has one file open at a time.
pub struct Key<T, D, A = Entries> {
    data: Arc<Data>,
    trains: Vec<Train>,
    window: Window,
    types: PhantomData<(T, D, A)>,
}

/// The data of a [`Key`] with the entries of a train along axis 0.
#[derive(Clone, Copy, Debug)]
pub enum Entries {}

/// The data of a [`Key`] that has one entry a train, without an axis for it.
#[derive(Clone, Copy, Debug)]
pub enum Single {}

/// [`Entries`] or [`Single`].
pub trait Axis0: Send + Sync + sealed::Sealed {}

impl Axis0 for Entries {}
impl Axis0 for Single {}

mod sealed {
    pub trait Sealed {
        const SINGLE: bool;
    }

    impl Sealed for super::Entries {
        const SINGLE: bool = false;
    }

    impl Sealed for super::Single {
        const SINGLE: bool = true;
    }
}

sent!(Key<T, D, A> { data, trains, window, types });

/// What a worker keeps of a [`Key`] between trains.
pub struct KeyBuffer(Held);

impl<T: Value, D: Dimension> Key<T, D> {
    pub(super) fn new(data: Data, trains: Vec<Train>) -> Result<Self> {
        data.expect::<T, D>(&["entries"])?;
        let window = Window::whole(&data.entry);
        Ok(Self { data: Arc::new(data), trains, window, types: PhantomData })
    }

    /// Gives each entry on its own: items are `(train_id, entry, data)`, as many as there are entries in all trains.
    pub fn by_entry(self) -> ByEntry<T, D>
    where
        D: RemoveAxis,
    {
        ByEntry::new(self)
    }

    /// One entry of a train.
    pub(super) fn read_entry<'a>(
        &self,
        buffer: &'a mut KeyBuffer,
        train: usize,
        entry: usize,
    ) -> Result<ArrayView<'a, T, D::Smaller>> {
        let train = self.train(train)?.only(entry);
        let bytes = buffer.0.entries(&self.data, &train, &self.window)?;
        let mut dim = D::Smaller::zeros(self.window.len.len());
        dim.slice_mut().copy_from_slice(&self.window.len);
        view(bytes, dim)
    }

    /// Gives the one entry of each train, without an axis for it.
    ///
    /// A train with several entries, or with none, is then an error of the map, unless [`optional`](Key::optional) or
    /// [`drop_empty_trains`](Key::drop_empty_trains) is used, too.
    pub fn single(self) -> Key<T, D::Smaller, Single> {
        let Self { data, trains, window, types: _ } = self;
        Key { data, trains, window, types: PhantomData }
    }
}

impl<T: Value, D: Dimension, A: Axis0> Key<T, D, A> {
    /// The source's name.
    pub fn source(&self) -> &str {
        &self.data.source
    }

    /// The key's name, in full: that of a control key ends in `.value`.
    pub fn name(&self) -> &str {
        &self.data.key
    }

    /// The shape of one entry.
    pub fn entry_shape(&self) -> &[usize] {
        &self.window.len
    }

    /// The ids of the trains, one for each item.
    pub fn train_ids(&self) -> Vec<u64> {
        self.trains.iter().map(|train| train.id).collect()
    }

    /// The number of entries of each train.
    pub fn data_counts(&self) -> Vec<usize> {
        self.trains.iter().map(Train::count).collect()
    }

    /// The sums of [`data_counts`](Key::data_counts) up to each train, with 0 before the first: the offsets of an output with
    /// [`#[out(ranges)]`](crate::SharedArray::ranges), which has the entries of all trains one after the other.
    pub fn offsets(&self) -> Vec<usize> {
        let mut sum = 0;
        let ends = self.trains.iter().map(|train| {
            sum += train.count();
            sum
        });
        std::iter::once(0).chain(ends).collect()
    }

    /// The number of entries of all trains.
    pub fn entries(&self) -> usize {
        self.trains.iter().map(Train::count).sum()
    }

    /// Some of the trains: `10..20`, `[3, 5]`, `by_id(10_005..)`.
    ///
    /// # Errors
    ///
    /// If a train that is named does not exist.
    pub fn select_trains(mut self, trains: impl Into<Trains>) -> Result<Self> {
        let places = trains.into().places(&self.train_ids())?;
        self.trains = places.into_iter().map(|place| self.trains[place]).collect();
        Ok(self)
    }

    /// Only the trains that have data. The index then counts those: it is that of [`train_ids`](Key::train_ids), as ever.
    pub fn drop_empty_trains(mut self) -> Self {
        self.trains.retain(|train| train.count() > 0);
        self
    }

    /// Cuts the trains in parts of about the same size, no more than there are trains.
    pub fn split_trains(&self, parts: usize) -> Vec<Self> {
        let part = |range: Range<usize>| Self { trains: self.trains[range].to_vec(), ..self.clone() };
        split(self.trains.len(), parts).map(part).collect()
    }

    /// Reads a region of each entry only: `key.roi(s![100..200, ..])`, with [`ndarray::s`]. Chunks outside of it are not read.
    ///
    /// # Errors
    ///
    /// If the region is not one: more axes than an entry has, beyond its end, or anything but ranges of step 1.
    pub fn roi(mut self, region: impl AsRef<[SliceInfoElem]>) -> Result<Self> {
        self.window = self.data.region(region.as_ref())?;
        Ok(self)
    }

    /// Gives trains without data as `None`: items are `(train_id, Option<data>)`.
    pub fn optional(self) -> Optional<T, D, A> {
        Optional(self)
    }

    /// The shape of an item with so many entries, as the dimension of its view.
    fn dim(&self, entries: usize) -> D {
        let mut dim = D::zeros(self.window.len.len() + usize::from(!A::SINGLE));
        let lens = (!A::SINGLE).then_some(&entries).into_iter().chain(&self.window.len);
        dim.slice_mut().iter_mut().zip(lens).for_each(|(axis, len)| *axis = *len);
        dim
    }

    fn train(&self, index: usize) -> Result<&Train> {
        self.trains.get(index).ok_or_else(|| {
            Error::functor(format!("there is no item {index} in a key with {} trains", self.trains.len()))
        })
    }

    /// The data of a train, or `None` if it has none.
    fn read<'a>(&'a self, buffer: &'a mut KeyBuffer, index: usize) -> Result<Option<ArrayView<'a, T, D>>> {
        let train = self.train(index)?;
        if train.count() == 0 {
            return Ok(None);
        }
        if A::SINGLE && train.count() != 1 {
            let (name, id, count) = (self.data.name(), train.id, train.count());
            return Err(Error::functor(format!("{name} has {count} entries in train {id}, where `single` wants one")));
        }
        let bytes = buffer.0.entries(&self.data, train, &self.window)?;
        Ok(Some(view(bytes, self.dim(train.count()))?))
    }
}

impl<T: Value, D: RemoveAxis> Key<T, D> {
    /// Reads all entries of all trains, on this thread, into one array.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or do not fit into memory.
    pub fn ndarray(&self) -> Result<Array<T, D>> {
        let row = self.window.elements() * size_of::<T>();
        let entries = self.entries();
        let mut values: Vec<T> = Vec::new();
        let elements = entries * self.window.elements();
        for train in self.trains.iter().filter(|train| train.count() > 0) {
            self.data.check_size(train, &self.window)?;
        }
        values.try_reserve_exact(elements).map_err(|_| {
            Error::new(
                ErrorKind::Memory,
                format!("{} with {} bytes does not fit into memory", self.data.name(), entries * row),
            )
        })?;
        values.resize(elements, T::zeroed());
        let mut out: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
        let mut worker = Worker::new();
        for train in &self.trains {
            let (now, rest) = out.split_at_mut(train.count() * row);
            self.data.read(&mut worker, train, &self.window, now)?;
            out = rest;
        }
        let dim = self.dim(entries);
        Array::from_shape_vec(dim, values).map_err(|error| Error::new(ErrorKind::Shape, error.to_string()))
    }
}

impl<T, D, A> Clone for Key<T, D, A> {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), trains: self.trains.clone(), window: self.window.clone(), types: PhantomData }
    }
}

impl<T, D, A> fmt::Debug for Key<T, D, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Data { source, key, kind, .. } = &*self.data;
        f.debug_struct("Key")
            .field("source", source)
            .field("key", key)
            .field("type", &format_args!("{kind}"))
            .field("entry_shape", &self.window.len)
            .field("trains", &self.trains.len())
            .finish()
    }
}

/// A [`Key`] that gives trains without data as `None`: what [`Key::optional`] gives.
#[derive(Clone, Debug)]
pub struct Optional<T, D, A = Entries>(Key<T, D, A>);

impl<'a, T: Value, D: Dimension, A: Axis0> Sees<'a> for Key<T, D, A> {
    type Data = ArrayView<'a, T, D>;
}

impl<T: Value, D: Dimension, A: Axis0> TrainData for Key<T, D, A> {
    type Buffer = KeyBuffer;

    packed_trains!(|this, parcel, seal| this.data.send_with(this, this.trains.len(), parcel, seal));

    fn trains(&self) -> usize {
        self.trains.len()
    }

    fn train_id(&self, index: usize) -> Result<u64> {
        Ok(self.train(index)?.id)
    }

    fn buffer(&self) -> Result<KeyBuffer> {
        Ok(KeyBuffer(Held::new(&self.data, &self.window)))
    }

    fn data<'a>(&'a self, buffer: &'a mut KeyBuffer, index: usize) -> Result<DataOf<'a, Self>> {
        if let Some(data) = self.read(buffer, index)? {
            return Ok(data);
        }
        if A::SINGLE {
            let (name, id) = (self.data.name(), self.train(index)?.id);
            return Err(Error::functor(format!(
                "{name} has no data in train {id}; `.optional()` gives such trains as `None`, `.drop_empty_trains()` leaves them out"
            )));
        }
        view(&[], self.dim(0))
    }
}

impl<'a, T: Value, D: Dimension, A: Axis0> Sees<'a> for Optional<T, D, A> {
    type Data = Option<ArrayView<'a, T, D>>;
}

impl<T: Value, D: Dimension, A: Axis0> TrainData for Optional<T, D, A> {
    type Buffer = KeyBuffer;

    packed_trains!(|this, parcel, seal| {
        let key = this.0.pack(parcel, seal)?;
        parcel.make(key, Optional)
    });

    fn trains(&self) -> usize {
        self.0.trains()
    }

    fn train_id(&self, index: usize) -> Result<u64> {
        self.0.train_id(index)
    }

    fn buffer(&self) -> Result<KeyBuffer> {
        self.0.buffer()
    }

    fn data<'a>(&'a self, buffer: &'a mut KeyBuffer, index: usize) -> Result<DataOf<'a, Self>> {
        self.0.read(buffer, index)
    }
}

super::together::functor!([T: Value, D: Dimension, A: Axis0] Key<T, D, A>);
super::together::functor!([T: Value, D: Dimension, A: Axis0] Optional<T, D, A>);
