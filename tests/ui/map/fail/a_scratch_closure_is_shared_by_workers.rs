use std::cell::Cell;
use std::rc::Rc;

use pasha::prelude::*;

#[pasha::kernel]
fn count(_worker_id: usize, _index: usize, _value: &f64, #[scratch] _seen: &mut Rc<Cell<u32>>) {}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let shared = Rc::new(Cell::new(3));
    ctx.map(count { _seen: || shared.clone() }, &[1.0])?;
    let mut made = 0;
    let make = || {
        made += 1;
        Rc::new(Cell::new(made))
    };
    ctx.map(count { _seen: make }, &[1.0])?;
    Ok(())
}
