//! Derived structs: named and tuple, every option, generics and lifetimes, private and public.

use std::collections::HashMap;
use std::fmt::Debug;

use ndarray::{Array1, Array2, Array3, ArrayD, ArrayView3, IxDyn};
use pasha::functor::check::check;
use pasha::prelude::*;

/// Every option.
#[derive(Functor)]
struct Everything<'a, T: Sync + 'static> {
    /// Ids.
    id: Vec<u64>,
    names: Vec<&'a str>,
    #[functor(axis = 1)]
    pixels: ArrayView3<'a, T>,
    #[functor(axis = 0)]
    plain: &'a Array2<f64>,
    slice: &'a [f32],
    range: std::ops::Range<u64>,
    fixed: [u8; 3],
    #[functor(broadcast)]
    gain: f64,
    #[functor(broadcast)]
    table: HashMap<u64, String>,
    #[functor(skip)]
    comment: String,
}

#[pasha::kernel]
fn everything(
    _worker_id: usize,
    _index: usize,
    item: EverythingItem<'_, u16>,
    #[out] sum: &mut f64,
) {
    let EverythingItem { id, names, pixels, plain, slice, range, fixed, gain, table } = item;
    let integers = id + u64::from(pixels.sum()) + range + u64::from(*fixed) + names.len() as u64 + table.len() as u64;
    *sum = gain * (integers as f64 + plain.sum() + f64::from(*slice));
}

#[test]
fn fields_are_zipped() -> pasha::Result<()> {
    let names: Vec<String> = ["a", "bb", "ccc"].map(str::to_owned).to_vec();
    let pixels = Array3::<u16>::ones((2, 3, 4));
    let plain = Array2::ones((3, 2));
    let shots = Everything {
        id: vec![10, 20, 30],
        names: names.iter().map(|name| &**name).collect(),
        pixels: pixels.view(),
        plain: &plain,
        slice: &[1.0, 2.0, 3.0],
        range: 5..8,
        fixed: [1, 2, 3],
        gain: 2.0,
        table: HashMap::new(),
        comment: String::new(),
    };
    let ctx = Context::threads().workers(2).build()?;
    let mut sum = ctx.alloc().shape(3).build()?;
    ctx.map(everything { sum: &mut sum }, &shots)?;
    assert_eq!(sum.to_vec(), [56.0, 84.0, 112.0]);
    check(&shots, |item| (*item.id, item.pixels.sum(), item.slice.to_bits()));
    assert!(shots.comment.is_empty());

    let torn = Everything { fixed: [1, 2, 3], slice: &[1.0], ..shots };
    let error = ctx.map(everything { sum: &mut sum }, &torn).unwrap_err();
    assert!(error.to_string().starts_with("`id` has 3 items, but `slice` has 1"), "{error}");
    Ok(())
}

#[derive(Functor)]
struct Pair<A, B> {
    a: A,
    b: B,
}

#[derive(Functor)]
#[functor(item = Both, crate = ::pasha)]
pub(crate) struct Bounded<A: Debug, B, const N: usize>
where
    B: Clone,
{
    /// First.
    pub(crate) a: A,
    pub(crate) b: B,
    pub(crate) numbers: [u64; N],
}

#[derive(Functor)]
struct Tuple(Vec<u64>, #[functor(skip)] String, #[functor(axis = 1)] Array2<f64>, #[functor(broadcast)] u64);

#[derive(Functor)]
struct OnlyOneField {
    r#type: Vec<u64>,
}

#[derive(Functor)]
struct Nested {
    pair: Pair<Vec<u64>, Newtype>,
    id: std::ops::Range<u32>,
}

#[derive(Functor, Clone, Debug, PartialEq)]
struct Newtype(Vec<u64>);

#[derive(Functor)]
struct Columns<'a>(#[functor(axis = 1)] ArrayView3<'a, f64>);

