use std::marker::PhantomData;

use pasha::prelude::*;

#[derive(Clone, Copy)]
struct Peak {
    _position: f64,
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let _truths = ctx.alloc::<bool>().shape(3).build()?;
    let _peaks = ctx.alloc::<Peak>().shape(3).build()?;
    let _texts = ctx.alloc_like(&vec![String::new()])?;
    let _names = ctx.alloc::<&str>().shape(3).build()?;
    let _pointers = ctx.alloc::<PhantomData<*mut u8>>().shape(3).build()?;
    Ok(())
}
