//! What a kernel gets of a functor: one item, its parts, or what a worker's state lends.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, Array3, ArrayView0, ArrayView1, ArrayView2, ArrayView3, ArrayViewD, Axis, IxDyn, s};
use pasha::functor::{Item, Items};
use pasha::prelude::*;

use crate::support::{Counters, cases};

cases![
    slices_vectors_and_arrays_give_references,
    a_pattern_takes_an_item_apart,
    ranges_give_integers_of_the_kernels_type,
    owned_items_are_moved_into_the_kernel,
    a_vector_of_anything_may_be_walked,
    an_array_of_two_axes_gives_rows,
    an_array_of_one_axis_gives_references,
    arrays_in_f_order_and_sliced_views_give_the_right_rows,
    an_array_of_dynamic_rank_gives_views_of_dynamic_rank,
    along_another_axis_the_rest_keeps_its_order,
    zipped_functors_give_several_parameters,
    zipped_functors_may_be_taken_as_a_tuple,
    six_functors_may_be_zipped,
    zipped_functors_of_different_lengths_are_refused,
    chunks_give_several_rows,
    a_shared_array_is_mapped_over_where_it_lies,
    an_array_of_no_axes_is_refused,
    items_may_be_borrowed_from_the_state_of_a_worker,
    the_state_is_made_once_by_each_worker,
];

fn slices_vectors_and_arrays_give_references(ctx: &Context) {
    #[pasha::kernel]
    fn negate(_worker_id: usize, _index: usize, value: &i32, #[out] negated: &mut i32) {
        *negated = -value;
    }

    let mut negated = ctx.alloc::<i32>().shape(4).build().unwrap();
    let values = vec![1, 2, 3, 4];
    ctx.map(negate { negated: &mut negated }, &values[..]).unwrap();
    assert_eq!(negated.to_vec(), [-1, -2, -3, -4]);
    ctx.map(negate { negated: &mut negated }, &[5, 6, 7, 8]).unwrap();
    assert_eq!(negated.to_vec(), [-5, -6, -7, -8]);
    ctx.map(negate { negated: &mut negated }, [1, 1, 1, 9]).unwrap();
    assert_eq!(negated.to_vec(), [-1, -1, -1, -9]);
    ctx.map(negate { negated: &mut negated }, values).unwrap();
    assert_eq!(negated.to_vec(), [-1, -2, -3, -4]);
}

fn a_pattern_takes_an_item_apart(ctx: &Context) {
    struct Hit {
        x: u16,
        y: u16,
    }

    #[pasha::kernel]
    fn distance(
        _worker_id: usize,
        _index: usize,
        (&Hit { x, y }, [left, right]): (&Hit, &[u16; 2]),
        #[out] sum: &mut u16,
    ) {
        *sum = x * left + y * right;
    }

    let hits = [Hit { x: 1, y: 2 }, Hit { x: 3, y: 4 }];
    let mut sum = ctx.alloc::<u16>().shape(2).build().unwrap();
    ctx.map(distance { sum: &mut sum }, zip(&hits, &[[10, 100], [1, 2]])).unwrap();
    assert_eq!(sum.to_vec(), [210, 11]);
}

fn ranges_give_integers_of_the_kernels_type(ctx: &Context) {
    #[pasha::kernel]
    fn byte(_worker_id: usize, index: usize, value: u8, #[out] pair: &mut [usize]) {
        pair.copy_from_slice(&[index, usize::from(value)]);
    }

    #[pasha::kernel]
    fn wide(_worker_id: usize, _index: usize, value: i64, #[out] value_out: &mut i64) {
        *value_out = value;
    }

    let mut pairs = ctx.alloc::<usize>().shape((56, 2)).build().unwrap();
    ctx.map(byte { pair: &mut pairs }, 200..=255).unwrap();
    assert_eq!(pairs, Array2::from_shape_fn((56, 2), |(row, column)| row + 200 * column));
    let mut wides = ctx.alloc::<i64>().shape(5).build().unwrap();
    ctx.map(wide { value_out: &mut wides }, i64::MIN..i64::MIN + 5).unwrap();
    assert_eq!(wides[4], i64::MIN + 4);
}

fn owned_items_are_moved_into_the_kernel(ctx: &Context) {
    struct Names(usize);

    impl Items<'_> for Names {
        type Item = String;
    }

    impl Functor for Names {
        type State = ();

        fn items(&self) -> pasha::Result<usize> {
            Ok(self.0)
        }

        fn state(&self) -> pasha::Result<()> {
            Ok(())
        }

        fn item(&self, (): &mut (), index: usize) -> pasha::Result<String> {
            Ok("x".repeat(index))
        }
    }

    #[pasha::kernel]
    fn measure(_worker_id: usize, _index: usize, name: String, #[out] length: &mut usize) {
        *length = name.into_bytes().len();
    }

    let mut lengths = ctx.alloc::<usize>().shape(30).build().unwrap();
    ctx.map(measure { length: &mut lengths }, Names(30)).unwrap();
    assert_eq!(lengths.to_vec(), (0..30).collect::<Vec<_>>());
}

