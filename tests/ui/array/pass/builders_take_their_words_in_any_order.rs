//! The builder: every word, in every order, with types said or inferred.

use ndarray::{Order, array};
use pasha::prelude::*;
use pasha::{Ix0, Ix1, Ix2, Ix3, IxDyn};

#[test]
fn shapes() -> pasha::Result<()> {
    let ctx = Context::serial();
    let _: SharedArray<u8, Ix0> = ctx.alloc().shape(()).build()?;
    let _: SharedArray<u8, Ix1> = ctx.alloc().shape(3).build()?;
    let _: SharedArray<u8, Ix1> = ctx.alloc().shape([3]).build()?;
    let _: SharedArray<u8, Ix2> = ctx.alloc().shape((3, 4)).build()?;
    let _: SharedArray<u8, Ix2> = ctx.alloc().shape([3, 4]).build()?;
    let _: SharedArray<u8, Ix3> = ctx.alloc().shape(Ix3(3, 4, 5)).build()?;
    let _: SharedArray<u8, IxDyn> = ctx.alloc().shape(IxDyn(&[3, 4])).build()?;
    let _: SharedArray<u8, IxDyn> = ctx.alloc().shape(vec![3, 4]).build()?;
    let _: SharedArray<u8, Ix2> = ctx.alloc().shape(array![[1, 2]].dim()).build()?;
    Ok(())
}

#[test]
fn words_in_any_order() -> pasha::Result<()> {
    let ctx = Context::threads().workers(2).build()?;
    let one = ctx.alloc().shape((3, 4)).per_worker().order(Order::F).fill(1_u8).build()?;
    let other = ctx.alloc().fill(1_u8).order(Order::F).per_worker().shape((3, 4)).build()?;
    assert_eq!((one.shape(), one.strides()), (&[3, 4, 2][..], &[1, 3, 12][..]));
    assert_eq!((one.shape(), one.strides()), (other.shape(), other.strides()));
    assert_eq!(one, other);
    let row = array![1.0, 2.0];
    let like = ctx.alloc::<f64>().like(&one).build()?;
    assert_eq!((like.shape(), like.strides()), (one.shape(), one.strides()));
    let filled = ctx.alloc().fill_from(&row).shape((2, 2)).build()?;
    assert_eq!(filled, array![[1.0, 2.0], [1.0, 2.0]]);
    let ordered = ctx.alloc::<f64>().shape((2, 2)).like(&one).build()?;
    assert_eq!((ordered.shape(), ordered.strides()), (&[2, 2][..], &[1, 2][..]));
    Ok(())
}

#[test]
fn arrays_are_read_like_those_of_ndarray() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut array = ctx.alloc::<f64>().shape((2, 3)).build()?;
    array[[0, 1]] = 1.0;
    array[(1, 2)] = 2.0;
    array.view_mut().row_mut(0)[0] = 3.0;
    assert_eq!((array.sum(), array.mean(), array.row(0).to_vec()), (6.0, Some(1.0), vec![3.0, 1.0, 0.0]));
    assert_eq!((&array).into_iter().count(), 6);
    assert_eq!(format!("{array}"), format!("{}", array.view()));
    assert_eq!(&*array + &*array, array.mapv(|value| 2.0 * value));
    let owned: ndarray::Array2<f64> = array.into();
    assert_eq!(owned.dim(), (2, 3));
    Ok(())
}
