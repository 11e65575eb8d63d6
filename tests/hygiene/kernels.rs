//! `#[kernel]`: every role, every type of output, every kind of item and of result.

use ::ndarray::{ArrayView2, ArrayViewMut, ArrayViewMut1, ArrayViewMut2, ArrayViewMutD, Ix2};

#[allow(unused_imports)]
use crate::shadows::*;

/// A failure of a kernel.
#[derive(Debug)]
pub struct Failure;

use ::core::prelude::v1::derive;

impl ::core::fmt::Display for Failure {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("failure")
    }
}

/// Nothing is bound.
#[must_use]
#[::psh::kernel(crate = ::psh)]
pub const fn value(_worker_id: usize, _index: usize, value: &f64) -> f64 {
    *value
}

/// A value or a failure.
///
/// # Errors
///
/// For zero.
#[::psh::kernel(crate = ::psh)]
pub fn checked(_worker_id: usize, _index: usize, &value: &f64) -> ::core::result::Result<f64, Failure> {
    if value == 0.0 { ::core::result::Result::Err(Failure) } else { ::core::result::Result::Ok(1.0 / value) }
}

/// All types of `#[out]`.
#[::psh::kernel(crate = ::psh)]
pub fn outputs(
    _worker_id: usize,
    index: usize,
    value: u64,
    /// One element.
    #[out]
    element: &mut u64,
    #[out] row: &mut [u64],
    #[out(axis = 1)] column: ArrayViewMut1<'_, u64>,
    #[out] frame: ArrayViewMut2<'_, u64>,
    #[out] general: ArrayViewMut<'_, u64, Ix2>,
    #[out] dynamic: ArrayViewMutD<'_, u64>,
    #[out(ranges)] run: &mut [u64],
    #[out(ranges)] runs: ArrayViewMut2<'_, u64>,
    #[out] left_out: ::core::option::Option<&mut u64>,
    #[out(ranges)] left_out_too: ::core::option::Option<&mut [u64]>,
) {
    *element = value;
    row.fill(value);
    for mut view in [column.into_dyn(), frame.into_dyn(), general.into_dyn(), dynamic, runs.into_dyn()] {
        view.fill(value + 1);
    }
    run.fill(index as u64);
    if let ::core::option::Option::Some(element) = left_out {
        *element = value;
    }
    if let ::core::option::Option::Some(run) = left_out_too {
        run.fill(value);
    }
}

/// Functions that fold.
pub mod folds {
    /// Keeps the larger.
    pub fn larger(total: &mut u64, part: &u64) {
        *total = ::core::cmp::Ord::max(*total, *part);
    }

    /// Keeps the largest of all.
    pub fn largest(total: &mut u64, part: &u64) {
        larger(total, part);
    }
}

use self::folds::larger;

/// All roles that gather.
#[::psh::kernel(crate = ::psh)]
pub fn gather(
    _worker_id: usize,
    _index: usize,
    value: u64,
    #[per_worker] own: &mut u64,
    #[per_worker] own_row: &mut [u64],
    #[reduce(sum)] sum: &mut u64,
    #[reduce(min)] least: &mut [u64],
    #[reduce(max)] most: ArrayViewMut1<'_, u64>,
    #[reduce(with = larger)] by_path: &mut u64,
    #[reduce(with = folds::largest, identity = 5)] from_five: &mut u64,
) {
    let mut most = most;
    *own += 1;
    own_row[0] += 1;
    *sum += value;
    least[0] = ::core::cmp::Ord::min(least[0], value);
    most[0] = ::core::cmp::Ord::max(most[0], value);
    larger(by_path, &value);
    larger(from_five, &value);
}

/// All that is lent and given.
#[::psh::kernel(crate = ::psh)]
pub fn given<'a, T, const N: usize>(
    _worker_id: usize,
    _index: usize,
    (number, frame): (u64, ArrayView2<'_, T>),
    #[scratch] buffer: &mut ::std::vec::Vec<T>,
    #[scratch] fixed: &mut [u64; N],
    #[param] gain: u64,
    #[param] names: &'a [&'a str],
    #[param] function: fn(&u64) -> u64,
    #[out] seen: &mut u64,
) where
    T: ::psh::Element + ::core::cmp::PartialEq,
{
    for value in &frame {
        buffer.push(*value);
    }
    fixed.fill(number);
    *seen = gain * (number + buffer.len() as u64 + names.len() as u64) + function(&number);
    buffer.clear();
}

/// Whatever is lent to a call, and values that are sent as they are.
#[::psh::kernel(crate = ::psh)]
pub fn lent(
    _worker_id: usize,
    _index: usize,
    number: u64,
    #[param] view: ArrayView2<'_, u64>,
    #[param] list: &'_ [u64],
    #[param] text: &str,
    #[param] three: [u64; 3],
    #[param] some: ::core::option::Option<u64>,
    #[out] seen: &mut u64,
) {
    *seen = number + view.sum() + (list.len() + text.len()) as u64 + three[0] + some.unwrap_or(0);
}

/// Several parameters take a tuple apart.
#[::psh::kernel(crate = ::psh)]
pub fn apart(_worker_id: usize, _index: usize, r#type: &u64, mut second: u64, #[out] mut r#fn: &mut u64) {
    second += *r#type;
    r#fn = &mut *r#fn;
    *r#fn = second;
}

/// An output whose type has another name.
pub type Row<'a> = ArrayViewMut1<'a, u64>;

/// An alias of a view.
#[::psh::kernel(crate = ::psh)]
pub fn alias(
    _worker_id: usize,
    _index: usize,
    value: u64,
    #[out] row: Row<'_>,
    #[per_worker] own: Row<'_>,
    #[reduce(sum)] sum: Row<'_>,
) {
    for mut row in [row, own, sum] {
        row += value;
    }
}

/// An old kernel.
#[deprecated = "there is a new one"]
#[::psh::kernel(crate = ::psh)]
pub fn old(_worker_id: usize, _index: usize, value: u64, #[out] same: &mut u64) {
    *same = value;
}

/// Not there.
#[::psh::kernel(crate = ::psh)]
#[cfg(any())]
pub fn absent(_worker_id: usize, _index: usize, value: u64, #[out] same: &mut Absent) {}

/// A kernel under a macro.
macro_rules! make {
    ($name:ident, $elem:ty, $value:expr) => {
        /// Made by a macro.
        #[::psh::kernel(crate = ::psh)]
        pub fn $name(
            _worker_id: usize,
            _index: usize,
            _item: u64,
            #[out] same: &mut $elem,
            #[reduce(with = larger, identity = $value)] most: &mut u64,
        ) {
            *same = $value;
            *most = $value;
        }
    };
}

make!(made, u64, 40 + 2);
