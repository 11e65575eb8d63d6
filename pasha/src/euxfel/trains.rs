//! Which trains: by their place in the run, or by their id.

use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use crate::error::{Error, ErrorKind, Result};

/// Some of the trains of a run; see [`Run::select_trains`](super::Run::select_trains).
///
/// A range or a list of numbers means places in the run (`10..20`, `[3, 5]`), [`by_id`] of them means train ids. Ranges are cut to what there
/// is; a list must name what there is.
#[derive(Clone, Debug)]
pub struct Trains(Wanted);

#[derive(Clone, Debug)]
enum Wanted {
    Places(Bound<u64>, Bound<u64>),
    PlaceList(Vec<u64>),
    Ids(Bound<u64>, Bound<u64>),
    IdList(Vec<u64>),
}

/// Means train ids instead of places: `by_id(10_005..10_010)`, `by_id([10_003, 10_007])`.
pub fn by_id(ids: impl Into<Ids>) -> Trains {
    Trains(ids.into().0)
}

/// What [`by_id`] takes: a range or a list of train ids.
#[derive(Clone, Debug)]
pub struct Ids(Wanted);

impl Trains {
    /// The places of these trains among the given ids, which ascend.
    pub(super) fn places(&self, ids: &[u64]) -> Result<Vec<usize>> {
        match &self.0 {
            Wanted::Places(from, to) => Ok(cut(*from, *to, ids.len() as u64, |place| place)),
            Wanted::Ids(from, to) => {
                Ok(cut(*from, *to, ids.len() as u64, |id| ids.partition_point(|&other| other < id) as u64))
            }
            Wanted::PlaceList(places) => places
                .iter()
                .map(|&place| {
                    let absent = || absent(format!("there is no train {place} among {}", ids.len()));
                    usize::try_from(place).ok().filter(|&place| place < ids.len()).ok_or_else(absent)
                })
                .collect(),
            Wanted::IdList(wanted) => wanted
                .iter()
                .map(|id| {
                    ids.binary_search(id).map_err(|_| {
                        let range = match ids {
                            [] => "has no trains".to_owned(),
                            [first, .., last] => format!("goes from {first} to {last}"),
                            [only] => format!("has only {only}"),
                        };
                        absent(format!("there is no train {id} in this run, which {range}"))
                    })
                })
                .collect(),
        }
        .map(|mut places| {
            places.sort_unstable();
            places.dedup();
            places
        })
    }
}

fn absent(message: String) -> Error {
    Error::new(ErrorKind::Argument, message)
}

/// The places between two bounds, each made a place by `place`, and no more than there are.
fn cut(from: Bound<u64>, to: Bound<u64>, len: u64, place: impl Fn(u64) -> u64) -> Vec<usize> {
    let after = |bound: u64| bound.checked_add(1).map_or(len, &place);
    let start = match from {
        Bound::Included(bound) => place(bound),
        Bound::Excluded(bound) => after(bound),
        Bound::Unbounded => 0,
    };
    let end = match to {
        Bound::Included(bound) => after(bound),
        Bound::Excluded(bound) => place(bound),
        Bound::Unbounded => len,
    };
    (start.min(len) as usize..end.min(len) as usize).collect()
}

macro_rules! ranges {
    ($number:ty, $name:ident, $wanted:ident: $($range:ty),*) => {
        $(
            impl From<$range> for $name {
                fn from(range: $range) -> Self {
                    let wide = |bound: Bound<&$number>| bound.map(|&number| number as u64);
                    $name(Wanted::$wanted(wide(range.start_bound()), wide(range.end_bound())))
                }
            }
        )*
    };
}

ranges!(usize, Trains, Places: Range<usize>, RangeInclusive<usize>, RangeFrom<usize>, RangeTo<usize>, RangeToInclusive<usize>);
ranges!(u64, Ids, Ids: Range<u64>, RangeInclusive<u64>, RangeFrom<u64>, RangeTo<u64>, RangeToInclusive<u64>);

impl From<RangeFull> for Trains {
    fn from(_: RangeFull) -> Self {
        Trains(Wanted::Places(Bound::Unbounded, Bound::Unbounded))
    }
}

macro_rules! lists {
    ($number:ty, $name:ident, $wanted:ident) => {
        impl From<$number> for $name {
            fn from(one: $number) -> Self {
                [one].into()
            }
        }

        impl<const N: usize> From<[$number; N]> for $name {
            fn from(list: [$number; N]) -> Self {
                list[..].into()
            }
        }

        impl From<&[$number]> for $name {
            fn from(list: &[$number]) -> Self {
                $name(Wanted::$wanted(list.iter().map(|&number| number as u64).collect()))
            }
        }

        impl From<Vec<$number>> for $name {
            fn from(list: Vec<$number>) -> Self {
                list[..].into()
            }
        }
    };
}

lists!(usize, Trains, PlaceList);
lists!(u64, Ids, IdList);

/// Cuts so many trains in parts whose sizes differ by one at most.
pub(super) fn split(trains: usize, parts: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = parts.clamp(1, trains.max(1));
    (0..parts).map(move |part| part * trains / parts..(part + 1) * trains / parts)
}
