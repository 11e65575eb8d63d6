use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let array = ctx.alloc::<f64>().shape(2).build()?;
    let mut other = ctx.alloc::<f64>().shape(2).build()?;
    let mut lent = array;
    let kernel = triple_it { tripled: &mut lent };
    drop(lent);
    ctx.map(kernel, &[1.0, 2.0])?;

    let mut values = vec![1.0, 2.0];
    std::thread::scope(|scope| {
        let map = scope.spawn(|| ctx.map(triple_it { tripled: &mut other }, &values));
        values.push(3.0);
        drop(map);
    });
    Ok(())
}
