use pasha::prelude::*;

#[pasha::kernel]
fn square(_worker_id: usize, _index: usize, value: &f64) -> f64 {
    value * value
}

#[pasha::kernel]
fn describe(_worker_id: usize, _index: usize, value: &f64) -> String {
    format!("{value}")
}

#[pasha::kernel]
fn nothing(_worker_id: usize, _index: usize, _value: &f64) {}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    ctx.map(square {}, &[1.0])?;
    let _names = ctx.collect(describe {}, &[1.0])?;
    let _nothing: SharedArray<f64, pasha::Ix1> = ctx.collect(nothing {}, &[1.0])?;
    Ok(())
}
