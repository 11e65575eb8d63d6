use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

#[pasha::kernel]
fn rows(
    _worker_id: usize,
    _index: usize,
    _value: &f64,
    #[out] _row: &mut [f64],
    #[reduce(sum)] _sum: &mut f64,
    #[per_worker] _seen: &mut u64,
) {
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut narrow = ctx.alloc::<f32>().shape(2).build()?;
    let mut flat = ctx.alloc::<f64>().shape(2).build()?;
    let mut seen = ctx.alloc::<u64>().shape(()).per_worker().build()?;
    ctx.map(triple_it { tripled: &mut narrow }, &[1.0, 2.0])?;
    ctx.map(rows { _row: &mut flat, _sum: &mut seen, _seen: &mut seen }, &[1.0, 2.0])?;
    Ok(())
}
