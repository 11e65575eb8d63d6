use pasha::prelude::*;

fn main() -> pasha::Result<()> {
    let array = Context::serial().alloc::<f32>().shape(3).build()?;
    let _twin: SharedArray<f32, pasha::Ix1> = array.clone();
    Ok(())
}
