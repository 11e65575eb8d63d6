use std::ops::{ControlFlow, Range};

use pasha::functor::{Functor, Item, Items};

/// Hoards the closure that calls the kernel, or the items of a buffer that it overwrites.
struct Hoarder;

impl<'a> Items<'a> for Hoarder {
    type Item = &'a mut Vec<f64>;
}

impl Functor for Hoarder {
    type State = (Vec<f64>, Option<&'static mut Vec<f64>>);

    fn items(&self) -> pasha::Result<usize> {
        Ok(3)
    }

    fn state(&self) -> pasha::Result<Self::State> {
        Ok((vec![], None))
    }

    fn item<'a>(&'a self, state: &'a mut Self::State, _index: usize) -> pasha::Result<Item<'a, Self>> {
        state.1 = Some(&mut state.0);
        Ok(&mut state.0)
    }

    fn visit(
        &self,
        state: &mut Self::State,
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> pasha::Result<()> {
        std::thread::spawn(move || each(&mut vec![]));
        let first = self.item(state, share.start)?;
        let second = self.item(state, share.end)?;
        let mut each = each;
        let _ = each(first);
        let _ = each(second);
        Ok(())
    }
}

fn main() {}
