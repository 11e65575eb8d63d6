use pasha::kernel::{Kernel, Out, Plain, Slots, Takes};
use pasha::prelude::*;

struct Thief<'k>(&'k mut SharedArray<f64, pasha::Ix1>);

impl<'k> Kernel for Thief<'k> {
    type Binds = (Out<'k, &'k mut f64>, ());

    fn bind(self) -> Self::Binds {
        (Out::new(self.0, "array", 0), ())
    }
}

impl<'k, 'v> Takes<&'v f64> for Thief<'k> {
    type Output = Plain<&'k mut f64>;

    fn call(_worker: usize, _index: usize, _value: &'v f64, Slots((slot, ())): Slots<'_, Self::Binds>) -> Self::Output {
        Plain(slot)
    }
}

fn main() {}
