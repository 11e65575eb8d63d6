//! Several keys, aligned by train.

use crate::error::{Error, ErrorKind, Result};
use crate::functor::{Functor, Item, Items, Seal, not_sent, packed};
use crate::sys::parcel::{Packed, Parcel};

/// What a [`TrainData`] gives for one train, seen for the lifetime `'a`.
///
/// `Implied` is there for the compiler only, as it is in [`Items`].
pub trait Sees<'a, Implied = &'a Self> {
    /// The data of one train.
    type Data;
}

/// The data of one train of `K`, borrowed for `'a`.
pub type DataOf<'a, K> = <K as Sees<'a>>::Data;

/// Data with a train id for each item: keys, strings, detectors. What [`together`] takes.
pub trait TrainData: Sync + for<'a> Sees<'a> {
    /// What a worker keeps between trains.
    type Buffer;

    /// The number of trains.
    fn trains(&self) -> usize;

    /// The id of a train.
    ///
    /// # Errors
    ///
    /// If there is no such train.
    fn train_id(&self, index: usize) -> Result<u64>;

    /// Made once on each worker.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    fn buffer(&self) -> Result<Self::Buffer>;

    /// The data of a train.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn data<'a>(&'a self, buffer: &'a mut Self::Buffer, index: usize) -> Result<DataOf<'a, Self>>;

    /// The data for workers that were forked before the run was opened, as a functor is sent. Only this crate says how.
    #[doc(hidden)]
    fn pack(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<Self>>
    where
        Self: Sized,
    {
        not_sent::<Self, _>(parcel)
    }

    /// A reference to it for such workers.
    #[doc(hidden)]
    fn pack_ref<'a>(&'a self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<&'a Self>> {
        not_sent::<Self, _>(parcel)
    }
}

/// How a type is sent whose value can be.
macro_rules! packed_trains {
    (|$this:ident, $parcel:ident, $seal:ident| $packed:expr) => {
        fn pack(
            &self,
            $parcel: &mut $crate::sys::parcel::Parcel<'_>,
            $seal: $crate::functor::Seal,
        ) -> Option<$crate::sys::parcel::Packed<Self>> {
            let $this = self;
            $packed
        }

        fn pack_ref<'a>(
            &'a self,
            parcel: &mut $crate::sys::parcel::Parcel<'_>,
            seal: $crate::functor::Seal,
        ) -> Option<$crate::sys::parcel::Packed<&'a Self>> {
            let packed = $crate::euxfel::together::TrainData::pack(self, parcel, seal)?;
            parcel.lend(packed)
        }
    };
}

pub(super) use packed_trains;

impl<'a, K: TrainData + ?Sized> Sees<'a> for &K {
    type Data = DataOf<'a, K>;
}

impl<K: TrainData + ?Sized> TrainData for &K {
    type Buffer = K::Buffer;

    fn trains(&self) -> usize {
        (**self).trains()
    }

    fn train_id(&self, index: usize) -> Result<u64> {
        (**self).train_id(index)
    }

    fn buffer(&self) -> Result<K::Buffer> {
        (**self).buffer()
    }

    fn data<'a>(&'a self, buffer: &'a mut K::Buffer, index: usize) -> Result<DataOf<'a, Self>> {
        (**self).data(buffer, index)
    }

    packed_trains!(|this, parcel, seal| K::pack_ref(*this, parcel, seal));
}

/// Walks two to six keys together: items are the flat tuple `(train_id, first, second, …)`.
///
/// The keys must have the same trains, as keys of one run have; if they have not, because of some the empty trains were dropped for
/// instance, the map is an error that names the first difference.
///
/// ```no_run
/// use ndarray::ArrayView;
/// use pasha::euxfel::{run_directory, together};
/// use pasha::{Ix0, Ix1, Ix3};
///
/// #[pasha::kernel]
/// fn normalise(
///     _worker_id: usize,
///     _index: usize,
///     _train_id: u64,
///     frames: ArrayView<'_, u16, Ix3>,
///     energy: ArrayView<'_, f32, Ix0>,
///     #[out] mean: &mut f64,
/// ) {
///     *mean = frames.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / f64::from(energy[()]);
/// }
///
/// let run = run_directory("raw/r0001")?;
/// let frames = run.key::<u16, Ix3>("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels")?;
/// let energy = run.key::<f32, Ix1>("SA1_XTD2_XGM/XGM/DOOCS", "pulseEnergy.photonFlux")?.single();
/// let mut mean = pasha::alloc().shape(run.train_ids().len()).build()?;
/// pasha::map(normalise { mean: &mut mean }, together((&frames, &energy)))?;
/// # Ok::<(), pasha::Error>(())
/// ```
pub fn together<Keys>(keys: Keys) -> Together<Keys> {
    Together { keys }
}

/// Several keys walked together: what [`together`] gives.
#[derive(Clone, Copy, Debug)]
pub struct Together<Keys> {
    keys: Keys,
}

