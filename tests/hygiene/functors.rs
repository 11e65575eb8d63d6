//! `#[derive(Functor)]`: structs, tuple structs, newtypes, enums, generics and every option.

use ::core::prelude::v1::derive;
use ::ndarray::{Array2, ArrayView3};

#[allow(unused_imports)]
use crate::shadows::*;

/// Named fields and every option.
#[derive(Debug, ::psh::Functor)]
#[functor(crate = ::psh)]
pub struct Shots<'a> {
    /// Train ids.
    pub train_id: ::std::vec::Vec<u64>,
    /// Frames, along axis 1.
    #[functor(axis = 1)]
    pub pixels: ArrayView3<'a, u16>,
    /// The same for all.
    #[functor(broadcast)]
    pub gain: f64,
    /// Nobody's.
    #[functor(skip)]
    pub comment: ::std::string::String,
    /// A raw name.
    pub r#type: &'a [u8],
}

/// An item of another name, generics, bounds and a constant.
#[derive(Debug, ::psh::Functor)]
#[functor(item = Both, crate = ::psh)]
pub struct Pair<A, B: ::core::fmt::Debug, const N: usize>
where
    A: ::core::fmt::Debug,
{
    /// The first.
    pub first: A,
    /// The second.
    pub second: B,
    /// As many as there are.
    pub numbers: [u64; N],
}

/// A tuple struct.
#[derive(Debug, ::psh::Functor)]
#[functor(crate = ::psh)]
pub struct Tuple(pub ::std::vec::Vec<u64>, #[functor(skip)] pub u8, #[functor(axis = 1)] pub Array2<f64>);

/// A newtype.
#[derive(Debug, ::psh::Functor)]
#[functor(crate = ::psh)]
pub struct Newtype(pub ::std::vec::Vec<u64>);

/// A newtype of an axis.
#[derive(Debug, ::psh::Functor)]
#[functor(crate = ::psh)]
pub struct Columns(#[functor(axis = 1)] pub Array2<f64>);

/// Three ways to have numbers.
#[derive(Debug, ::psh::Functor)]
#[functor(crate = ::psh)]
pub enum Numbers<'a> {
    /// Owned.
    Owned(::std::vec::Vec<u64>),
    /// Borrowed, with a name.
    Borrowed {
        /// The numbers.
        numbers: &'a [u64],
        /// Their name.
        #[functor(skip)]
        name: &'static str,
    },
    /// Of one kind.
    Fixed([u64; 3]),
}