fn a_vector_of_anything_may_be_walked(ctx: &Context) {
    #[pasha::kernel]
    fn look(_worker_id: usize, _index: usize, table: &BTreeMap<String, Vec<f64>>, #[out] sum: &mut f64) {
        *sum = table.values().flatten().sum();
    }

    let tables: Vec<BTreeMap<String, Vec<f64>>> =
        (0..9).map(|size| (0..size).map(|key| (key.to_string(), vec![f64::from(key); 2])).collect()).collect();
    let mut sums = ctx.alloc::<f64>().shape(9).build().unwrap();
    ctx.map(look { sum: &mut sums }, &tables).unwrap();
    assert_eq!(sums.to_vec(), (0..9).map(|size| f64::from(size * (size - 1))).collect::<Vec<_>>());
}

#[pasha::kernel]
fn sum_row(_worker_id: usize, _index: usize, row: ArrayView1<'_, i32>, #[out] sum: &mut i32) {
    *sum = row.sum();
}

fn an_array_of_two_axes_gives_rows(ctx: &Context) {
    let table = Array2::from_shape_fn((23, 4), |(row, column)| (row * row + column) as i32);
    let mut sums = ctx.alloc::<i32>().shape(23).build().unwrap();
    ctx.map(sum_row { sum: &mut sums }, &table).unwrap();
    assert_eq!(sums, table.sum_axis(Axis(1)));
}

fn an_array_of_one_axis_gives_references(ctx: &Context) {
    #[pasha::kernel]
    fn halve(_worker_id: usize, _index: usize, &value: &i32, #[out] half: &mut i32) {
        *half = value / 2;
    }

    let values: Array1<i32> = (0..50).collect();
    let mut halves = ctx.alloc_like(&values).unwrap();
    ctx.map(halve { half: &mut halves }, &values).unwrap();
    assert_eq!(halves, values.mapv(|value| value / 2));
    let mut few = ctx.alloc::<i32>().shape(10).build().unwrap();
    ctx.map(halve { half: &mut few }, values.slice(s![..;-5])).unwrap();
    assert_eq!(few.to_vec(), [24, 22, 19, 17, 14, 12, 9, 7, 4, 2]);
}

fn arrays_in_f_order_and_sliced_views_give_the_right_rows(ctx: &Context) {
    let table = Array2::from_shape_fn((23, 8), |(row, column)| (row * row + 7 * column) as i32);
    let mut f_ordered = Array2::zeros(ndarray::ShapeBuilder::f((23, 8)));
    f_ordered.assign(&table);
    let mut sums = ctx.alloc::<i32>().shape(23).build().unwrap();
    ctx.map(sum_row { sum: &mut sums }, &f_ordered).unwrap();
    assert_eq!(sums, table.sum_axis(Axis(1)));

    let part = table.slice(s![..;-2, 1..;3]);
    let mut sums = ctx.alloc::<i32>().shape(12).build().unwrap();
    ctx.map(sum_row { sum: &mut sums }, part).unwrap();
    assert_eq!(sums, part.sum_axis(Axis(1)));
}

fn an_array_of_dynamic_rank_gives_views_of_dynamic_rank(ctx: &Context) {
    #[pasha::kernel]
    fn sum(_worker_id: usize, _index: usize, part: ArrayViewD<'_, i32>, #[out] sum: &mut i32) {
        *sum = part.sum() * 10 + part.ndim() as i32;
    }

    let cube = Array3::from_shape_fn((6, 2, 3), |(a, b, c)| (a * 6 + b * 3 + c) as i32).into_dyn();
    let mut sums = ctx.alloc::<i32>().shape(6).build().unwrap();
    ctx.map(sum { sum: &mut sums }, &cube).unwrap();
    assert_eq!(sums.to_vec(), (0..6).map(|a| (36 * a + 15) * 10 + 2).collect::<Vec<_>>());
    let line = cube.slice(s![.., 0, 0]).into_dyn();
    ctx.map(sum { sum: &mut sums }, line).unwrap();
    assert_eq!(sums.to_vec(), (0..6).map(|a| 60 * a).collect::<Vec<_>>());
}

