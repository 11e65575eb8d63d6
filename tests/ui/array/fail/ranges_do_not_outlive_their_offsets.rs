use pasha::prelude::*;

fn main() -> pasha::Result<()> {
    let mut array = Context::serial().alloc::<f32>().shape(3).build()?;
    let ranges = {
        let offsets = vec![0, 1, 3];
        array.ranges(&offsets)?
    };
    drop(ranges);
    Ok(())
}
