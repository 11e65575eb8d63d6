use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

#[pasha::kernel]
fn both(_worker_id: usize, _index: usize, value: &f64, #[out] half: &mut f64, #[out] double: &mut f64, #[param] by: f64) {
    *half = value / by;
    *double = value * by;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut half = ctx.alloc::<f64>().shape(2).build()?;
    ctx.map(both { half: &mut half, by: 2.0 }, &[1.0, 2.0])?;
    ctx.map(triple_it {}, &[1.0, 2.0])?;
    ctx.map(triple_it { tripled: &mut half, quadrupled: &mut half }, &[1.0, 2.0])?;
    Ok(())
}
