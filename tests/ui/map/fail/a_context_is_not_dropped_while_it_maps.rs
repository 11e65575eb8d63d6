use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut array = ctx.alloc::<f64>().shape(2).build()?;
    std::thread::scope(|scope| {
        let map = scope.spawn(|| ctx.map(triple_it { tripled: &mut array }, &[1.0, 2.0]).is_ok());
        drop(ctx);
        map.join()
    })
    .unwrap();
    Ok(())
}
