//! Items: single and several, by value, by reference, by pattern, with lifetimes elided and named.

use ndarray::{Array2, Array3, ArrayView1, ArrayView2, array};
use pasha::prelude::*;

#[pasha::kernel]
fn by_reference(_worker_id: usize, _index: usize, value: &f64) -> f64 {
    *value
}

#[pasha::kernel]
fn by_pattern(_worker_id: usize, _index: usize, &value: &f64) -> f64 {
    value
}

#[pasha::kernel]
fn by_value(_worker_id: usize, _index: usize, value: u32) -> f64 {
    value.into()
}

#[pasha::kernel]
fn ignored(_: usize, _: usize, _: &f64) -> f64 {
    1.0
}

#[pasha::kernel]
fn mutable(mut worker_id: usize, mut index: usize, mut value: u32) -> f64 {
    worker_id *= 0;
    index *= 0;
    value += (worker_id + index) as u32;
    value.into()
}

#[test]
fn single_items() -> pasha::Result<()> {
    let ctx = Context::serial();
    let values = vec![1.0, 2.0];
    assert_eq!(ctx.collect(by_reference {}, &values)?.to_vec(), values);
    assert_eq!(ctx.collect(by_pattern {}, &values[..])?.to_vec(), values);
    assert_eq!(ctx.collect(by_value {}, 1..3)?.to_vec(), values);
    assert_eq!(ctx.collect(ignored {}, values)?.to_vec(), [1.0, 1.0]);
    assert_eq!(ctx.collect(mutable {}, 1..3)?.to_vec(), [1.0, 2.0]);
    Ok(())
}

#[pasha::kernel]
fn tuple(_worker_id: usize, _index: usize, (id, value): (u64, &f64)) -> f64 {
    id as f64 + value
}

#[pasha::kernel]
fn apart(_worker_id: usize, _index: usize, id: u64, value: &f64, frame: ArrayView2<'_, u8>) -> f64 {
    id as f64 + value + f64::from(frame.sum())
}

#[pasha::kernel]
fn nested(_worker_id: usize, _index: usize, (id, &value): (u64, &f64), [first, _]: &[f64; 2]) -> f64 {
    id as f64 + value + first
}

#[test]
fn several_items() -> pasha::Result<()> {
    let ctx = Context::serial();
    let values = [1.0, 2.0];
    let frames = Array3::<u8>::ones((2, 2, 2));
    let pairs = [[10.0, 0.0], [20.0, 0.0]];
    assert_eq!(ctx.collect(tuple {}, zip(10..12_u64, &values))?.to_vec(), [11.0, 13.0]);
    assert_eq!(ctx.collect(apart {}, zip(10..12_u64, &values).and(&frames))?.to_vec(), [15.0, 17.0]);
    assert_eq!(ctx.collect(nested {}, zip(zip(1..3_u64, &values), &pairs))?.to_vec(), [12.0, 24.0]);
    Ok(())
}

#[pasha::kernel]
fn references_to_references(_worker_id: usize, _index: usize, name: &&str) -> u64 {
    name.len() as u64
}

#[pasha::kernel]
fn views_in_vectors(_worker_id: usize, _index: usize, row: &ArrayView1<'_, f64>) -> f64 {
    row.sum()
}

#[pasha::kernel]
fn named<'a, 'b: 'a>(_worker_id: usize, _index: usize, left: &'a str, right: &'a &'b str) -> u64 {
    let longer: &'a str = if left.len() > right.len() { left } else { right };
    longer.len() as u64
}

#[pasha::kernel]
fn shared_with_a_param<'a>(_worker_id: usize, _index: usize, value: &'a f64, #[param] least: &'a f64) -> f64 {
    let larger: &'a f64 = if value > least { value } else { least };
    *larger
}

#[pasha::kernel]
fn forever(_worker_id: usize, _index: usize, name: &&'static str) -> u64 {
    name.len() as u64
}

#[test]
fn lifetimes() -> pasha::Result<()> {
    let ctx = Context::serial();
    let owned: Vec<String> = ["a", "bb"].map(str::to_owned).to_vec();
    let names: Vec<&str> = owned.iter().map(|name| &**name).collect();
    let table = array![[1.0, 2.0], [3.0, 4.0]];
    let rows: Vec<ArrayView1<'_, f64>> = table.outer_iter().collect();
    assert_eq!(ctx.collect(references_to_references {}, &names)?.to_vec(), [1, 2]);
    assert_eq!(ctx.collect(views_in_vectors {}, &rows)?.to_vec(), [3.0, 7.0]);
    assert_eq!(ctx.collect(shared_with_a_param { least: &1.5 }, &[1.0, 2.0])?.to_vec(), [1.5, 2.0]);
    assert_eq!(ctx.collect(forever {}, &["a", "bb"])?.to_vec(), [1, 2]);
    assert_eq!(named(0, 0, "a", &"bb"), 2);
    Ok(())
}

#[test]
fn the_output_of_one_map_is_the_input_of_the_next() -> pasha::Result<()> {
    #[pasha::kernel]
    fn outer(_worker_id: usize, _index: usize, row: ArrayView1<'_, f64>, #[out] doubled: &mut [f64]) {
        for (place, value) in doubled.iter_mut().zip(row) {
            *place = 2.0 * value;
        }
    }

    #[pasha::kernel]
    fn total(_worker_id: usize, _index: usize, row: ArrayView1<'_, f64>) -> f64 {
        row.sum()
    }

    let ctx = Context::threads().workers(2).build()?;
    let table = Array2::<f64>::ones((3, 4));
    let mut doubled = ctx.alloc_like(&table)?;
    ctx.map(outer { doubled: &mut doubled }, &table)?;
    let totals = ctx.collect(total {}, &doubled)?;
    assert_eq!(ctx.collect(by_reference {}, &totals)?.to_vec(), [8.0; 3]);
    assert_eq!(ctx.collect(total {}, along(&doubled, Axis(1)))?.to_vec(), [6.0; 4]);
    Ok(())
}
