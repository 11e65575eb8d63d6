use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

#[pasha::kernel]
fn both(_worker_id: usize, _index: usize, value: &f64, #[out] half: &mut f64, #[out] double: &mut f64) {
    *half = value / 2.0;
    *double = value * 2.0;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut array = ctx.alloc::<f64>().shape(2).build()?;
    ctx.map(both { half: &mut array, double: &mut array }, &[1.0, 2.0])?;
    Ok(())
}
