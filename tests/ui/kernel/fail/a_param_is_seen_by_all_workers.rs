use std::cell::Cell;
use std::rc::Rc;

use pasha::prelude::*;

#[pasha::kernel]
fn cell(_worker_id: usize, _index: usize, _value: &f64, #[param] _count: &Cell<usize>) {}

#[pasha::kernel]
fn counted(_worker_id: usize, _index: usize, _value: &f64, #[param] _shared: &Rc<f64>) {}

#[pasha::kernel]
fn any<T>(_worker_id: usize, _index: usize, _value: &f64, #[param] _any: T) {}

fn main() -> pasha::Result<()> {
    let count = Cell::new(0);
    Context::serial().map(any { _any: &count }, &[1.0])?;
    Ok(())
}
