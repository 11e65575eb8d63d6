//! What is written in this crate, run.

#![allow(clippy::items_after_statements, clippy::cast_precision_loss, clippy::needless_borrows_for_generic_args)]

use ::std::prelude::rust_2024::*;
use ::std::{assert_eq, vec};

use crate::functors::{Both, Columns, Newtype, Numbers, Pair, Shots, ShotsItem, Tuple, TupleItem};
use crate::kernels;

/// One unit of work less to write.
type Outcome = ::psh::Result<()>;

fn contexts() -> ::psh::Result<[::psh::Context; 2]> {
    Ok([::psh::Context::serial(), ::psh::Context::threads().workers(2).build()?])
}

const OK: Outcome = Ok(());

#[test]
fn values_are_collected() -> Outcome {
    for ctx in contexts()? {
        assert_eq!(ctx.collect(kernels::value {}, &[1.0, 2.0])?.to_vec(), [1.0, 2.0]);
        assert_eq!(ctx.collect(kernels::checked {}, &[1.0, 2.0])?.to_vec(), [1.0, 0.5]);
        let error = ctx.collect(kernels::checked {}, &[1.0, 0.0]).unwrap_err();
        assert_eq!(error.index(), Some(1));
    }
    OK
}

#[test]
fn outputs_are_written() -> Outcome {
    for ctx in contexts()? {
        let mut element = kernels::outputs::alloc_element(&ctx, 3).build()?;
        let mut row = kernels::outputs::alloc_row(&ctx, (3, 2)).build()?;
        let mut column = kernels::outputs::alloc_column(&ctx, (2, 3)).build()?;
        let mut frame = kernels::outputs::alloc_frame(&ctx, (3, 2, 2)).build()?;
        let mut general = kernels::outputs::alloc_general(&ctx, (3, 2, 2)).build()?;
        let mut dynamic = kernels::outputs::alloc_dynamic(&ctx, ::psh::IxDyn(&[3, 2])).build()?;
        let mut run = kernels::outputs::alloc_run(&ctx, 4).build()?;
        let mut runs = kernels::outputs::alloc_runs(&ctx, (2, 4)).build()?;
        let mut left_out = kernels::outputs::alloc_left_out(&ctx, 3).build()?;
        let kernel = kernels::outputs {
            element: &mut element,
            row: &mut row,
            column: &mut column,
            frame: &mut frame,
            general: &mut general,
            dynamic: &mut dynamic,
            run: run.ranges(&[0, 1, 1, 4])?,
            runs: runs.ranges_along(::psh::Axis(1), &[0, 0, 2, 4])?,
            left_out: Some(&mut left_out),
            left_out_too: None,
        };
        ctx.map(kernel, 10..13_u64)?;
        assert_eq!(element.to_vec(), [10, 11, 12]);
        assert_eq!(left_out.to_vec(), [10, 11, 12]);
        assert_eq!(row.sum(), 66);
        assert_eq!(column.sum(), 2 * 36);
        assert_eq!(frame.sum() + general.sum() + dynamic.sum(), (4 + 4 + 2) * 36);
        assert_eq!(run.to_vec(), [0, 2, 2, 2]);
        assert_eq!(runs.sum(), 2 * 2 * (12 + 13));
    }
    OK
}

#[test]
fn accumulators_are_folded() -> Outcome {
    for ctx in contexts()? {
        let mut own = kernels::gather::alloc_own(&ctx, ()).build()?;
        let mut own_row = kernels::gather::alloc_own_row(&ctx, 2).build()?;
        let mut sum = kernels::gather::alloc_sum(&ctx, ()).build()?;
        let mut least = kernels::gather::alloc_least(&ctx, 1).build()?;
        let mut most = kernels::gather::alloc_most(&ctx, 1).build()?;
        let mut by_path = kernels::gather::alloc_by_path(&ctx, ()).build()?;
        let mut from_five = kernels::gather::alloc_from_five(&ctx, ()).build()?;
        let kernel = kernels::gather {
            own: &mut own,
            own_row: &mut own_row,
            sum: &mut sum,
            least: &mut least,
            most: &mut most,
            by_path: &mut by_path,
            from_five: &mut from_five,
        };
        ctx.map(kernel, 1..4_u64)?;
        assert_eq!((own.sum(), own_row.sum(), sum[()]), (3, 3, 6));
        assert_eq!((least[0], most[0], by_path[()], from_five[()]), (1, 3, 3, 5));
    }
    OK
}

