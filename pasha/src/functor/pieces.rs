//! The fields of a derived functor, on their way to workers that were forked before it was made.

use std::marker::PhantomData;
use std::ops::Deref;

use super::along::pack_axes;
use super::{AxisFunctor, Functor, Seal};
use crate::kernel::Way;
use crate::sys::parcel::{Packed, Parcel, is_number};

/// What a derived functor is made of: one piece a field.
pub trait Piece {
    /// What the worker gets.
    type Sent;

    /// Packs it. Only this crate calls it: of a type that is plain, what is packed for one map must not be handed to another.
    fn pack(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<Self::Sent>>;
}

/// A field that is a functor.
#[derive(Debug)]
pub struct Part<'f, F>(pub &'f F);

impl<F: Functor> Piece for Part<'_, F> {
    type Sent = F;

    fn pack(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<F>> {
        self.0.pack(parcel)
    }
}

/// A field that is a functor, walked along an axis.
#[derive(Debug)]
pub struct PartAlong<'f, F>(pub &'f F);

impl<F: AxisFunctor> Piece for PartAlong<'_, F> {
    type Sent = F;

    fn pack(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<F>> {
        pack_axes(self.0, parcel)
    }
}

/// A field that gives no items: its name, how it is sent, and its value.
#[derive(Debug)]
pub struct Rest<'f, T>(pub &'static str, pub Way<T>, pub &'f T);

impl<T> Piece for Rest<'_, T> {
    type Sent = T;

    fn pack(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<T>> {
        let Self(name, way, value) = self;
        match way.pack() {
            Some(pack) => pack(parcel, value),
            None if is_number::<T>() => {
                let number = parcel.array(std::array::from_ref(*value))?;
                parcel.make(number, |[number]| number)
            }
            None => parcel.refuse(|| {
                let name_of_type = std::any::type_name::<T>();
                format!("the field `{name}` of type `{name_of_type}` may refer to private memory")
            }),
        }
    }
}

impl Piece for () {
    type Sent = ();

    fn pack(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<()>> {
        parcel.nothing()
    }
}

impl<A: Piece, B: Piece> Piece for (A, B) {
    type Sent = (A::Sent, B::Sent);

    fn pack(&self, parcel: &mut Parcel<'_>, _: Seal) -> Option<Packed<Self::Sent>> {
        let (a, b) = (self.0.pack(parcel, Seal)?, self.1.pack(parcel, Seal)?);
        parcel.both(a, b)
    }
}

/// A derived functor, unless it has a `drop` of its own, which could keep what a worker has for a map only.
#[derive(Debug)]
pub struct Derived<F>(Undropped<F>);

impl<F> Derived<F> {
    /// Asks for what can be done with the type, by `pack()`.
    pub fn of(_functor: &F) -> Self {
        Self(Undropped(PhantomData))
    }
}

#[allow(drop_bounds)]
impl<F: Drop> Derived<F> {
    /// Says why it cannot be packed.
    pub fn pack<A: Piece, B: Piece>(&self, parcel: &mut Parcel<'_>, _: (A, B)) -> Option<Packed<(A::Sent, B::Sent)>> {
        parcel.refuse(|| format!("`{}` has a `Drop` of its own", std::any::type_name::<F>()))
    }
}

impl<F> Deref for Derived<F> {
    type Target = Undropped<F>;

    fn deref(&self) -> &Undropped<F> {
        &self.0
    }
}

/// A derived functor that is no more than its fields.
#[derive(Debug)]
pub struct Undropped<F>(PhantomData<fn() -> F>);

impl<F> Undropped<F> {
    /// Packs the fields, in pairs: `(a, (b, ()))`.
    pub fn pack<A: Piece, B: Piece>(
        &self,
        parcel: &mut Parcel<'_>,
        fields: (A, B),
    ) -> Option<Packed<(A::Sent, B::Sent)>> {
        fields.pack(parcel, Seal)
    }
}

/// A functor in a box of the worker's.
pub fn boxed<F: Functor>(functor: &F, parcel: &mut Parcel<'_>) -> Option<Packed<Box<F>>> {
    let packed = functor.pack(parcel)?;
    parcel.make(packed, Box::new)
}
