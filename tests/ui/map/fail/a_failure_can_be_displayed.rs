use pasha::prelude::*;

struct Failure;

#[pasha::kernel]
fn fails(_worker_id: usize, _index: usize, _value: &f64) -> Result<(), Failure> {
    Err(Failure)
}

type Outcome = Result<(), String>;

#[pasha::kernel]
fn hidden(_worker_id: usize, _index: usize, _value: &f64) -> Outcome {
    Ok(())
}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    ctx.map(fails {}, &[1.0])?;
    ctx.map(hidden {}, &[1.0])?;
    Ok(())
}
