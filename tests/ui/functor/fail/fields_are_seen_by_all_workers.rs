use std::cell::Cell;
use std::rc::Rc;

#[derive(pasha::Functor)]
struct Items {
    _values: Vec<Cell<f64>>,
}

#[derive(pasha::Functor)]
struct Whole {
    _values: Vec<f64>,
    #[functor(broadcast)]
    _shared: Rc<f64>,
}

#[derive(pasha::Functor)]
struct Skipped {
    _values: Vec<f64>,
    #[functor(skip)]
    _count: Cell<u64>,
}

fn main() {}
