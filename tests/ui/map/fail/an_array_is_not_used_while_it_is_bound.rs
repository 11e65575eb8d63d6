use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut array = ctx.alloc::<f64>().shape(2).build()?;
    let kernel = triple_it { tripled: &mut array };
    array[0] = 1.0;
    println!("{array}");
    ctx.map(kernel, &[1.0, 2.0])?;
    Ok(())
}
