use pasha::prelude::*;

fn main() -> pasha::Result<()> {
    let mut array = Context::serial().alloc::<f32>().shape(3).build()?;
    let mut one = array.view_mut();
    let mut other = array.view_mut();
    one[0] = 1.0;
    other[0] = 2.0;
    let read = &array[0];
    array[0] = 3.0;
    println!("{read}");
    Ok(())
}
