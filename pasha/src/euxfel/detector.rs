//! Detectors made of modules, each a source of its own, stacked.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use ndarray::{ArrayView, Dimension, SliceInfoElem};

use super::buffer::{Aligned, view};
use super::chunks::Window;
use super::data::{Data, Train, Worker};
use super::letter::{Sent, send, sent};
use super::together::{DataOf, Sees, TrainData, packed_trains};
use super::trains::Trains;
use super::value::Value;
use crate::error::{Error, ErrorKind, Result};

/// One key of all modules of a detector, stacked: what [`Run::detector`](super::Run::detector) gives.
///
/// Items are `(train_id, data)` with `data` of the shape (module, entry, …). Where a module is missing, from the run or from a train, there
/// is the [`fill`](Detector::fill) value. A train that no module has data of has no entries.
///
/// The modules that have data of a train must have as many entries as each other: entry `i` of one is then entry `i` of all.
pub struct Detector<T, D> {
    pattern: String,
    /// A place for each module, whether there is one or not.
    modules: Vec<Option<Module>>,
    first: usize,
    /// Places in the modules' trains.
    trains: Vec<(usize, u64)>,
    window: Window,
    fill: T,
    types: PhantomData<D>,
}

#[derive(Clone)]
struct Module {
    data: Arc<Data>,
    trains: Arc<[Train]>,
}

sent!(Module { data, trains });

impl<T: Value, D> Sent for Detector<T, D> {
    fn write(&self, letter: &mut Vec<u8>) {
        let Self { pattern, modules, first, trains, window, fill, types: _ } = self;
        pattern.write(letter);
        modules.write(letter);
        first.write(letter);
        trains.write(letter);
        window.write(letter);
        bytemuck::bytes_of(fill).to_vec().write(letter);
    }

    fn read(letter: &mut &[u8]) -> Self {
        Self {
            pattern: Sent::read(letter),
            modules: Sent::read(letter),
            first: Sent::read(letter),
            trains: Sent::read(letter),
            window: Sent::read(letter),
            fill: bytemuck::pod_read_unaligned(&Vec::read(letter)),
            types: PhantomData,
        }
    }
}

/// What a worker keeps of a [`Detector`] between trains: an open file and buffers for each module.
pub struct DetectorBuffer {
    workers: Vec<Worker>,
    bytes: Aligned,
}