fn along_another_axis_the_rest_keeps_its_order(ctx: &Context) {
    #[pasha::kernel]
    fn describe(_worker_id: usize, _index: usize, part: ArrayView2<'_, usize>, #[out] told: &mut [usize]) {
        told.copy_from_slice(&[part.nrows(), part.ncols(), part[[1, 2]]]);
    }

    let cube = Array3::from_shape_fn((2, 3, 4), |(a, b, c)| 100 * a + 10 * b + c);
    let mut told = ctx.alloc::<usize>().shape((4, 3)).build().unwrap();
    ctx.map(describe { told: &mut told }, along(&cube, Axis(2))).unwrap();
    assert_eq!(told, Array2::from_shape_fn((4, 3), |(index, column)| [2, 3, 120 + index][column]));
    let mut told = ctx.alloc::<usize>().shape((3, 3)).build().unwrap();
    ctx.map(describe { told: &mut told }, along(&cube, Axis(1))).unwrap();
    assert_eq!(told, Array2::from_shape_fn((3, 3), |(index, column)| [2, 4, 102 + 10 * index][column]));
    let error = ctx.map(describe { told: &mut told }, along(&cube, Axis(3))).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Shape);
    assert!(error.to_string().contains("no axis 3"), "{error}");
}

#[pasha::kernel]
fn weigh(_worker_id: usize, _index: usize, name: &&str, frame: ArrayView2<'_, f64>, weight: u8, #[out] sum: &mut f64) {
    *sum = frame.sum() * f64::from(weight) + name.len() as f64;
}

fn frames() -> Array3<f64> {
    Array3::from_shape_fn((3, 2, 2), |(frame, ..)| frame as f64 + 1.0)
}

fn zipped_functors_give_several_parameters(ctx: &Context) {
    let mut sums = ctx.alloc::<f64>().shape(3).build().unwrap();
    ctx.map(weigh { sum: &mut sums }, zip(&["a", "bb", "ccc"], &frames()).and(10..13)).unwrap();
    assert_eq!(sums.to_vec(), [41.0, 90.0, 147.0]);
}

fn zipped_functors_may_be_taken_as_a_tuple(ctx: &Context) {
    #[pasha::kernel]
    fn weigh_tuple(_worker_id: usize, _index: usize, item: (&&str, ArrayView2<'_, f64>, u8), #[out] sum: &mut f64) {
        let (name, frame, weight) = item;
        *sum = frame.sum() * f64::from(weight) + name.len() as f64;
    }

    let mut sums = ctx.alloc::<f64>().shape(3).build().unwrap();
    ctx.map(weigh_tuple { sum: &mut sums }, zip(&["a", "bb", "ccc"], &frames()).and(10..13)).unwrap();
    assert_eq!(sums.to_vec(), [41.0, 90.0, 147.0]);
}

fn six_functors_may_be_zipped(ctx: &Context) {
    #[pasha::kernel]
    #[allow(clippy::too_many_arguments)]
    fn add(_worker_id: usize, _index: usize, a: u8, b: &u8, c: u8, d: &u8, e: u8, f: &u8, #[out] sum: &mut u8) {
        *sum = a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f;
    }

    let (b, d, f) = ([0, 1], [1, 0], [0, 1]);
    let mut sums = ctx.alloc::<u8>().shape(2).build().unwrap();
    ctx.map(add { sum: &mut sums }, zip(0..2, &b).and(1..3).and(&d).and(0..2).and(&f)).unwrap();
    assert_eq!(sums.to_vec(), [4 + 8, 1 + 2 + 8 + 16 + 32]);
}

fn zipped_functors_of_different_lengths_are_refused(ctx: &Context) {
    let mut sums = ctx.alloc::<f64>().shape(3).build().unwrap();
    let error = ctx.map(weigh { sum: &mut sums }, zip(&["a", "bb", "ccc"], &frames()).and(10..12)).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Shape);
    assert!(error.to_string().contains("part 0 of the zip has 3 items, but part 2 has 2"), "{error}");
    assert_eq!(sums.to_vec(), [0.0; 3]);
}

fn chunks_give_several_rows(ctx: &Context) {
    #[pasha::kernel]
    fn measure(_worker_id: usize, index: usize, block: ArrayView2<'_, i32>, #[out] told: &mut [i32]) {
        told.copy_from_slice(&[index as i32, block.nrows() as i32, block.sum()]);
    }

    #[pasha::kernel]
    fn bounds(_worker_id: usize, _index: usize, rows: std::ops::Range<u16>, #[out] first_and_last: &mut [u16]) {
        first_and_last.copy_from_slice(&[rows.start, rows.end - 1]);
    }

    let table = Array2::from_shape_fn((11, 3), |(row, _)| row as i32);
    let mut told = ctx.alloc::<i32>().shape((3, 3)).build().unwrap();
    ctx.map(measure { told: &mut told }, chunks(&table, 4)).unwrap();
    assert_eq!(told, ndarray::array![[0, 4, 18], [1, 4, 66], [2, 3, 81]]);

    let mut ends = ctx.alloc::<u16>().shape((4, 2)).build().unwrap();
    ctx.map(bounds { first_and_last: &mut ends }, chunks(100..110, 3)).unwrap();
    assert_eq!(ends, ndarray::array![[100, 102], [103, 105], [106, 108], [109, 109]]);

    let error = ctx.map(measure { told: &mut told }, chunks(&table, 0)).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Argument);
}

