use pasha::prelude::*;

#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

struct Run {
    _frames: Vec<f64>,
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut tripled = ctx.alloc::<f64>().shape(2).build()?;
    ctx.map(triple_it { tripled: &mut tripled }, &std::collections::HashMap::<u8, f64>::new())?;
    ctx.map(triple_it { tripled: &mut tripled }, 2.0)?;
    ctx.map(triple_it { tripled: &mut tripled }, &Run { _frames: vec![1.0] })?;
    ctx.map(triple_it { tripled: &mut tripled }, [1.0, 2.0].iter())?;
    Ok(())
}
