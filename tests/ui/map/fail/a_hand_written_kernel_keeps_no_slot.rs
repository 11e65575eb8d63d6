use std::cell::RefCell;

use pasha::kernel::{Kernel, Out, Plain, Slots, Takes};
use pasha::prelude::*;

thread_local! {
    static KEPT: RefCell<Vec<&'static mut f64>> = const { RefCell::new(Vec::new()) };
}

struct Thief<'k>(&'k mut SharedArray<f64, pasha::Ix1>);

impl<'k> Kernel for Thief<'k> {
    type Binds = (Out<'k, &'k mut f64>, ());

    fn bind(self) -> Self::Binds {
        (Out::new(self.0, "array", 0), ())
    }
}

impl<'v> Takes<&'v f64> for Thief<'_> {
    type Output = Plain<()>;

    fn call(_worker: usize, _index: usize, _value: &'v f64, Slots((slot, ())): Slots<'_, Self::Binds>) -> Plain<()> {
        KEPT.with_borrow_mut(|kept| kept.push(slot));
        Plain(())
    }
}

fn main() {}
