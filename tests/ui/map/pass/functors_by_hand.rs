//! Functors written by hand: items of the functor, of its state, of both, by value.

use pasha::functor::check::check;
use pasha::functor::{Functor, Item, Items};
use pasha::prelude::*;

/// Lends a frame out of a buffer of the worker, with a name out of the functor.
struct Reader {
    names: Vec<String>,
}

impl<'a> Items<'a> for Reader {
    type Item = (&'a str, &'a mut [f64]);
}

impl Functor for Reader {
    type State = Vec<f64>;

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.names.len())
    }

    fn state(&self) -> pasha::Result<Vec<f64>> {
        Ok(vec![0.0; 4])
    }

    fn item<'a>(&'a self, buffer: &'a mut Vec<f64>, index: usize) -> pasha::Result<Item<'a, Self>> {
        buffer.fill(index as f64);
        Ok((&self.names[index], buffer))
    }
}

#[pasha::kernel]
fn total(_worker_id: usize, _index: usize, (name, frame): (&str, &mut [f64]), #[out] total: &mut f64) {
    frame[0] += name.len() as f64;
    *total = frame.iter().sum();
}

#[test]
fn items_may_be_written_to() -> pasha::Result<()> {
    let reader = Reader { names: ["", "a", "bb"].map(str::to_owned).to_vec() };
    check(&reader, |(name, frame)| (name.len(), frame.iter().map(|value| *value as u64).sum::<u64>()));
    let ctx = Context::threads().workers(2).build()?;
    let mut totals = ctx.alloc().shape(3).build()?;
    ctx.map(total { total: &mut totals }, &reader)?;
    assert_eq!(totals.to_vec(), [0.0, 5.0, 10.0]);
    Ok(())
}

/// A generic functor around another.
struct Every<F> {
    functor: F,
    step: usize,
}

impl<'a, F: Functor> Items<'a> for Every<F> {
    type Item = Item<'a, F>;
}

impl<F: Functor> Functor for Every<F> {
    type State = F::State;

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.functor.items()?.div_ceil(self.step))
    }

    fn state(&self) -> pasha::Result<F::State> {
        self.functor.state()
    }

    fn item<'a>(&'a self, state: &'a mut F::State, index: usize) -> pasha::Result<Item<'a, Self>> {
        self.functor.item(state, self.step * index)
    }
}

#[test]
fn a_functor_may_wrap_another() -> pasha::Result<()> {
    #[pasha::kernel]
    fn same(_worker_id: usize, _index: usize, &value: &u64) -> u64 {
        value
    }

    let every = Every { functor: vec![0, 1, 2, 3, 4], step: 2 };
    check(&every, |value| *value);
    assert_eq!(Context::serial().collect(same {}, &every)?.to_vec(), [0, 2, 4]);
    let reader = Every { functor: Reader { names: vec![String::new(); 5] }, step: 3 };
    check(&reader, |(name, frame)| (name.to_owned(), frame.to_vec()));
    Ok(())
}