macro_rules! together {
    ($nested:tt; $($Key:ident $name:ident $part:tt),*) => {
        impl<'a, $($Key: TrainData),*> Items<'a> for Together<($($Key,)*)> {
            type Item = (u64, $(DataOf<'a, $Key>,)*);
        }

        impl<$($Key: TrainData),*> Functor for Together<($($Key,)*)> {
            type State = ($($Key::Buffer,)*);

            packed!(|this, parcel| {
                let keys = parcel.nothing()?;
                $(let key = this.keys.$part.pack(parcel, Seal)?; let keys = parcel.both(keys, key)?;)*
                parcel.make(keys, |$nested| Self { keys: ($($name,)*) })
            });

            fn items(&self) -> Result<usize> {
                let trains = self.keys.0.trains();
                $(agree(&self.keys.0, &self.keys.$part, $part)?;)*
                Ok(trains)
            }

            fn state(&self) -> Result<Self::State> {
                Ok(($(self.keys.$part.buffer()?,)*))
            }

            #[inline]
            fn item<'a>(&'a self, state: &'a mut Self::State, index: usize) -> Result<Item<'a, Self>> {
                let id = self.keys.0.train_id(index)?;
                Ok((id, $(self.keys.$part.data(&mut state.$part, index)?,)*))
            }
        }
    };
}

together!((((), a), b); A a 0, B b 1);
together!(((((), a), b), c); A a 0, B b 1, C c 2);
together!((((((), a), b), c), d); A a 0, B b 1, C c 2, D d 3);
together!(((((((), a), b), c), d), e); A a 0, B b 1, C c 2, D d 3, E e 4);
together!((((((((), a), b), c), d), e), f); A a 0, B b 1, C c 2, D d 3, E e 4, F f 5);

/// Whether a key has the trains of the first.
fn agree(first: &impl TrainData, other: &impl TrainData, part: usize) -> Result<()> {
    let differ = |message: String| {
        let advice = "keys that are walked together must have the same trains";
        Err(Error::new(ErrorKind::Shape, format!("{message}: {advice}")))
    };
    for index in 0..first.trains().min(other.trains()) {
        let (here, there) = (first.train_id(index)?, other.train_id(index)?);
        if here != there {
            return differ(format!("key 0 has train {here} at index {index}, but key {part} has train {there}"));
        }
    }
    if first.trains() != other.trains() {
        return differ(format!("key 0 has {} trains, but key {part} has {}", first.trains(), other.trains()));
    }
    Ok(())
}

/// Data without the train ids: what [`Key::data_only`](super::Key::data_only) gives.
#[derive(Clone, Debug)]
pub struct DataOnly<K>(pub(super) K);

impl<'a, K: TrainData> Items<'a> for DataOnly<K> {
    type Item = DataOf<'a, K>;
}

impl<K: TrainData> Functor for DataOnly<K> {
    type State = K::Buffer;

    packed!(|this, parcel| {
        let key = this.0.pack(parcel, Seal)?;
        parcel.make(key, DataOnly)
    });

    fn items(&self) -> Result<usize> {
        Ok(self.0.trains())
    }

    fn state(&self) -> Result<K::Buffer> {
        self.0.buffer()
    }

    #[inline]
    fn item<'a>(&'a self, state: &'a mut K::Buffer, index: usize) -> Result<Item<'a, Self>> {
        self.0.data(state, index)
    }
}

/// Makes a [`TrainData`] a functor of `(train_id, data)`.
macro_rules! functor {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $type {
            /// The data alone, without the train ids: a field of a struct that has them elsewhere.
            pub fn data_only(self) -> $crate::euxfel::together::DataOnly<Self> {
                $crate::euxfel::together::DataOnly(self)
            }
        }

        impl<'a, $($generics)*> $crate::functor::Items<'a> for $type {
            type Item = (u64, $crate::euxfel::together::DataOf<'a, $type>);
        }

        impl<$($generics)*> $crate::functor::Functor for $type {
            type State = <$type as $crate::euxfel::together::TrainData>::Buffer;

            $crate::functor::packed!(|this, parcel| {
                $crate::euxfel::together::TrainData::pack(this, parcel, $crate::functor::Seal)
            });

            fn items(&self) -> $crate::error::Result<usize> {
                Ok($crate::euxfel::together::TrainData::trains(self))
            }

            fn state(&self) -> $crate::error::Result<Self::State> {
                $crate::euxfel::together::TrainData::buffer(self)
            }

            #[inline]
            fn item<'a>(
                &'a self,
                state: &'a mut Self::State,
                index: usize,
            ) -> $crate::error::Result<$crate::functor::Item<'a, Self>> {
                use $crate::euxfel::together::TrainData;
                Ok((self.train_id(index)?, self.data(state, index)?))
            }
        }
    };
}

pub(super) use functor;
