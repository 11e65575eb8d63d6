use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

#[pasha::kernel]
fn both(
    _worker_id: usize,
    _index: usize,
    _value: u32,
    #[out(ranges)] _left: &mut [f64],
    #[out(ranges)] _right: &mut [f64],
) {
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut array = ctx.alloc::<f64>().shape(2).build()?;
    ctx.map(both { _left: array.ranges(&[0, 1, 2])?, _right: array.ranges(&[0, 1, 2])? }, 0..2)?;
    let mut offsets = vec![0, 1, 2];
    let ranges = array.ranges(&offsets)?;
    offsets[1] = 2;
    array[0] = 1.0;
    drop(ranges);
    Ok(())
}