#[derive(Functor)]
struct Skipping(#[functor(skip)] (), Array1<f64>);

#[derive(Functor)]
struct Generic<F>(F);

#[derive(Functor)]
struct Dynamic {
    #[functor(axis = 2)]
    any: ArrayD<f64>,
}

#[derive(Functor)]
struct Shared {
    table: SharedArray<f64, pasha::Ix2>,
    #[functor(axis = 1)]
    columns: SharedArray<f64, pasha::Ix2>,
}

#[test]
fn items_are_those_of_the_fields() -> pasha::Result<()> {
    check(&Pair { a: vec![1_u64, 2], b: [3_u8, 4] }, |item| (*item.a, *item.b));
    check(&Pair { a: 0..5_u64, b: &Array2::<f64>::ones((5, 2)) }, |item| (item.a, item.b.len()));
    let bounded = Bounded { a: vec![1_u8, 2], b: 5..7_u64, numbers: [1, 2] };
    check(&bounded, |Both { a, b, numbers }| (*a, b, *numbers));
    let tuple = Tuple(vec![1, 2], String::new(), ndarray::array![[1.0, 2.0], [3.0, 4.0]], 7);
    check(&tuple, |TupleItem(id, column, all)| (*id, column.to_vec().len(), *all));
    assert_eq!(tuple.1, "");
    check(&OnlyOneField { r#type: vec![1, 2] }, |item| *item.r#type);
    check(
        &Nested { pair: Pair { a: vec![1, 2], b: Newtype(vec![3, 4]) }, id: 0..2 },
        |NestedItem { pair: PairItem { a, b }, id }| (*a, *b, id),
    );
    check(&Newtype(vec![1, 2]), |item| *item);
    let cube = Array3::<f64>::ones((2, 3, 4));
    check(&Columns(cube.view()), |item| item.dim());
    check(&Skipping((), Array1::ones(3)), |item| item.to_bits());
    check(&Generic(&cube), |item| item.dim());
    check(&Generic(Generic(Generic(0..3_u8))), |item| item);
    check(&Dynamic { any: ArrayD::ones(IxDyn(&[2, 3, 4])) }, |item| item.any.shape().to_vec());
    let ctx = Context::serial();
    let table = ctx.alloc::<f64>().shape((3, 2)).build()?;
    let columns = ctx.alloc::<f64>().shape((2, 3)).fill(1.0).build()?;
    check(&Shared { table, columns }, |item| (item.table.len(), item.columns.len()));
    Ok(())
}

#[test]
fn items_of_generic_functors_are_taken_by_kernels() -> pasha::Result<()> {
    #[pasha::kernel]
    fn of_any_pair<A: Functor>(_worker_id: usize, _index: usize, pair: PairItem<'_, A, Vec<f64>>) -> f64 {
        *pair.b
    }

    #[pasha::kernel]
    fn of_one_pair(_worker_id: usize, _index: usize, PairItem { a, b }: PairItem<'_, Vec<u8>, Vec<f64>>) -> f64 {
        f64::from(*a) + b
    }

    let ctx = Context::serial();
    let pair = Pair { a: vec![1_u8, 2], b: vec![10.0, 20.0] };
    assert_eq!(ctx.collect(of_any_pair {}, &pair)?.to_vec(), [10.0, 20.0]);
    assert_eq!(ctx.collect(of_one_pair {}, &pair)?.to_vec(), [11.0, 22.0]);
    assert_eq!(ctx.collect(of_one_pair {}, pair)?.to_vec(), [11.0, 22.0]);
    Ok(())
}

mod elsewhere {
    use pasha::prelude::*;

    #[derive(Functor)]
    pub(super) struct Visible {
        pub(super) id: Vec<u64>,
    }

    impl Visible {
        pub(super) fn new() -> Self {
            Self { id: vec![1, 2, 3] }
        }
    }
}

#[test]
fn an_item_is_as_visible_as_its_functor() -> pasha::Result<()> {
    #[pasha::kernel]
    fn id(_worker_id: usize, _index: usize, item: elsewhere::VisibleItem<'_>) -> u64 {
        *item.id
    }

    let functor = elsewhere::Visible::new();
    assert_eq!(Context::serial().collect(id {}, &functor)?.to_vec(), functor.id);
    Ok(())
}
