//! What a kernel may return.

#![allow(unused_qualifications, clippy::unused_unit)]

use std::fmt::{self, Display};

use pasha::ErrorKind;
use pasha::prelude::*;

#[pasha::kernel]
fn nothing(_worker_id: usize, _index: usize, _value: u32) {}

#[pasha::kernel]
fn unit(_worker_id: usize, _index: usize, _value: u32) -> () {}

#[pasha::kernel]
fn text_error(_worker_id: usize, _index: usize, value: u32) -> Result<(), String> {
    if value == 2 { Err("it is two".to_owned()) } else { Ok(()) }
}

#[pasha::kernel]
fn boxed_error(_worker_id: usize, _index: usize, value: u32) -> std::result::Result<(), Box<dyn std::error::Error>> {
    if value == 2 { Err("it is two".into()) } else { Ok(()) }
}

#[pasha::kernel]
fn own_result(_worker_id: usize, _index: usize, value: u32) -> pasha::Result<()> {
    if value == 2 { Err(pasha::Error::functor("it is two")) } else { Ok(()) }
}

struct Two;

impl Display for Two {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is two")
    }
}

#[pasha::kernel]
fn generic_error<E: Display + From<Two>>(_worker_id: usize, _index: usize, value: u32, #[param] _other: fn() -> E) -> Result<(), E> {
    if value == 2 { Err(Two.into()) } else { Ok(()) }
}

#[test]
fn nothing_and_failures() -> pasha::Result<()> {
    let ctx = Context::serial();
    ctx.map(nothing {}, 0..5)?;
    ctx.map(unit {}, 0..5)?;
    let failed = [
        ctx.map(text_error {}, 0..5),
        ctx.map(boxed_error {}, 0..5),
        ctx.map(own_result {}, 0..5),
        ctx.map(generic_error { _other: || Two }, 0..5),
    ];
    for failed in failed {
        let error = failed.unwrap_err();
        assert_eq!((error.kind(), error.index()), (ErrorKind::Kernel, Some(2)));
        assert!(error.to_string().contains("it is two"));
    }
    Ok(())
}

#[pasha::kernel]
fn value(_worker_id: usize, _index: usize, value: u32) -> u32 {
    value
}

#[pasha::kernel]
fn pair(_worker_id: usize, _index: usize, value: u32) -> [u32; 2] {
    [value, value]
}

#[pasha::kernel]
fn value_or_failure(_worker_id: usize, _index: usize, value: u32) -> Result<f64, String> {
    if value == 2 { Err("it is two".to_owned()) } else { Ok(value.into()) }
}

#[pasha::kernel]
fn generic<T: pasha::Element>(_worker_id: usize, _index: usize, value: &T) -> T {
    *value
}

#[pasha::kernel]
fn value_beside_outputs(_worker_id: usize, _index: usize, value: u32, #[out] half: &mut u32, #[reduce(sum)] sum: &mut u32) -> u32 {
    *half = value / 2;
    *sum += value;
    2 * value
}

#[test]
fn values() -> pasha::Result<()> {
    let ctx = Context::threads().workers(2).build()?;
    assert_eq!(ctx.collect(value {}, 0..3)?.to_vec(), [0, 1, 2]);
    assert_eq!(ctx.collect(pair {}, 0..2)?.to_vec(), [[0, 0], [1, 1]]);
    assert_eq!(ctx.collect(value_or_failure {}, 0..2)?.to_vec(), [0.0, 1.0]);
    assert_eq!(ctx.collect(value_or_failure {}, 0..3).unwrap_err().index(), Some(2));
    assert_eq!(ctx.collect(generic {}, &[1_u8, 2])?.to_vec(), [1, 2]);
    let mut half = ctx.alloc().shape(5).build()?;
    let mut sum = ctx.alloc().shape(()).build()?;
    let doubled = ctx.collect(value_beside_outputs { half: &mut half, sum: &mut sum }, 0..5)?;
    assert_eq!((doubled.sum(), half.to_vec(), sum[()]), (20, vec![0, 0, 1, 1, 2], 10));
    Ok(())
}
