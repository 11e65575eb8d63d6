use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut tripled = ctx.alloc::<f64>().shape(2).build()?;
    ctx.map(triple_it { tripled: &mut tripled }, &[1u16, 2])?;
    ctx.map(triple_it { tripled: &mut tripled }, 0..2)?;
    ctx.map(triple_it { tripled: &mut tripled }, &ndarray::array![[1.0], [2.0]])?;
    ctx.map(triple_it { tripled: &mut tripled }, zip(&[1.0, 2.0], &[1.0, 2.0]))?;
    Ok(())
}