impl<T: Value, D: Dimension> Detector<T, D> {
    /// From the keys of the modules that there are, by their numbers.
    pub(super) fn new(
        pattern: &str,
        numbers: Range<usize>,
        ids: &[u64],
        found: Vec<(usize, Data, Vec<Train>)>,
    ) -> Result<Self> {
        let mut modules: Vec<Option<Module>> = numbers.clone().map(|_| None).collect();
        let mut shape: Option<(Arc<Data>, usize)> = None;
        for (number, data, trains) in found {
            data.expect::<T, D>(&["modules", "entries"])?;
            let data = Arc::new(data);
            if let Some((other, other_number)) = &shape
                && other.entry != data.entry
            {
                let message = format!(
                    "module {number} of `{pattern}` has entries of the shape {:?}, but module {other_number} {:?}",
                    data.entry, other.entry
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            shape.get_or_insert((data.clone(), number));
            modules[number - numbers.start] = Some(Module { data, trains: trains.into() });
        }
        let Some((data, _)) = shape else {
            return Err(Error::new(ErrorKind::Argument, format!("`{pattern}` has none of the modules {numbers:?}")));
        };
        let window = Window::whole(&data.entry);
        let trains = ids.iter().copied().enumerate().collect();
        let (pattern, first) = (pattern.to_owned(), numbers.start);
        Ok(Self { pattern, modules, first, trains, window, fill: T::MISSING, types: PhantomData })
    }

    /// What stands where a module is missing; `NAN` or 0 if nothing is said.
    pub fn fill(self, fill: T) -> Self {
        Self { fill, ..self }
    }

    /// Reads a region of each entry only, as [`Key::roi`](super::Key::roi).
    ///
    /// # Errors
    ///
    /// If the region is not one.
    pub fn roi(mut self, region: impl AsRef<[SliceInfoElem]>) -> Result<Self> {
        if let Some(module) = self.modules.iter().flatten().next() {
            self.window = module.data.region(region.as_ref())?;
        }
        Ok(self)
    }

    /// The numbers of the modules that are in the run.
    pub fn modules(&self) -> Vec<usize> {
        let found = self.modules.iter().zip(self.first..);
        found.filter_map(|(module, number)| module.is_some().then_some(number)).collect()
    }

    /// The ids of the trains, one for each item.
    pub fn train_ids(&self) -> Vec<u64> {
        self.trains.iter().map(|(_, id)| *id).collect()
    }

    /// The number of entries of each train.
    ///
    /// # Errors
    ///
    /// If two modules disagree about it.
    pub fn data_counts(&self) -> Result<Vec<usize>> {
        (0..self.trains.len()).map(|index| self.entries(index)).collect()
    }

    /// Some of the trains, as [`Key::select_trains`](super::Key::select_trains).
    ///
    /// # Errors
    ///
    /// If a train that is named does not exist.
    pub fn select_trains(mut self, trains: impl Into<Trains>) -> Result<Self> {
        let places = trains.into().places(&self.train_ids())?;
        self.trains = places.into_iter().map(|place| self.trains[place]).collect();
        Ok(self)
    }

    /// Only the trains that a module has data of.
    pub fn drop_empty_trains(mut self) -> Self {
        let Self { modules, trains, .. } = &mut self;
        trains.retain(|(place, _)| modules.iter().flatten().any(|module| module.trains[*place].count() > 0));
        self
    }

    /// Only the trains that so many modules have data of.
    pub fn min_modules(mut self, least: usize) -> Self {
        let Self { modules, trains, .. } = &mut self;
        let have = |place: usize| modules.iter().flatten().filter(|module| module.trains[place].count() > 0).count();
        trains.retain(|(place, _)| have(*place) >= least);
        self
    }

    /// How many entries a train has, as its modules agree.
    fn entries(&self, index: usize) -> Result<usize> {
        let absent =
            || Error::functor(format!("there is no item {index} in a detector with {} trains", self.trains.len()));
        let (place, id) = *self.trains.get(index).ok_or_else(absent)?;
        let mut known: Option<(usize, usize)> = None;
        for (module, number) in self.modules.iter().zip(self.first..) {
            let count = module.as_ref().map_or(0, |module| module.trains[place].count());
            match known {
                _ if count == 0 => {}
                Some((_, other)) if other == count => {}
                Some((first, other)) => {
                    return Err(Error::functor(format!(
                        "module {first} of `{}` has {other} entries in train {id}, but module {number} has {count}: they cannot be stacked",
                        self.pattern
                    )));
                }
                None => known = Some((number, count)),
            }
        }
        Ok(known.map_or(0, |(_, count)| count))
    }
}

impl<'a, T: Value, D: Dimension> Sees<'a> for Detector<T, D> {
    type Data = ArrayView<'a, T, D>;
}

impl<T: Value, D: Dimension> TrainData for Detector<T, D> {
    type Buffer = DetectorBuffer;

    packed_trains!(|this, parcel, seal| {
        let module = |module: &Module| module.data.sent_bytes(module.trains.len());
        let modules: usize = this.modules.iter().flatten().map(module).sum();
        send(this, modules, || format!("`{}`", this.pattern), parcel, seal)
    });

    fn trains(&self) -> usize {
        self.trains.len()
    }

    fn train_id(&self, index: usize) -> Result<u64> {
        let absent =
            || Error::functor(format!("there is no item {index} in a detector with {} trains", self.trains.len()));
        Ok(self.trains.get(index).ok_or_else(absent)?.1)
    }

    fn buffer(&self) -> Result<DetectorBuffer> {
        Ok(DetectorBuffer { workers: self.modules.iter().map(|_| Worker::new()).collect(), bytes: Aligned::default() })
    }

    fn data<'a>(&'a self, buffer: &'a mut DetectorBuffer, index: usize) -> Result<DataOf<'a, Self>> {
        let entries = self.entries(index)?;
        let (place, _) = self.trains[index];
        let mut module_bytes = 0;
        for module in self.modules.iter().flatten().filter(|module| module.trains[place].count() > 0) {
            module_bytes = module.data.check_size(&module.trains[place], &self.window)?;
        }
        let bytes = module_bytes * self.modules.len();
        let DetectorBuffer { workers, bytes: aligned } = buffer;
        let mut out = aligned.room(bytes)?;
        for (module, worker) in self.modules.iter().zip(workers) {
            let (now, rest) = out.split_at_mut(module_bytes);
            match module {
                Some(Module { data, trains }) if trains[place].count() > 0 => {
                    data.read(worker, &trains[place], &self.window, now)?;
                }
                _ => now
                    .chunks_exact_mut(size_of::<T>())
                    .for_each(|value| value.copy_from_slice(bytemuck::bytes_of(&self.fill))),
            }
            out = rest;
        }
        let mut dim = D::zeros(self.window.len.len() + 2);
        let lens = [self.modules.len(), entries].into_iter().chain(self.window.len.iter().copied());
        dim.slice_mut().iter_mut().zip(lens).for_each(|(axis, len)| *axis = len);
        view(aligned.get(bytes), dim)
    }
}

super::together::functor!([T: Value, D: Dimension] Detector<T, D>);

impl<T: Clone, D> Clone for Detector<T, D> {
    fn clone(&self) -> Self {
        Self {
            pattern: self.pattern.clone(),
            modules: self.modules.clone(),
            first: self.first,
            trains: self.trains.clone(),
            window: self.window.clone(),
            fill: self.fill.clone(),
            types: PhantomData,
        }
    }
}

impl<T: Value, D: Dimension> fmt::Debug for Detector<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector")
            .field("pattern", &self.pattern)
            .field("modules", &self.modules())
            .field("entry_shape", &self.window.len)
            .field("trains", &self.trains.len())
            .finish()
    }
}
