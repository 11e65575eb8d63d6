//! `#[derive(Functor)]`: structs and enums of functors are mapped over like any other.

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3};
use pasha::prelude::*;

use crate::support::cases;

cases![
    a_struct_gives_its_fields_by_name,
    the_item_of_a_struct_may_be_taken_apart,
    a_field_may_be_walked_along_another_axis,
    a_field_may_be_skipped_or_given_whole,
    a_tuple_struct_gives_its_fields_by_number,
    a_newtype_gives_the_item_of_what_it_wraps,
    an_enum_gives_the_items_of_its_variant,
    a_generic_struct_holds_any_functor,
    fields_of_different_lengths_are_refused_by_name,
    a_derived_functor_keeps_the_contract,
    items_that_borrow_from_the_state_pass_through,
];

#[derive(Functor)]
struct Shots<'a> {
    train_id: Vec<u64>,
    #[functor(axis = 1)]
    pixels: ArrayView3<'a, u16>,
    #[functor(skip)]
    comment: String,
    #[functor(broadcast)]
    dark: Array2<u16>,
}

/// 3 trains of 2 rows of 4 pixels, the train on axis 1.
fn pixels() -> Array3<u16> {
    Array3::from_shape_fn((2, 3, 4), |(row, train, column)| (100 * train + 10 * row + column) as u16)
}

fn shots(pixels: &Array3<u16>) -> Shots<'_> {
    Shots {
        train_id: vec![1001, 1002, 1003],
        pixels: pixels.view(),
        comment: "not mapped over".to_owned(),
        dark: Array2::from_elem((2, 4), 5),
    }
}

#[pasha::kernel]
fn clean(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] train_id: &mut u64, #[out] sum: &mut u32) {
    *train_id = *shot.train_id;
    *sum = shot.pixels.iter().zip(shot.dark).map(|(pixel, dark)| u32::from(pixel.saturating_sub(*dark))).sum();
}

fn expected_sums(pixels: &Array3<u16>) -> Vec<u32> {
    let train = |train| pixels.index_axis(Axis(1), train).iter().map(|pixel| u32::from(pixel.saturating_sub(5))).sum();
    (0..3).map(train).collect()
}

fn a_struct_gives_its_fields_by_name(ctx: &Context) {
    let pixels = pixels();
    let shots = shots(&pixels);
    let mut train_id = ctx.alloc::<u64>().shape(3).build().unwrap();
    let mut sum = ctx.alloc::<u32>().shape(3).build().unwrap();
    ctx.map(clean { train_id: &mut train_id, sum: &mut sum }, &shots).unwrap();
    assert_eq!((train_id.to_vec(), sum.to_vec()), (vec![1001, 1002, 1003], expected_sums(&pixels)));
    assert_eq!(shots.comment, "not mapped over");
}

fn the_item_of_a_struct_may_be_taken_apart(ctx: &Context) {
    #[pasha::kernel]
    fn add(_worker_id: usize, _index: usize, ShotsItem { train_id, pixels, .. }: ShotsItem<'_>, #[out] sum: &mut u64) {
        *sum = train_id + u64::from(pixels.sum());
    }

    let pixels = pixels();
    let mut sum = ctx.alloc::<u64>().shape(3).build().unwrap();
    ctx.map(add { sum: &mut sum }, shots(&pixels)).unwrap();
    let expected = |train: usize| 1001 + train as u64 + u64::from(pixels.index_axis(Axis(1), train).sum());
    assert_eq!(sum.to_vec(), [expected(0), expected(1), expected(2)]);
}

fn a_field_may_be_walked_along_another_axis(ctx: &Context) {
    #[pasha::kernel]
    fn corner(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] corner: &mut [usize]) {
        corner.copy_from_slice(&[shot.pixels.nrows(), shot.pixels.ncols(), usize::from(shot.pixels[[1, 3]])]);
    }

    let pixels = pixels();
    let mut corners = ctx.alloc::<usize>().shape((3, 3)).build().unwrap();
    ctx.map(corner { corner: &mut corners }, &shots(&pixels)).unwrap();
    assert_eq!(corners, ndarray::array![[2, 4, 13], [2, 4, 113], [2, 4, 213]]);
}

fn a_field_may_be_skipped_or_given_whole(ctx: &Context) {
    #[pasha::kernel]
    fn look(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] dark: &mut u16) {
        *dark = shot.dark.sum();
    }

    let pixels = pixels();
    let mut dark = ctx.alloc::<u16>().shape(3).build().unwrap();
    ctx.map(look { dark: &mut dark }, &shots(&pixels)).unwrap();
    assert_eq!(dark.to_vec(), [40; 3]);
}

#[derive(Functor)]
struct Pair(Vec<i32>, std::ops::Range<i32>);

fn a_tuple_struct_gives_its_fields_by_number(ctx: &Context) {
    #[pasha::kernel]
    fn add(_worker_id: usize, _index: usize, pair: PairItem<'_>, #[out] sum: &mut i32) {
        *sum = pair.0 + pair.1;
    }

    let mut sum = ctx.alloc::<i32>().shape(3).build().unwrap();
    ctx.map(add { sum: &mut sum }, Pair(vec![10, 20, 30], 1..4)).unwrap();
    assert_eq!(sum.to_vec(), [11, 22, 33]);
}

