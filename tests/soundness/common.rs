//! What several of the suites map: kernels that only take part, and a functor of indices.

use pasha::functor::{Functor, Item, Items};

/// Does nothing.
#[pasha::kernel]
pub(crate) fn nothing(_worker_id: usize, _index: usize, _item: usize) {}

/// Adds one to its own slot.
#[pasha::kernel]
pub(crate) fn tick(_worker_id: usize, _index: usize, _item: usize, #[out] done: &mut u8) {
    *done += 1;
}

/// A functor whose items are their indices, but for what it does on the way to each.
pub(crate) struct Indices<M, D> {
    items: usize,
    make: M,
    on_the_way: D,
}

/// `items` indices, with a state by `make`, and `on_the_way` before an index is given.
pub(crate) fn indices<S, M, D>(items: usize, make: M, on_the_way: D) -> Indices<M, D>
where
    M: Fn() -> S + Sync,
    D: Fn(&mut S, usize) -> pasha::Result<()> + Sync,
{
    Indices { items, make, on_the_way }
}

impl<M, D> Items<'_> for Indices<M, D> {
    type Item = usize;
}

impl<S, M, D> Functor for Indices<M, D>
where
    M: Fn() -> S + Sync,
    D: Fn(&mut S, usize) -> pasha::Result<()> + Sync,
{
    type State = S;

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.items)
    }

    fn state(&self) -> pasha::Result<S> {
        Ok((self.make)())
    }

    fn item<'a>(&'a self, state: &'a mut S, index: usize) -> pasha::Result<Item<'a, Self>> {
        (self.on_the_way)(state, index)?;
        Ok(index)
    }
}
