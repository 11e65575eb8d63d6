use pasha::kernel::{Binds, Kernel, Out, Slots, Terms};
use pasha::prelude::*;

struct Mine;

impl Binds for Mine {
    type Worker = ();
    type At<'s> = ();

    fn check(&mut self, _terms: &Terms) -> pasha::Result<()> {
        Ok(())
    }
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut array = ctx.alloc::<f64>().shape(2).build()?;
    let mut out = Out::<&mut f64>::new(&mut array, "array", 0);
    out.check(&Terms { items: 1, workers: 1 })?;
    let lease = pasha::share::Lease { worker: 0 };
    let turn = pasha::share::Turn { worker: 0, index: 0 };
    let mut worker = out.enter(&lease);
    let _slot = Out::<&mut f64>::at(&mut worker, turn);
    Ok(())
}
