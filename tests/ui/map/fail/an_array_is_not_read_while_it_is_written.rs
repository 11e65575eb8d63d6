use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut array = ctx.alloc::<f64>().shape(2).build()?;
    ctx.map(triple_it { tripled: &mut array }, &array)?;
    ctx.map(triple_it { tripled: &mut array }, along(array.view(), Axis(0)))?;
    Ok(())
}
