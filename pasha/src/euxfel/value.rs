//! Element types: which numbers a key can hold.

use std::fmt;

use super::letter::Sent;
use crate::array::Element;

/// A number that a key can hold: the integers of 8 to 64 bits, `f32` and `f64`.
///
/// Enumerations, and with them `bool`, are read as the integers that stand for their names: `i8` for those that h5py writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type that a key can hold",
    note = "`u8`, `u16`, `u32`, `u64`, `i8`, `i16`, `i32`, `i64`, `f32` and `f64` are; strings are read by `Run::strings`"
)]
pub trait Value: Element + Sealed {}

/// What lies in a dataset, whatever its byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unsigned integers of so many bytes.
    Unsigned(u8),
    /// Signed integers of so many bytes.
    Signed(u8),
    /// IEEE floats of so many bytes.
    Float(u8),
    /// Strings: of so many bytes, or of varying length.
    Text(Option<usize>),
}

impl Sent for Kind {
    fn write(&self, letter: &mut Vec<u8>) {
        let (class, size) = match self {
            Kind::Unsigned(size) => (0, Some(usize::from(*size))),
            Kind::Signed(size) => (1, Some(usize::from(*size))),
            Kind::Float(size) => (2, Some(usize::from(*size))),
            Kind::Text(size) => (3_u8, *size),
        };
        class.write(letter);
        size.write(letter);
    }

    fn read(letter: &mut &[u8]) -> Self {
        let (class, size) = <(u8, Option<usize>)>::read(letter);
        let bytes = size.unwrap_or_default() as u8;
        match class {
            0 => Kind::Unsigned(bytes),
            1 => Kind::Signed(bytes),
            2 => Kind::Float(bytes),
            _ => Kind::Text(size),
        }
    }
}

mod sealed {
    pub trait Sealed: Sized {
        const KIND: super::Kind;
        const NAME: &'static str;
        /// What stands where there are no data.
        const MISSING: Self;
    }
}

pub(super) use sealed::Sealed;

macro_rules! values {
    ($($type:ident $kind:ident $size:literal),*) => {
        $(
            impl Value for $type {}

            impl Sealed for $type {
                const KIND: Kind = Kind::$kind($size);
                const NAME: &'static str = stringify!($type);
                const MISSING: Self = 0;
            }
        )*
    };
}

values!(u8 Unsigned 1, u16 Unsigned 2, u32 Unsigned 4, u64 Unsigned 8, i8 Signed 1, i16 Signed 2, i32 Signed 4, i64 Signed 8);

impl Value for f32 {}
impl Value for f64 {}

impl Sealed for f32 {
    const KIND: Kind = Kind::Float(4);
    const NAME: &'static str = "f32";
    const MISSING: Self = f32::NAN;
}

impl Sealed for f64 {
    const KIND: Kind = Kind::Float(8);
    const NAME: &'static str = "f64";
    const MISSING: Self = f64::NAN;
}

/// As Rust calls it: `u16`, `f32`, `string`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Unsigned(size) => write!(f, "u{}", 8 * u32::from(*size)),
            Kind::Signed(size) => write!(f, "i{}", 8 * u32::from(*size)),
            Kind::Float(size) => write!(f, "f{}", 8 * u32::from(*size)),
            Kind::Text(_) => f.write_str("string"),
        }
    }
}