fn a_shared_array_is_mapped_over_where_it_lies(ctx: &Context) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, index: usize, _item: u8, #[out] row: &mut [i32]) {
        row.fill(index as i32);
    }

    #[pasha::kernel]
    fn add_views(_worker_id: usize, _index: usize, block: ArrayView3<'_, f32>, #[out] sum: &mut f32) {
        *sum = block.sum();
    }

    let mut table = ctx.alloc::<i32>().shape((40, 3)).build().unwrap();
    ctx.map(fill { row: &mut table }, 0..40).unwrap();
    let mut sums = ctx.alloc::<i32>().shape(40).build().unwrap();
    ctx.map(sum_row { sum: &mut sums }, &table).unwrap();
    assert_eq!(sums.to_vec(), (0..40).map(|row| 3 * row).collect::<Vec<_>>());
    let mut columns = ctx.alloc::<i32>().shape(3).build().unwrap();
    ctx.map(sum_row { sum: &mut columns }, along(&table, Axis(1))).unwrap();
    assert_eq!(columns.to_vec(), [780; 3]);

    let blocks = ctx.alloc::<f32>().shape((5, 2, 2, 2)).order(Order::F).fill(0.5).build().unwrap();
    let mut sums = ctx.alloc::<f32>().shape(5).build().unwrap();
    ctx.map(add_views { sum: &mut sums }, &blocks).unwrap();
    assert_eq!(sums.to_vec(), [4.0; 5]);
}

fn an_array_of_no_axes_is_refused(ctx: &Context) {
    #[pasha::kernel]
    fn look(_worker_id: usize, _index: usize, _value: ArrayViewD<'_, u8>) {}

    let single = ArrayView0::from_shape((), &[1]).unwrap().into_dyn();
    let error = ctx.map(look {}, single).unwrap_err();
    assert_eq!(error.kind(), pasha::ErrorKind::Shape);
    assert!(error.to_string().contains("no dimensions"), "{error}");
    assert_eq!(ctx.map(look {}, ArrayViewD::from_shape(IxDyn(&[1]), &[1]).unwrap()).unwrap().items(), 1);
}

/// Frames that are computed into the buffer of a worker.
struct Ramps<'c> {
    frames: usize,
    states: &'c Counters,
}

impl<'a> Items<'a> for Ramps<'_> {
    type Item = (u64, ArrayView1<'a, u32>);
}

impl Functor for Ramps<'_> {
    type State = Vec<u32>;

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.frames)
    }

    fn state(&self) -> pasha::Result<Vec<u32>> {
        self.states.count(0);
        Ok(vec![0; 6])
    }

    fn item<'a>(&'a self, buffer: &'a mut Vec<u32>, index: usize) -> pasha::Result<Item<'a, Self>> {
        buffer.iter_mut().zip(index as u32..).for_each(|(value, number)| *value = number);
        Ok((1000 + index as u64, ArrayView1::from(&*buffer)))
    }
}

fn items_may_be_borrowed_from_the_state_of_a_worker(ctx: &Context) {
    #[pasha::kernel]
    fn sum(_worker_id: usize, _index: usize, train_id: u64, ramp: ArrayView1<'_, u32>, #[out] sum: &mut u64) {
        *sum = train_id * 1000 + u64::from(ramp.sum());
    }

    let states = Counters::new(1);
    let mut sums = ctx.alloc::<u64>().shape(90).build().unwrap();
    ctx.map(sum { sum: &mut sums }, &Ramps { frames: 90, states: &states }).unwrap();
    assert_eq!(sums.to_vec(), (0..90).map(|index| (1000 + index) * 1000 + 6 * index + 15).collect::<Vec<_>>());
}

fn the_state_is_made_once_by_each_worker(ctx: &Context) {
    #[pasha::kernel]
    fn name(worker_id: usize, _index: usize, _train_id: u64, _ramp: ArrayView1<'_, u32>, #[out] by: &mut usize) {
        *by = worker_id;
    }

    let states = Counters::new(1);
    let mut by = ctx.alloc::<usize>().shape(90).build().unwrap();
    ctx.map(name { by: &mut by }, &Ramps { frames: 90, states: &states }).unwrap();
    let mut workers = by.to_vec();
    workers.sort_unstable();
    workers.dedup();
    assert!((workers.len()..=ctx.workers()).contains(&(states.total() as usize)));

    let mut nobody = ctx.alloc::<usize>().shape(0).build().unwrap();
    let before = states.total();
    ctx.map(name { by: &mut nobody }, &Ramps { frames: 0, states: &states }).unwrap();
    assert_eq!(states.total(), before, "without items nobody needs a state");
}
