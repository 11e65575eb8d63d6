//! Derived enums: variants of one type of item.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};
use pasha::functor::check::check;
use pasha::prelude::*;

#[derive(Functor)]
enum Frames<'a> {
    Owned(Array3<u16>),
    Borrowed(ArrayView3<'a, u16>),
    Along {
        #[functor(axis = 2)]
        frames: &'a Array3<u16>,
        #[functor(skip)]
        name: String,
    },
}

#[derive(Functor)]
enum Single {
    Only(Vec<u64>),
}

#[derive(Functor)]
enum Generic<A, B>
where
    A: Clone,
{
    First(A),
    Second(B),
    Third(#[functor(skip)] (), A),
}

#[derive(Functor)]
enum Numbers {
    Vector(Vec<u64>),
    Fixed([u64; 3]),
    Shared(SharedArray<u64, pasha::Ix1>),
    Array(ndarray::Array1<u64>),
    #[allow(dead_code)]
    Never(&'static [u64]),
}

#[test]
fn any_variant_gives_the_items() -> pasha::Result<()> {
    #[pasha::kernel]
    fn sum(_worker_id: usize, _index: usize, frame: ArrayView2<'_, u16>) -> u64 {
        frame.iter().copied().map(u64::from).sum()
    }

    let cube = Array3::<u16>::ones((2, 3, 4));
    let ctx = Context::threads().workers(2).build()?;
    let variants = [
        (Frames::Owned(cube.clone()), vec![12; 2]),
        (Frames::Borrowed(cube.view()), vec![12; 2]),
        (Frames::Along { frames: &cube, name: "along".to_owned() }, vec![6; 4]),
    ];
    for (frames, sums) in &variants {
        assert_eq!(ctx.collect(sum {}, frames)?.to_vec(), *sums);
        check(frames, |frame| frame.to_owned());
        if let Frames::Along { name, .. } = frames {
            assert_eq!(name, "along");
        }
    }
    Ok(())
}

#[test]
fn variants_of_all_kinds() -> pasha::Result<()> {
    check(&Single::Only(vec![1, 2, 3]), |item| *item);
    let table = Array2::<f64>::ones((2, 3));
    check(&Generic::<&Array2<f64>, ArrayView2<'_, f64>>::First(&table), |item| item.len());
    check(&Generic::<&Array2<f64>, ArrayView2<'_, f64>>::Second(table.view()), |item| item.len());
    check(&Generic::<&Array2<f64>, ArrayView2<'_, f64>>::Third((), &table), |item| item.len());
    let shared = Context::serial().alloc().shape(3).fill(4).build()?;
    for numbers in [
        Numbers::Vector(vec![1, 2, 3]),
        Numbers::Fixed([1, 2, 3]),
        Numbers::Shared(shared),
        Numbers::Array(ndarray::array![1, 2, 3]),
    ] {
        check(&numbers, |item| *item);
    }
    Ok(())
}

#[test]
fn a_state_belongs_to_its_variant() -> pasha::Result<()> {
    use pasha::functor::Functor as _;

    let one = Numbers::Vector(vec![1]);
    let other = Numbers::Fixed([1, 2, 3]);
    let mut state = other.state()?;
    assert!(one.item(&mut state, 0).is_err());
    assert!(other.item(&mut state, 0).is_ok());
    Ok(())
}
