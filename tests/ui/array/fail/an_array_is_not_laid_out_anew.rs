use pasha::prelude::*;

fn main() -> pasha::Result<()> {
    let mut array = Context::serial().alloc::<f32>().shape((2, 3)).build()?;
    array.swap_axes(0, 1);
    array.invert_axis(Axis(0));
    let _slice: &mut ndarray::ArrayRef2<f32> = &mut array;
    Ok(())
}