#[test]
fn scratch_and_params_are_given() -> Outcome {
    let frames = ::ndarray::Array3::<u8>::zeros((3, 2, 2));
    for ctx in contexts()? {
        let mut seen = ctx.alloc::<u64>().shape(3).build()?;
        let kernel = kernels::given {
            buffer: Vec::new,
            fixed: || [0_u64; 4],
            gain: 2,
            names: &["a", "b"],
            function: |number| 100 * number,
            seen: &mut seen,
        };
        ctx.map(kernel, ::psh::zip(0..3_u64, &frames))?;
        assert_eq!(seen.to_vec(), [12, 114, 216]);

        let view = ::ndarray::Array2::<u64>::ones((2, 2));
        let kernel = kernels::lent {
            view: view.view(),
            list: &[1, 2],
            text: "abc",
            three: [10, 0, 0],
            some: Some(100),
            seen: &mut seen,
        };
        ctx.map(kernel, 0..3_u64)?;
        assert_eq!(seen.to_vec(), [119, 120, 121]);

        let mut sum = ctx.alloc::<u64>().shape(2).build()?;
        ctx.map(kernels::apart { r#fn: &mut sum }, ::psh::zip(&[1_u64, 2], 10..12_u64))?;
        assert_eq!(sum.to_vec(), [11, 13]);
    }
    OK
}

#[test]
fn aliases_and_macros_are_kernels_too() -> Outcome {
    for ctx in contexts()? {
        let mut row = kernels::alias::alloc_row(&ctx, (3, 2)).build()?;
        let mut own = kernels::alias::alloc_own(&ctx, 2).build()?;
        let mut sum = kernels::alias::alloc_sum(&ctx, 2).build()?;
        ctx.map(kernels::alias { row: &mut row, own: &mut own, sum: &mut sum }, 0..3_u64)?;
        assert_eq!((row.sum(), own.sum(), sum.to_vec()), (6, 6, vec![3, 3]));

        let mut same = kernels::made::alloc_same(&ctx, 2).build()?;
        let mut most = kernels::made::alloc_most(&ctx, ()).build()?;
        ctx.map(kernels::made { same: &mut same, most: &mut most }, 0..2_u64)?;
        assert_eq!((same.to_vec(), most[()]), (vec![42, 42], 42));

        #[allow(deprecated)]
        ctx.map(kernels::old { same: &mut same }, 0..2_u64)?;
        assert_eq!(same.to_vec(), [0, 1]);
    }
    OK
}

#[test]
fn derived_functors_give_their_items() -> Outcome {
    #[::psh::kernel(crate = ::psh)]
    fn shot(_worker_id: usize, _index: usize, item: ShotsItem<'_>, #[out] sum: &mut f64) {
        let ShotsItem { train_id, pixels, gain, r#type } = item;
        *sum = gain * (*train_id as f64 + f64::from(pixels.sum()) + f64::from(*r#type));
    }

    #[::psh::kernel(crate = ::psh)]
    fn both(
        _worker_id: usize,
        _index: usize,
        Both { first, second, numbers }: Both<'_, Vec<u64>, ::core::ops::Range<u64>, 2>,
        #[out] sum: &mut u64,
    ) {
        *sum = first + second + numbers;
    }

    #[::psh::kernel(crate = ::psh)]
    fn tuple(_worker_id: usize, _index: usize, TupleItem(number, column): TupleItem<'_>, #[out] sum: &mut f64) {
        *sum = *number as f64 + column.sum();
    }

    #[::psh::kernel(crate = ::psh)]
    fn number(_worker_id: usize, _index: usize, number: &u64, #[out] same: &mut u64) {
        *same = *number;
    }

    let pixels = ::ndarray::Array3::<u16>::ones((2, 2, 3));
    let shots =
        Shots { train_id: vec![10, 20], pixels: pixels.view(), gain: 2.0, comment: String::new(), r#type: &[1, 2] };
    let numbers = [
        Numbers::Owned(vec![1, 2, 3]),
        Numbers::Borrowed { numbers: &[1, 2, 3], name: "numbers" },
        Numbers::Fixed([1, 2, 3]),
    ];
    for ctx in contexts()? {
        let mut sum = ctx.alloc::<f64>().shape(2).build()?;
        ctx.map(shot { sum: &mut sum }, &shots)?;
        assert_eq!(sum.to_vec(), [34.0, 56.0]);

        ctx.map(tuple { sum: &mut sum }, Tuple(vec![1, 2], 0, ::ndarray::array![[1.0, 2.0], [3.0, 4.0]]))?;
        assert_eq!(sum.to_vec(), [5.0, 8.0]);

        let mut same = ctx.alloc::<u64>().shape(2).build()?;
        ctx.map(both { sum: &mut same }, &Pair { first: vec![1, 2], second: 10..12_u64, numbers: [100, 200] })?;
        assert_eq!(same.to_vec(), [111, 213]);

        ctx.map(number { same: &mut same }, &Newtype(vec![7, 8]))?;
        assert_eq!(same.to_vec(), [7, 8]);

        let mut same = ctx.alloc::<u64>().shape(3).build()?;
        for numbers in &numbers {
            ctx.map(number { same: &mut same }, numbers)?;
            assert_eq!(same.to_vec(), [1, 2, 3]);
        }
    }

    #[::psh::kernel(crate = ::psh)]
    fn sum_of(_worker_id: usize, _index: usize, column: ::ndarray::ArrayView1<'_, f64>) -> f64 {
        column.sum()
    }

    let columns = Columns(::ndarray::array![[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(::psh::Context::serial().collect(sum_of {}, &columns)?.to_vec(), [4.0, 6.0]);
    OK
}
