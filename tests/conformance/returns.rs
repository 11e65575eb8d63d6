//! What a kernel may return: nothing, a result, a value to be collected.

use std::fmt;

use ndarray::{Array2, ArrayView1};
use pasha::ErrorKind;
use pasha::prelude::*;

use crate::support::cases;

cases![
    nothing,
    a_result_of_nothing,
    a_value_is_collected,
    a_result_of_a_value_is_collected,
    a_struct_is_collected,
    values_are_collected_beside_outputs,
    no_values_are_collected_from_no_items,
    the_first_error_ends_a_collection,
    any_error_that_can_be_displayed_will_do,
    the_type_of_a_collection_may_be_inferred,
];

fn nothing(ctx: &Context) {
    #[pasha::kernel]
    fn mark(_worker_id: usize, _index: usize, _item: u8, #[out] mark: &mut u8) {
        *mark = 1;
    }

    let mut marks = ctx.alloc::<u8>().shape(9).build().unwrap();
    ctx.map(mark { mark: &mut marks }, 0..9).unwrap();
    assert_eq!(marks.to_vec(), [1; 9]);
}

#[derive(Debug)]
struct Negative(f64);

impl fmt::Display for Negative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no root", self.0)
    }
}

fn a_result_of_nothing(ctx: &Context) {
    #[pasha::kernel]
    fn root(_worker_id: usize, _index: usize, &value: &f64, #[out] root: &mut f64) -> Result<(), Negative> {
        if value < 0.0 {
            return Err(Negative(value));
        }
        *root = value.sqrt();
        Ok(())
    }

    let mut roots = ctx.alloc::<f64>().shape(3).build().unwrap();
    ctx.map(root { root: &mut roots }, &[4.0, 9.0, 16.0]).unwrap();
    assert_eq!(roots.to_vec(), [2.0, 3.0, 4.0]);
    let error = ctx.map(root { root: &mut roots }, &[4.0, 9.0, -16.0]).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(2)));
    assert!(error.to_string().contains("-16 has no root"), "{error}");
}

#[pasha::kernel]
fn mean(_worker_id: usize, _index: usize, row: ArrayView1<'_, f64>) -> f64 {
    row.mean().unwrap_or(f64::NAN)
}

fn a_value_is_collected(ctx: &Context) {
    let table = Array2::from_shape_fn((31, 3), |(row, column)| (row * column) as f64);
    let means = ctx.collect(mean {}, &table).unwrap();
    assert_eq!(means, table.mean_axis(Axis(1)).unwrap());
}

#[pasha::kernel]
fn parse(_worker_id: usize, _index: usize, text: &&str, #[param] base: u32) -> Result<i64, std::num::ParseIntError> {
    i64::from_str_radix(text, base)
}

fn a_result_of_a_value_is_collected(ctx: &Context) {
    let numbers = ctx.collect(parse { base: 16 }, ["10", "-ff", "7"]).unwrap();
    assert_eq!(numbers.to_vec(), [16, -255, 7]);
}

fn a_struct_is_collected(ctx: &Context) {
    #[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(C)]
    struct Moments {
        sum: f64,
        squares: f64,
    }

    #[pasha::kernel]
    fn moments(_worker_id: usize, _index: usize, row: ArrayView1<'_, f64>) -> Moments {
        Moments { sum: row.sum(), squares: row.iter().map(|value| value * value).sum() }
    }

    let table = Array2::from_shape_fn((8, 2), |(row, column)| (row + column) as f64);
    let found = ctx.collect(moments {}, &table).unwrap();
    assert_eq!(found[3], Moments { sum: 7.0, squares: 25.0 });
    assert_eq!(found.len(), 8);
}

fn values_are_collected_beside_outputs(ctx: &Context) {
    #[pasha::kernel]
    fn split(
        _worker_id: usize,
        _index: usize,
        value: u32,
        #[out] tens: &mut u32,
        #[reduce(sum)] total: &mut u32,
    ) -> u32 {
        *tens = value / 10;
        *total += value;
        value % 10
    }

    let mut tens = ctx.alloc::<u32>().shape(40).build().unwrap();
    let mut total = ctx.alloc::<u32>().shape(()).build().unwrap();
    let ones = ctx.collect(split { tens: &mut tens, total: &mut total }, 100..140).unwrap();
    assert!((100..140).zip(tens.iter().zip(&ones)).all(|(value, (tens, ones))| 10 * tens + ones == value));
    assert_eq!(total[()], (100..140).sum::<u32>());
}

fn no_values_are_collected_from_no_items(ctx: &Context) {
    assert_eq!(ctx.collect(parse { base: 10 }, [""; 0]).unwrap().len(), 0);
}

fn the_first_error_ends_a_collection(ctx: &Context) {
    let error = ctx.collect(parse { base: 10 }, ["1", "2", "three", "4", "five"]).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(2)));
    assert!(error.to_string().contains("invalid digit"), "{error}");
}

fn any_error_that_can_be_displayed_will_do(ctx: &Context) {
    #[pasha::kernel]
    fn text(_worker_id: usize, _index: usize, _item: u8) -> Result<(), &'static str> {
        Err("plain text")
    }

    #[pasha::kernel]
    fn boxed(_worker_id: usize, _index: usize, _item: u8) -> Result<(), Box<dyn std::error::Error>> {
        Err(Box::from("boxed text"))
    }

    #[pasha::kernel]
    fn number(_worker_id: usize, _index: usize, _item: u8) -> Result<(), u64> {
        Err(4711)
    }

    let said = |error: Option<pasha::Error>| error.unwrap().to_string();
    assert!(said(ctx.map(text {}, 0..1).err()).ends_with(": plain text"));
    assert!(said(ctx.map(boxed {}, 0..1).err()).ends_with(": boxed text"));
    assert!(said(ctx.map(number {}, 0..1).err()).ends_with(": 4711"));
}

fn the_type_of_a_collection_may_be_inferred(ctx: &Context) {
    #[pasha::kernel]
    fn largest<T: pasha::Element + Ord>(_worker_id: usize, _index: usize, values: &[T; 3]) -> T {
        *values.iter().max().unwrap()
    }

    let found: SharedArray<i8, pasha::Ix1> = ctx.collect(largest {}, [[1, -2, 3], [-1, -2, -3]]).unwrap();
    assert_eq!(found.to_vec(), [3, -1]);
}
