use pasha::prelude::*;

fn main() -> pasha::Result<()> {
    let view = {
        let mut array = Context::serial().alloc::<f32>().shape(3).build()?;
        array.view_mut()
    };
    println!("{view}");
    let row = {
        let array = Context::serial().alloc::<f32>().shape((3, 3)).build()?;
        array.row(0)
    };
    println!("{row}");
    Ok(())
}
