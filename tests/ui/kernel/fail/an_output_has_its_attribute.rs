use ndarray::ArrayViewMut1;
use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, tripled: &mut f64) {
    *tripled = 3.0 * value;
}

#[pasha::kernel]
fn sort(
    _worker_id: usize,
    _index: usize,
    value: &f64,
    mut row: ArrayViewMut1<'_, f64>,
    buffer: &mut Vec<f64>,
    #[out] least: &mut f64,
) {
    buffer.push(*value);
    row.fill(*value);
    *least = *value;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let inp = vec![1.0, 2.0];
    let mut tripled = ctx.alloc_like(&inp)?;
    let mut least = ctx.alloc_like(&inp)?;
    let mut rows = ctx.alloc::<f64>().shape((2, 3)).build()?;
    ctx.map(triple_it { tripled: &mut tripled }, &inp)?;
    ctx.map(sort { row: &mut rows, buffer: Vec::<f64>::new, least: &mut least }, &inp)?;
    Ok(())
}
