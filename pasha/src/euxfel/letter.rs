//! Keys on their way to workers that were forked before the run was opened: written on the host, read in the worker, for one map.
//!
//! A letter is read by the program that wrote it, so that it has no format but the order of fields.

use std::ffi::OsString;
use std::marker::PhantomData;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Arc;

use crate::functor::Seal;
use crate::sys::parcel::{Packed, Parcel};

/// What can be written in a letter.
pub(super) trait Sent: Sized {
    fn write(&self, letter: &mut Vec<u8>);

    /// Reads it from the front of a letter, and leaves the rest.
    fn read(letter: &mut &[u8]) -> Self;
}

/// Puts a value into a parcel as a letter. `bytes` is about what it takes; `name` is for the reason why it cannot be sent.
pub(super) fn send<T: Sent>(
    value: &T,
    bytes: usize,
    name: impl FnOnce() -> String,
    parcel: &mut Parcel<'_>,
    _: Seal,
) -> Option<Packed<T>> {
    let left = parcel.left_to_copy();
    let mut letter = Vec::new();
    if bytes <= left {
        value.write(&mut letter);
    }
    if bytes.max(letter.len()) > left {
        return parcel.refuse(|| format!("what is known of {} is too much to be sent with a map", name()));
    }
    let letter = parcel.slice(&letter)?;
    parcel.make(letter, |mut letter| T::read(&mut letter))
}

/// Structs that are sent field by field.
macro_rules! sent {
    ($type:ident $(<$($generic:ident),*>)? { $($field:ident),* }) => {
        impl $(<$($generic),*>)? $crate::euxfel::letter::Sent for $type $(<$($generic),*>)? {
            fn write(&self, letter: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::euxfel::letter::Sent::write($field, letter);)*
            }

            fn read(letter: &mut &[u8]) -> Self {
                $(let $field = $crate::euxfel::letter::Sent::read(letter);)*
                Self { $($field),* }
            }
        }
    };
}

pub(super) use sent;

macro_rules! numbers {
    ($($number:ty)*) => {
        $(
            impl Sent for $number {
                #[inline]
                fn write(&self, letter: &mut Vec<u8>) {
                    letter.extend(self.to_ne_bytes());
                }

                #[inline]
                fn read(letter: &mut &[u8]) -> Self {
                    let (bytes, rest) = letter.split_first_chunk().expect("it was written");
                    *letter = rest;
                    Self::from_ne_bytes(*bytes)
                }
            }
        )*
    };
}

numbers!(u8 u32 u64 usize i64);

impl Sent for bool {
    fn write(&self, letter: &mut Vec<u8>) {
        u8::from(*self).write(letter);
    }

    fn read(letter: &mut &[u8]) -> Self {
        u8::read(letter) == 1
    }
}

impl<T: Sent> Sent for Vec<T> {
    fn write(&self, letter: &mut Vec<u8>) {
        self.len().write(letter);
        self.iter().for_each(|value| value.write(letter));
    }

    fn read(letter: &mut &[u8]) -> Self {
        (0..usize::read(letter)).map(|_| T::read(letter)).collect()
    }
}

impl<T: Sent> Sent for Option<T> {
    fn write(&self, letter: &mut Vec<u8>) {
        self.is_some().write(letter);
        self.iter().for_each(|value| value.write(letter));
    }

    fn read(letter: &mut &[u8]) -> Self {
        bool::read(letter).then(|| T::read(letter))
    }
}

impl<T: Sent> Sent for Arc<T> {
    fn write(&self, letter: &mut Vec<u8>) {
        (**self).write(letter);
    }

    fn read(letter: &mut &[u8]) -> Self {
        Arc::new(T::read(letter))
    }
}

impl<T: Sent> Sent for Arc<[T]> {
    fn write(&self, letter: &mut Vec<u8>) {
        self.len().write(letter);
        self.iter().for_each(|value| value.write(letter));
    }

    fn read(letter: &mut &[u8]) -> Self {
        Vec::read(letter).into()
    }
}

impl<T> Sent for PhantomData<T> {
    fn write(&self, _letter: &mut Vec<u8>) {}

    fn read(_letter: &mut &[u8]) -> Self {
        PhantomData
    }
}

impl<A: Sent, B: Sent> Sent for (A, B) {
    fn write(&self, letter: &mut Vec<u8>) {
        self.0.write(letter);
        self.1.write(letter);
    }

    fn read(letter: &mut &[u8]) -> Self {
        (A::read(letter), B::read(letter))
    }
}

impl Sent for String {
    fn write(&self, letter: &mut Vec<u8>) {
        self.as_bytes().to_vec().write(letter);
    }

    fn read(letter: &mut &[u8]) -> Self {
        String::from_utf8(Vec::read(letter)).expect("it was a string")
    }
}

impl Sent for PathBuf {
    /// Workers are in the directory in which they were forked: the path must not depend on it.
    fn write(&self, letter: &mut Vec<u8>) {
        let absolute = std::path::absolute(self);
        absolute.as_ref().unwrap_or(self).as_os_str().as_bytes().to_vec().write(letter);
    }

    fn read(letter: &mut &[u8]) -> Self {
        OsString::from_vec(Vec::read(letter)).into()
    }
}
