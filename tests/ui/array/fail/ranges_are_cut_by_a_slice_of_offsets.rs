use pasha::prelude::*;

fn main() -> pasha::Result<()> {
    let mut array = Context::serial().alloc::<f32>().shape(3).build()?;
    let _by_other_numbers = array.ranges(&[0u64, 1, 3])?;
    let _by_value = array.ranges(vec![0, 1, 3])?;
    Ok(())
}
