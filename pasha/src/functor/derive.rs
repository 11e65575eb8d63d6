//! What a derived functor calls.

use super::lengths;
use crate::error::{Error, Result};

/// The number of items of a functor made of several, given the name and the number of each.
///
/// # Errors
///
/// When two of them differ: the error names both. When there are none.
///
/// ```
/// use pasha::functor::agree;
///
/// assert_eq!(agree(&[("train_id", 3), ("pixels", 3)])?, 3);
///
/// let error = agree(&[("train_id", 3), ("pixels", 2)]).unwrap_err();
/// assert_eq!(error.kind(), pasha::ErrorKind::Shape);
/// assert!(error.to_string().starts_with("`train_id` has 3 items, but `pixels` has 2: "));
/// # Ok::<(), pasha::Error>(())
/// ```
pub fn agree(fields: &[(&str, usize)]) -> Result<usize> {
    let items = fields.iter().map(|(_, items)| *items);
    let name = |field: usize| format!("`{}`", fields[field].0);
    lengths::agree(items, name, "the fields of a functor")
}

/// One of two: the state of an enum of functors, nested for more than two variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Either<A, B> {
    /// The first.
    A(A),
    /// The second.
    B(B),
}

/// The error of an enum of functors that is asked for an item with the state of a variant it is not.
///
/// # Errors
///
/// Always.
#[cold]
pub fn state_of_another_variant<T>() -> Result<T> {
    Err(Error::functor(
        "the state was made by another variant of this functor: ask a functor for items with the state it made itself",
    ))
}
