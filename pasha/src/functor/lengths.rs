//! Functors that are walked together have equally many items.

use crate::error::{Error, ErrorKind, Result};

/// The number of items of each part, if it is the same. An error calls two of the parts by their `name`, and all of them `parts`.
pub(super) fn agree(
    items: impl IntoIterator<Item = usize>,
    name: impl Fn(usize) -> String,
    parts: &str,
) -> Result<usize> {
    let refuse = |message| Err(Error::new(ErrorKind::Shape, message));
    let mut items = items.into_iter();
    let Some(first) = items.next() else {
        return refuse("a functor of no parts has no items: give it at least one".to_owned());
    };
    match items.enumerate().find(|(_, others)| *others != first) {
        None => Ok(first),
        Some((before, others)) => refuse(format!(
            "{} has {first} item{}, but {} has {others}: {parts} are walked together and must agree",
            name(0),
            if first == 1 { "" } else { "s" },
            name(before + 1),
        )),
    }
}
