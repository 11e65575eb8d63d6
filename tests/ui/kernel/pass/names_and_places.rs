//! Where kernels may stand and what they may be called: modules, functions, raw names, names that something else has.

use pasha::prelude::*;

mod private {
    #[pasha::kernel]
    pub(in crate::pass) fn inside(_worker_id: usize, _index: usize, value: u32, #[out] same: &mut u32) {
        *same = value;
    }

    pub(super) mod deeper {
        use pasha::kernel;

        #[kernel]
        pub(in super::super) fn renamed_import(_worker_id: usize, _index: usize, value: u32) -> u32 {
            value
        }
    }
}

use pasha as other_name;

#[other_name::kernel(crate = other_name)]
fn by_another_name(_worker_id: usize, _index: usize, value: u32) -> u32 {
    value
}

#[test]
fn places() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut same = private::inside::alloc_same(&ctx, 3).build()?;
    ctx.map(private::inside { same: &mut same }, 0..3)?;
    assert_eq!(same.to_vec(), [0, 1, 2]);
    assert_eq!(ctx.collect(private::deeper::renamed_import {}, 0..3)?.to_vec(), [0, 1, 2]);
    assert_eq!(ctx.collect(by_another_name {}, 0..3)?.to_vec(), [0, 1, 2]);

    struct Analysis {
        ctx: Context,
    }

    impl Analysis {
        fn run(&self) -> pasha::Result<Vec<u32>> {
            #[pasha::kernel]
            fn in_a_method(_worker_id: usize, _index: usize, value: u32) -> u32 {
                value
            }
            Ok(self.ctx.collect(in_a_method {}, 0..3)?.to_vec())
        }
    }
    assert_eq!(Analysis { ctx }.run()?, [0, 1, 2]);
    Ok(())
}

#[pasha::kernel]
fn r#match(_worker_id: usize, _index: usize, r#in: u32, #[out] r#type: &mut u32, #[param] r#fn: u32, #[scratch] r#mut: &mut Vec<u32>) {
    r#mut.push(r#in);
    *r#type = r#in + r#fn;
}

/// Parameters named like what an expansion might use.
#[pasha::kernel]
fn call(
    worker: usize,
    index: usize,
    item: u32,
    #[out] slots: &mut u32,
    #[out] array: &mut u32,
    #[out] output: &mut u32,
    #[param] map: u32,
    #[param] value: u32,
) {
    *slots = item;
    *array = worker as u32;
    *output = index as u32 + map + value;
}

#[test]
fn names() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut r#type = r#match::alloc_type(&ctx, 2).build()?;
    ctx.map(r#match { r#type: &mut r#type, r#fn: 10, r#mut: Vec::new }, 0..2)?;
    assert_eq!(r#type.to_vec(), [10, 11]);

    let (mut slots, mut array, mut output) = (ctx.alloc_like(&r#type)?, ctx.alloc_like(&r#type)?, ctx.alloc_like(&r#type)?);
    // A variable of the kernel's name, and fields by their short form.
    let (map, value) = (100, 1000);
    let call = call { slots: &mut slots, array: &mut array, output: &mut output, map, value };
    ctx.map(call, 0..2)?;
    assert_eq!((slots.to_vec(), array.to_vec(), output.to_vec()), (vec![0, 1], vec![0, 0], vec![1100, 1101]));
    Ok(())
}

/// Kernels whose struct differs from the function in nothing but the namespace.
#[allow(non_snake_case)]
mod shouting {
    #[pasha::kernel]
    pub(super) fn Sum(_worker_id: usize, _index: usize, _value: u32, #[reduce(sum)] Total: &mut u32) {
        *Total += 1;
    }

    #[pasha::kernel]
    pub(super) fn Result(_worker_id: usize, _index: usize, value: u32) -> std::result::Result<u32, String> {
        Ok(value)
    }

    #[pasha::kernel]
    pub(super) fn Option(_worker_id: usize, _index: usize, value: u32, #[out] left_out: core::option::Option<&mut u32>) {
        if let Some(slot) = left_out {
            *slot = value;
        }
    }
}

#[test]
fn names_of_the_prelude() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut total = ctx.alloc().shape(()).build()?;
    ctx.map(shouting::Sum { Total: &mut total }, 0..3)?;
    assert_eq!(total[()], 3);
    assert_eq!(ctx.collect(shouting::Result {}, 0..3)?.to_vec(), [0, 1, 2]);
    ctx.map(shouting::Option { left_out: None }, 0..3)?;
    Ok(())
}

macro_rules! kernels {
    ($($name:ident: $elem:ty, $by:literal;)*) => {$(
        #[pasha::kernel]
        fn $name(_worker_id: usize, _index: usize, &value: &$elem, #[out] scaled: &mut $elem, #[param] by: $elem) {
            *scaled = value * by * $by;
        }
    )*};
}

kernels! {
    scale_f32: f32, 2.0;
    scale_i64: i64, 3;
}

#[test]
fn kernels_out_of_macros() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut floats = ctx.alloc().shape(2).build()?;
    ctx.map(scale_f32 { scaled: &mut floats, by: 10.0 }, &[1.0, 2.0])?;
    assert_eq!(floats.to_vec(), [20.0, 40.0]);
    let mut integers = ctx.alloc().shape(2).build()?;
    ctx.map(scale_i64 { scaled: &mut integers, by: 10 }, &[1, 2])?;
    assert_eq!(integers.to_vec(), [30, 60]);
    Ok(())
}
