use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    ctx.map(triple_it, &[1.0, 2.0])?;
    ctx.map(|value: &f64| 3.0 * value, &[1.0, 2.0])?;
    Ok(())
}