#[derive(Functor)]
struct Traces(Array2<f64>);

fn a_newtype_gives_the_item_of_what_it_wraps(ctx: &Context) {
    #[pasha::kernel]
    fn sum(_worker_id: usize, _index: usize, trace: ArrayView1<'_, f64>, #[out] sum: &mut f64) {
        *sum = trace.sum();
    }

    let mut sums = ctx.alloc::<f64>().shape(7).build().unwrap();
    ctx.map(sum { sum: &mut sums }, &Traces(Array2::from_shape_fn((7, 2), |(row, _)| row as f64))).unwrap();
    assert_eq!(sums.to_vec(), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
}

#[derive(Functor)]
enum Source<'a> {
    Stored(Vec<u32>),
    Borrowed { values: &'a [u32] },
    Array(Array1<u32>),
}

fn an_enum_gives_the_items_of_its_variant(ctx: &Context) {
    #[pasha::kernel]
    fn add_one(_worker_id: usize, _index: usize, &value: &u32, #[out] more: &mut u32) {
        *more = value + 1;
    }

    let values = [4, 5, 6];
    for source in [
        Source::Stored(values.to_vec()),
        Source::Borrowed { values: &values },
        Source::Array(Array1::from_vec(values.to_vec())),
    ] {
        let mut more = ctx.alloc::<u32>().shape(3).build().unwrap();
        ctx.map(add_one { more: &mut more }, &source).unwrap();
        assert_eq!(more.to_vec(), [5, 6, 7]);
    }
}

#[derive(Functor)]
struct Labelled<F, L>
where
    F: Functor,
{
    frames: F,
    labels: L,
}

fn a_generic_struct_holds_any_functor(ctx: &Context) {
    #[pasha::kernel]
    fn sum(
        _worker_id: usize,
        _index: usize,
        item: LabelledItem<'_, &Array3<f32>, std::ops::Range<u8>>,
        #[out] sum: &mut f32,
    ) {
        let frame: ArrayView2<'_, f32> = item.frames;
        *sum = frame.sum() + f32::from(item.labels);
    }

    let frames = Array3::from_shape_fn((5, 2, 2), |(frame, ..)| frame as f32);
    let mut sums = ctx.alloc::<f32>().shape(5).build().unwrap();
    ctx.map(sum { sum: &mut sums }, Labelled { frames: &frames, labels: 100..105 }).unwrap();
    assert_eq!(sums.to_vec(), [100.0, 105.0, 110.0, 115.0, 120.0]);
}

fn fields_of_different_lengths_are_refused_by_name(ctx: &Context) {
    let pixels = pixels();
    let mut train_id = ctx.alloc::<u64>().shape(3).build().unwrap();
    let mut sum = ctx.alloc::<u32>().shape(3).build().unwrap();
    let short = Shots { train_id: vec![1001, 1002], ..shots(&pixels) };
    let error = ctx.map(clean { train_id: &mut train_id, sum: &mut sum }, &short).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Shape);
    assert!(error.to_string().contains("`train_id` has 2 items, but `pixels` has 3"), "{error}");
    assert_eq!((train_id.sum(), sum.sum()), (0, 0));
}

fn a_derived_functor_keeps_the_contract(_ctx: &Context) {
    let pixels = pixels();
    pasha::functor::check::check(&shots(&pixels), |shot| (*shot.train_id, shot.pixels.to_owned(), shot.dark.sum()));
    pasha::functor::check::check(&Pair(vec![10, 20, 30], 1..4), |pair| (*pair.0, pair.1));
    pasha::functor::check::check(&Source::Stored(vec![1, 2]), |value| *value);
}

struct Lent;

impl<'a> pasha::functor::Items<'a> for Lent {
    type Item = &'a [usize];
}

impl Functor for Lent {
    type State = Vec<usize>;

    fn items(&self) -> pasha::Result<usize> {
        Ok(25)
    }

    fn state(&self) -> pasha::Result<Vec<usize>> {
        Ok(Vec::new())
    }

    fn item<'a>(&'a self, buffer: &'a mut Vec<usize>, index: usize) -> pasha::Result<&'a [usize]> {
        buffer.clear();
        buffer.extend(0..index);
        Ok(buffer)
    }
}

#[derive(Functor)]
struct Pulses {
    ramp: Lent,
    number: std::ops::Range<usize>,
}

fn items_that_borrow_from_the_state_pass_through(ctx: &Context) {
    #[pasha::kernel]
    fn sum(_worker_id: usize, _index: usize, pulse: PulsesItem<'_>, #[out] sum: &mut usize) {
        *sum = pulse.ramp.iter().sum::<usize>() * 1000 + pulse.number;
    }

    let mut sums = ctx.alloc::<usize>().shape(25).build().unwrap();
    ctx.map(sum { sum: &mut sums }, &Pulses { ramp: Lent, number: 5..30 }).unwrap();
    assert_eq!(
        sums.to_vec(),
        (0..25_usize).map(|index| index * index.saturating_sub(1) / 2 * 1000 + 5 + index).collect::<Vec<_>>()
    );
}
