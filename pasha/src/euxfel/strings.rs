//! Keys that hold strings.

use std::fmt;
use std::sync::Arc;

use super::chunks::Window;
use super::data::{Data, Train, Worker};
use super::letter::sent;
use super::together::{DataOf, Sees, TrainData, packed_trains};
use crate::error::{Error, ErrorKind, Result};

/// A key that holds strings, over the trains of a run: what [`Run::strings`](super::Run::strings) gives.
///
/// Items are `(train_id, &[String])` with the strings of all entries of a train, one after the other. Strings are made anew for each train.
#[derive(Clone)]
pub struct Strings {
    data: Arc<Data>,
    trains: Vec<Train>,
    window: Window,
}

sent!(Strings { data, trains, window });

/// What a worker keeps of [`Strings`] between trains.
pub struct StringsBuffer {
    worker: Worker,
    raw: Vec<u8>,
    strings: Vec<String>,
}

impl Strings {
    pub(super) fn new(data: Data, trains: Vec<Train>) -> Result<Self> {
        if !matches!(data.kind, super::value::Kind::Text(_)) {
            let (name, kind, axes) = (data.name(), data.kind, data.entry.len() + 1);
            let message = format!("{name} holds {kind}, not strings; ask for `key::<{kind}, Ix{axes}>`");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let window = Window::whole(&data.entry);
        Ok(Self { data: Arc::new(data), trains, window })
    }

    /// The ids of the trains, one for each item.
    pub fn train_ids(&self) -> Vec<u64> {
        self.trains.iter().map(|train| train.id).collect()
    }

    /// The number of entries of each train.
    pub fn data_counts(&self) -> Vec<usize> {
        self.trains.iter().map(Train::count).collect()
    }

    /// Only the trains that have data.
    pub fn drop_empty_trains(mut self) -> Self {
        self.trains.retain(|train| train.count() > 0);
        self
    }
}

impl<'a> Sees<'a> for Strings {
    type Data = &'a [String];
}

impl TrainData for Strings {
    type Buffer = StringsBuffer;

    packed_trains!(|this, parcel, seal| this.data.send_with(this, this.trains.len(), parcel, seal));

    fn trains(&self) -> usize {
        self.trains.len()
    }

    fn train_id(&self, index: usize) -> Result<u64> {
        let absent = || Error::functor(format!("there is no item {index} in a key with {} trains", self.trains.len()));
        Ok(self.trains.get(index).ok_or_else(absent)?.id)
    }

    fn buffer(&self) -> Result<StringsBuffer> {
        Ok(StringsBuffer { worker: Worker::new(), raw: Vec::new(), strings: Vec::new() })
    }

    fn data<'a>(&'a self, buffer: &'a mut StringsBuffer, index: usize) -> Result<DataOf<'a, Self>> {
        self.train_id(index)?;
        let train = &self.trains[index];
        let StringsBuffer { worker, raw, strings } = buffer;
        raw.clear();
        if train.count() > 0 {
            raw.resize(self.data.check_size(train, &self.window)?, 0);
            self.data.read(worker, train, &self.window, raw)?;
        }
        self.data.strings(worker, train, raw, strings)?;
        Ok(strings)
    }
}

super::together::functor!([] Strings);

impl fmt::Debug for Strings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Data { source, key, .. } = &*self.data;
        let trains = self.trains.len();
        f.debug_struct("Strings").field("source", source).field("key", key).field("trains", &trains).finish()
    }
}
