use std::cell::Cell;
use std::rc::Rc;

use pasha::functor::{Functor, Item, Items};
use pasha::prelude::*;

#[pasha::kernel]
fn cells(_worker_id: usize, _index: usize, _value: &Cell<f64>) {}

#[pasha::kernel]
fn counted(_worker_id: usize, _index: usize, _value: &Rc<f64>) {}

struct Lazy {
    read: Cell<usize>,
}

impl<'a> Items<'a> for Lazy {
    type Item = usize;
}

impl Functor for Lazy {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.read.get())
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, _state: &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        self.read.set(index);
        Ok(index)
    }
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    ctx.map(cells {}, &[Cell::new(1.0)])?;
    ctx.map(counted {}, &vec![Rc::new(1.0)])?;
    Ok(())
}
