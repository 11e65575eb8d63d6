use pasha::prelude::*;

fn main() -> pasha::Result<()> {
    let _array = Context::serial().alloc::<f32>().build()?;
    let _sums = Context::serial().alloc::<f32>().per_worker().build()?;
    Ok(())
}
