//! What is sent to resident workers, and what makes a map fork: by kind of functor, of binding and of parameter.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use bytemuck::{Pod, Zeroable};
use ndarray::{
    Array, Array2, ArrayRef, ArrayView1, ArrayView2, ArrayViewMut2, Dimension, IntoDimension, Ix1, Ix2, IxDyn, s,
};
use pasha::prelude::*;
use pasha::{Element, Report, Shape};
use pasha_tests::support::Case;

mod pieces;

macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        const CASES: &[Case] = &[$(Case {
            name: concat!(module_path!(), "::", stringify!($case)),
            run: |setting| $case(setting.ctx()),
        }),*];
    };
}

cases![
    ranges_travel,
    lists_travel,
    arrays_travel,
    views_of_shared_arrays_travel_whatever_their_strides,
    shared_arrays_travel,
    zips_travel,
    chunks_travel,
    boxes_travel,
    derived_structs_travel,
    derived_enums_travel,
    all_bindings_travel,
    values_travel,
    references_and_views_travel,
    elements_of_ones_own_travel_in_shared_memory,
    generic_parameters_travel_if_they_are_numbers_or_bytes,
    nothing_travels_as_well,
    much_private_memory_forks,
    axes_known_at_run_time_fork,
    private_memory_with_gaps_forks,
    scratch_that_captures_forks,
    parameters_that_may_refer_to_private_memory_fork,
    references_to_views_fork,
    functors_by_hand_fork,
    skipped_fields_that_are_not_plain_fork,
    functors_that_drop_fork,
    axes_and_rows_by_hand_fork,
    arrays_of_other_processes_fork,
];

/// All cases.
pub(crate) fn suites() -> [&'static [Case]; 2] {
    [CASES, pieces::CASES]
}

fn travels(report: &Report) {
    assert_eq!(report.why_forked(), None);
}

fn forks(report: &Report, because: &str) {
    let why = report.why_forked().expect("this cannot be sent");
    assert!(why.contains(because), "{why:?} does not say {because:?}");
}

fn shared<D: Dimension + Shape>(ctx: &Context, shape: impl IntoDimension<Dim = D>) -> SharedArray<u64, D> {
    let mut array = ctx.alloc::<u64>().shape(shape).build().unwrap();
    array.view_mut().iter_mut().zip(1..).for_each(|(value, number)| *value = number);
    array
}

#[pasha::kernel]
fn copy(_worker_id: usize, _index: usize, &value: &u64, #[out] to: &mut u64) {
    *to = value;
}

#[pasha::kernel]
fn count(_worker_id: usize, _index: usize, value: u64, #[out] to: &mut u64) {
    *to = value;
}

#[pasha::kernel]
fn sum(_worker_id: usize, _index: usize, row: ArrayView1<'_, u64>, #[out] to: &mut u64) {
    *to = row.sum();
}

#[pasha::kernel]
fn sum_list(_worker_id: usize, _index: usize, list: &[u64], #[out] to: &mut u64) {
    *to = list.iter().sum();
}

#[pasha::kernel]
fn sum_range(_worker_id: usize, _index: usize, range: Range<u64>, #[out] to: &mut u64) {
    *to = range.sum();
}

#[pasha::kernel]
fn sum_frame(_worker_id: usize, _index: usize, frame: ArrayView2<'_, u64>, #[out] to: &mut u64) {
    *to = frame.sum();
}

/// Maps, checks the results, and says how it went.
macro_rules! results {
    ($ctx:expr, $kernel:ident, $functor:expr, $expected:expr) => {{
        let expected: Vec<u64> = $expected.into_iter().collect();
        let mut to = $ctx.alloc::<u64>().shape(expected.len()).build().unwrap();
        let report = $ctx.map($kernel { to: &mut to }, $functor).unwrap();
        assert_eq!(to.to_vec(), expected);
        report
    }};
}

fn ranges_travel(ctx: &Context) {
    travels(&results!(ctx, count, 3..9, 3..9));
    travels(&results!(ctx, count, &(3..9), 3..9));
    travels(&results!(ctx, count, 3..=9, 3..=9));
    travels(&results!(ctx, count, 3..3, 0..0));
}

fn lists_travel(ctx: &Context) {
    let list: Vec<u64> = (10..30).collect();
    travels(&results!(ctx, copy, &list, 10..30));
    travels(&results!(ctx, copy, &list[3..5], 13..15));
    travels(&results!(ctx, copy, &list[3..3], 0..0));
    travels(&results!(ctx, copy, list, 10..30));
    travels(&results!(ctx, copy, [4, 5], 4..6));
    travels(&results!(ctx, copy, &[4, 5], 4..6));
}

fn arrays_travel(ctx: &Context) {
    let array = Array2::from_shape_fn((4, 3), |(row, column)| (row * 3 + column) as u64);
    let rows = [3, 12, 21, 30];
    travels(&results!(ctx, sum, &array, rows));
    travels(&results!(ctx, sum, array.view(), rows));
    travels(&results!(ctx, sum, along(&array, Axis(1)), [18, 22, 26]));
    travels(&results!(ctx, sum, along(array.view(), Axis(1)), [18, 22, 26]));
    travels(&results!(ctx, sum, array, rows));
    travels(&results!(ctx, copy, Array::from_vec(vec![7, 8]), [7, 8]));
}

fn views_of_shared_arrays_travel_whatever_their_strides(ctx: &Context) {
    // Too much to be copied.
    let array = shared(ctx, [1 << 9, 1 << 9]);
    let slices = [s![..;-1, ..;2], s![1..100;-3, ..;-1], s![7..8, 5..6], s![9..9, ..;3]];
    for slice in slices {
        let view = array.slice(slice);
        travels(&results!(ctx, sum, view, view.outer_iter().map(|row| row.sum())));
        travels(&results!(ctx, sum, &view, view.outer_iter().map(|row| row.sum())));
        travels(&results!(ctx, sum, along(view, Axis(1)), view.columns().into_iter().map(|row| row.sum())));
        travels(&results!(ctx, sum, view.reversed_axes(), view.columns().into_iter().map(|row| row.sum())));
    }
}

fn shared_arrays_travel(ctx: &Context) {
    let array = shared(ctx, [1 << 9, 1 << 9]);
    let rows = || array.outer_iter().map(|row| row.sum()).collect::<Vec<_>>();
    travels(&results!(ctx, sum, &array, rows()));
    travels(&results!(ctx, sum, along(&array, Axis(1)), array.columns().into_iter().map(|column| column.sum())));
    travels(&results!(ctx, copy, &array.as_slice().unwrap()[1000..], 1001..=1 << 18));
    let expected = rows();
    travels(&results!(ctx, sum, array, expected));

    let mut by_columns = ctx.alloc::<u64>().shape((3, 4)).order(Order::F).build().unwrap();
    by_columns.view_mut().assign(&Array2::from_shape_fn((3, 4), |(row, column)| (10 * row + column) as u64));
    travels(&results!(ctx, sum, &by_columns, [6, 46, 86]));
    travels(&results!(ctx, copy, &shared(ctx, [0]), 0..0));
}

fn zips_travel(ctx: &Context) {
    #[pasha::kernel]
    fn mix(
        _worker_id: usize,
        _index: usize,
        a: u64,
        b: &u64,
        c: &u64,
        d: ArrayView1<'_, u64>,
        e: ArrayView1<'_, u64>,
        f: &u64,
        #[out] to: &mut u64,
    ) {
        *to = a + 10 * b + 100 * c + 1000 * d.sum() + 10_000 * e.sum() + 1_000_000 * f;
    }

    let (list, array) = (vec![1, 2], shared(ctx, [2, 2]));
    let frames = Array2::ones((3, 2));
    let all = zip(5..7, &list).and([3, 4]).and(&array).and(along(&frames, Axis(1))).and(zip_of_one(&list));
    travels(&results!(ctx, mix, all, [1_033_315, 2_037_426]));

    #[pasha::kernel]
    fn two(_worker_id: usize, _index: usize, a: u64, b: &u64, #[out] to: &mut u64) {
        *to = a + b;
    }
    travels(&results!(ctx, two, &zip(5..7, &list), [6, 8]));
    travels(&results!(ctx, two, zip(&(5..7), list), [6, 8]));
}

fn zip_of_one(list: &[u64]) -> &[u64] {
    list
}

fn chunks_travel(ctx: &Context) {
    let (list, array) = (Vec::from_iter(1..=5), shared(ctx, [5, 2]));
    travels(&results!(ctx, sum_range, chunks(1..6, 2), [3, 7, 5]));
    travels(&results!(ctx, sum_list, chunks(&list, 2), [3, 7, 5]));
    travels(&results!(ctx, sum_list, chunks(&list[1..], 9), [14]));
    travels(&results!(ctx, sum_list, chunks([1, 2, 3], 2), [3, 3]));
    travels(&results!(ctx, sum_list, chunks(list.clone(), 2), [3, 7, 5]));
    travels(&results!(ctx, sum_list, &chunks(Arc::new(list.clone()), 2), [3, 7, 5]));
    travels(&results!(ctx, sum_list, chunks(list.into_boxed_slice(), 2), [3, 7, 5]));
    travels(&results!(ctx, sum_frame, chunks(&array, 2), [10, 26, 19]));
    travels(&results!(ctx, sum_frame, chunks(array.slice(s![..;-2, ..]), 2), [30, 3]));
    travels(&results!(ctx, sum_frame, chunks(array.to_owned(), 2), [10, 26, 19]));
    travels(&results!(ctx, sum_frame, chunks(array, 2), [10, 26, 19]));
}

fn boxes_travel(ctx: &Context) {
    let list: Box<[u64]> = Box::new([1, 2, 3]);
    travels(&results!(ctx, copy, &list, 1..4));
    travels(&results!(ctx, copy, Arc::<[u64]>::from(list.clone()), 1..4));
    travels(&results!(ctx, copy, list, 1..4));
    travels(&results!(ctx, count, Box::new(1..4), 1..4));
    travels(&results!(ctx, sum, Arc::new(shared(ctx, [2, 2])), [3, 7]));
    travels(&results!(ctx, sum, &Box::new(&shared(ctx, [2, 2])), [3, 7]));
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Window {
    from: u32,
    to: u32,
}

#[derive(pasha::Functor)]
struct Shots<'a, F> {
    train_id: Vec<u64>,
    #[functor(axis = 1)]
    pixels: ArrayView2<'a, u64>,
    more: F,
    #[functor(broadcast)]
    gain: u64,
    #[functor(skip)]
    _window: Window,
    #[functor(skip)]
    _flag: Option<u8>,
    #[functor(skip)]
    _letter: char,
}

#[derive(Debug, pasha::Functor)]
struct Pair<A, B>(A, B);

#[derive(Debug, pasha::Functor)]
struct Newtype<F>(F, #[functor(skip)] std::marker::PhantomData<String>);

fn derived_structs_travel(ctx: &Context) {
    #[pasha::kernel]
    fn shot(_worker_id: usize, _index: usize, shot: ShotsItem<'_, Range<u64>>, #[out] to: &mut u64) {
        let ShotsItem { train_id, pixels, more, gain } = shot;
        *to = gain * (train_id + pixels.sum() + more);
    }

    #[pasha::kernel]
    fn pair(
        _worker_id: usize,
        _index: usize,
        PairItem(a, b): PairItem<'_, &'_ [u64], Newtype<Range<u64>>>,
        #[out] to: &mut u64,
    ) {
        *to = a + b;
    }

    let pixels = shared(ctx, [1 << 8, 1 << 10]);
    let shots = Shots {
        train_id: vec![1, 2],
        pixels: pixels.slice(s![..;-1, 5..7]),
        more: 10..12,
        gain: 3,
        _window: Window { from: 1, to: 2 },
        _flag: None,
        _letter: 'a',
    };
    let columns = [5, 6].map(|column| pixels.column(column).sum());
    let expected = [3 * (11 + columns[0]), 3 * (13 + columns[1])];
    travels(&results!(ctx, shot, &shots, expected));
    travels(&results!(ctx, shot, Box::new(shots), expected));

    let newtype = || Newtype(3..5_u64, std::marker::PhantomData);
    travels(&results!(ctx, count, newtype(), 3..5));
    travels(&results!(ctx, pair, &Pair(&[10, 20][..], newtype()), [13, 24]));
}

#[derive(pasha::Functor)]
enum Numbers<'a> {
    Owned(Vec<u64>),
    Borrowed {
        #[functor(skip)]
        _number: u8,
        numbers: &'a [u64],
    },
    Named {
        numbers: [u64; 2],
        #[functor(skip)]
        _name: String,
    },
}

fn derived_enums_travel(ctx: &Context) {
    let array = shared(ctx, [1 << 18]);
    travels(&results!(ctx, copy, Numbers::Owned(vec![1, 2]), [1, 2]));
    let borrowed = Numbers::Borrowed { _number: 5, numbers: array.as_slice().unwrap() };
    travels(&results!(ctx, copy, &borrowed, 1..=1 << 18));
    let named = Numbers::Named { numbers: [1, 2], _name: "a".to_owned() };
    forks(&results!(ctx, copy, named, [1, 2]), "the field `_name` of type `alloc::string::String`");
}

fn all_bindings_travel(ctx: &Context) {
    #[pasha::kernel]
    fn all(
        _worker_id: usize,
        index: usize,
        value: u64,
        #[out] element: &mut u64,
        #[out] row: &mut [u64],
        #[out(axis = 1)] frame: ArrayViewMut2<'_, u64>,
        #[out(ranges)] run: &mut [u64],
        #[out] none: Option<&mut u64>,
        #[per_worker] own: &mut u64,
        #[reduce(sum)] total: &mut u64,
        #[reduce(max)] most: &mut [u64],
        #[reduce(with = u64_xor, identity = 0)] odd: &mut u64,
        #[scratch] buffer: &mut Vec<u64>,
    ) {
        let mut frame = frame;
        buffer.push(value);
        *element = value;
        row.fill(value);
        frame.fill(value);
        run.fill(value);
        assert!(none.is_none() && index as u64 == value);
        *own += value;
        *total += value;
        most[0] = most[0].max(value);
        *odd ^= value;
    }

    fn u64_xor(a: &mut u64, b: &u64) {
        *a ^= b;
    }

    let zeros = |len: usize| ctx.alloc::<u64>().shape(len).build().unwrap();
    let mut row = ctx.alloc::<u64>().shape((4, 3)).build().unwrap();
    let mut frame = ctx.alloc::<u64>().shape((2, 4, 2)).order(Order::F).build().unwrap();
    let mut own = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let [mut total, mut odd] = [(); 2].map(|()| ctx.alloc::<u64>().shape(()).build().unwrap());
    let (mut element, mut run, mut most) = (zeros(4), zeros(6), zeros(1));
    let kernel = all {
        element: &mut element,
        row: &mut row,
        frame: &mut frame,
        run: run.ranges(&[0, 1, 1, 2, 6]).unwrap(),
        none: None,
        own: &mut own,
        total: &mut total,
        most: &mut most,
        odd: &mut odd,
        buffer: Vec::new,
    };
    travels(&ctx.map(kernel, 0..4).unwrap());
    assert_eq!(element.to_vec(), [0, 1, 2, 3]);
    assert_eq!((row.sum(), frame.sum(), run.to_vec()), (18, 24, vec![0, 2, 3, 3, 3, 3]));
    assert_eq!((own.sum(), total[()], most[0], odd[()]), (6, 6, 3, 0));
}

fn values_travel(ctx: &Context) {
    #[pasha::kernel]
    fn values(
        _worker_id: usize,
        _index: usize,
        value: u64,
        #[param] number: f64,
        #[param] flag: bool,
        #[param] letter: char,
        #[param] window: Window,
        #[param] three: [u64; 3],
        #[param] some: Option<u64>,
        #[param] none: Option<Window>,
        #[param] pair: (u64, i8),
        #[out] to: &mut u64,
    ) {
        assert!(flag && letter == 'ä' && none.is_none() && pair.1 == -1);
        let window = u64::from(window.to - window.from);
        *to = value + number as u64 + window + three.iter().sum::<u64>() + some.unwrap_or(0) + pair.0;
    }

    let mut to = ctx.alloc::<u64>().shape(2).build().unwrap();
    let kernel = values {
        number: 1e6,
        flag: true,
        letter: 'ä',
        window: Window { from: 3, to: 5 },
        three: [10, 20, 30],
        some: Some(1000),
        none: None,
        pair: (100, -1),
        to: &mut to,
    };
    travels(&ctx.map(kernel, 0..2).unwrap());
    assert_eq!(to.to_vec(), [1_001_162, 1_001_163]);
}

fn references_and_views_travel(ctx: &Context) {
    #[pasha::kernel]
    fn references(
        _worker_id: usize,
        _index: usize,
        value: u64,
        #[param] slice: &[u64],
        #[param] flags: &[bool],
        #[param] text: &str,
        #[param] list: &Vec<u64>,
        #[param] three: &[u64; 3],
        #[param] number: &u64,
        #[param] window: &'_ Window,
        #[param] windows: &[Window],
        #[param] owned: &Array2<u64>,
        #[param] shared: &SharedArray<u64, Ix2>,
        #[param] array: &ArrayRef<u64, Ix2>,
        #[param] view: ArrayView2<'_, u64>,
        #[param] private: ndarray::ArrayView<'_, u64, Ix1>,
        #[param] one: ndarray::ArrayView0<'_, u64>,
        #[out] to: &mut u64,
    ) {
        assert!(flags == [true, false] && text == "größe" && window.from + windows[1].to == 10);
        let lists = slice.iter().chain(list).chain(three).sum::<u64>();
        let arrays = owned.sum() + shared.sum() + array.sum() + view[[0, 0]] + private.sum();
        *to = value + lists + arrays + number + one.into_scalar();
    }

    let large = shared(ctx, [1 << 9, 1 << 9]);
    let (frames, list) = (Array2::from_elem((2, 3), 1_u64), vec![1, 2, 3]);
    let windows = [Window { from: 1, to: 2 }, Window { from: 3, to: 4 }];
    let mut one = ctx.alloc::<u64>().shape(()).build().unwrap();
    one[()] = 5;
    let mut to = ctx.alloc::<u64>().shape(2).build().unwrap();
    let kernel = references {
        slice: &large.as_slice().unwrap()[..1 << 17],
        flags: &[true, false],
        text: "größe",
        list: &list,
        three: &[1, 1, 1],
        number: &7,
        window: &Window { from: 6, to: 0 },
        windows: &windows,
        owned: &frames,
        shared: &large,
        array: &large,
        view: large.slice(s![..;-1, ..;-2]),
        private: ArrayView1::from(&list[1..]),
        one: one.view(),
        to: &mut to,
    };
    travels(&ctx.map(kernel, 0..2).unwrap());
    let (half, all) = ((1_u64 << 17) * ((1 << 17) + 1) / 2, (1_u64 << 18) * ((1 << 18) + 1) / 2);
    let expected = half + 6 + 3 + 6 + 2 * all + (1 << 18) + 5 + 7 + 5;
    assert_eq!(to.to_vec(), [expected, expected + 1]);
}

fn elements_of_ones_own_travel_in_shared_memory(ctx: &Context) {
    #[pasha::kernel]
    fn width(_worker_id: usize, _index: usize, window: &Window, #[param] all: &[Window], #[out] to: &mut u64) {
        *to = u64::from(window.to - window.from) * all.len() as u64;
    }

    let mut windows = ctx.alloc::<Window>().shape(1 << 18).build().unwrap();
    windows.view_mut().fill(Window { from: 2, to: 5 });
    let mut to = ctx.alloc::<u64>().shape(1 << 18).build().unwrap();
    let all = windows.as_slice().unwrap();
    travels(&ctx.map(width { all, to: &mut to }, &windows).unwrap());
    travels(&ctx.map(width { all: &all[1..], to: &mut to }, all).unwrap());
    assert!(to.iter().all(|width| *width == 3 * ((1 << 18) - 1)));
}

fn generic_parameters_travel_if_they_are_numbers_or_bytes(ctx: &Context) {
    #[pasha::kernel]
    fn given<T: Copy + Send + Sync + Debug>(
        _worker_id: usize,
        _index: usize,
        value: u64,
        #[param] given: T,
        #[out] to: &mut u64,
    ) {
        *to = value + format!("{given:?}").len() as u64;
    }

    #[pasha::kernel]
    fn element<T: Element + PartialEq>(
        _worker_id: usize,
        _index: usize,
        value: u64,
        #[param] wanted: T,
        #[param] table: &[T],
        #[param] view: ArrayView1<'_, T>,
        #[out] to: &mut u64,
    ) {
        *to = value + table.iter().chain(view).filter(|other| **other == wanted).count() as u64;
    }

    let mut to = ctx.alloc::<u64>().shape(2).build().unwrap();
    travels(&ctx.map(given { given: 1234_u16, to: &mut to }, 0..2).unwrap());
    assert_eq!(to.to_vec(), [4, 5]);
    forks(&ctx.map(given { given: "text", to: &mut to }, 0..2).unwrap(), "`&str`");
    assert_eq!(to.to_vec(), [6, 7]);
    let table = [1.0, 2.0, 1.0];
    let kernel = element { wanted: 1.0, table: &table, view: ArrayView1::from(&table[1..]), to: &mut to };
    travels(&ctx.map(kernel, 0..2).unwrap());
    assert_eq!(to.to_vec(), [3, 4]);
    let table = [[1_u8, 2], [3, 4]];
    let view = ctx.alloc::<[u8; 2]>().shape(3).build().unwrap();
    let kernel = element { wanted: [3, 4], table: &table, view: view.view(), to: &mut to };
    travels(&ctx.map(kernel, 0..2).unwrap());
    assert_eq!(to.to_vec(), [1, 2]);
}

fn nothing_travels_as_well(ctx: &Context) {
    #[pasha::kernel]
    fn nothing(_worker_id: usize, _index: usize, _value: u64, #[param] _none: (), #[param] _list: &[u64]) {}

    travels(&ctx.map(nothing { _none: (), _list: &[] }, 0..5).unwrap());
    travels(&ctx.map(nothing { _none: (), _list: &[] }, 0..0).unwrap());
}

fn much_private_memory_forks(ctx: &Context) {
    #[pasha::kernel]
    fn look_up(_worker_id: usize, _index: usize, value: usize, #[param] table: &[u64], #[out] to: &mut u64) {
        *to = table[value];
    }

    let list = Vec::from_iter(0..1 << 18);
    forks(&results!(ctx, copy, &list, 0..1 << 18), "2097152 bytes");
    forks(
        &results!(ctx, sum, ArrayView2::from_shape((2, 1 << 17), &list).unwrap(), [8_589_869_056, 25_769_738_240]),
        "private",
    );
    let mut to = ctx.alloc::<u64>().shape(2).build().unwrap();
    forks(&ctx.map(look_up { table: &list, to: &mut to }, 5..7).unwrap(), "2097152 bytes");
    assert_eq!(to.to_vec(), [5, 6]);
}

fn axes_known_at_run_time_fork(ctx: &Context) {
    #[pasha::kernel]
    fn sum_all(_worker_id: usize, _index: usize, part: ndarray::ArrayViewD<'_, u64>, #[out] to: &mut u64) {
        *to = part.sum();
    }

    let shared = ctx.alloc::<u64>().shape(IxDyn(&[2, 2])).fill(3).build().unwrap();
    forks(&results!(ctx, sum_all, &shared, [6, 6]), "number of axes");
    forks(&results!(ctx, sum_all, shared.view(), [6, 6]), "number of axes");
    forks(&results!(ctx, sum_all, shared.to_owned(), [6, 6]), "number of axes");
}

fn private_memory_with_gaps_forks(ctx: &Context) {
    let array = Array2::from_shape_fn((4, 4), |(row, column)| (row * 4 + column) as u64);
    forks(&results!(ctx, sum, array.slice(s![..;2, ..]), [6, 38]), "not in C order");
    forks(&results!(ctx, sum, array.t(), [24, 28, 32, 36]), "not in C order");
}

fn scratch_that_captures_forks(ctx: &Context) {
    #[pasha::kernel]
    fn with_buffer(
        _worker_id: usize,
        _index: usize,
        value: u64,
        #[scratch] buffer: &mut Vec<u64>,
        #[out] to: &mut u64,
    ) {
        *to = value + buffer.len() as u64;
    }

    let room = vec![0; 5];
    let mut to = ctx.alloc::<u64>().shape(2).build().unwrap();
    let report = ctx.map(with_buffer { buffer: || room.clone(), to: &mut to }, 0..2).unwrap();
    forks(&report, "`#[scratch]` closure captures");
    assert_eq!(to.to_vec(), [5, 6]);
    travels(&ctx.map(with_buffer { buffer: || vec![0; 7], to: &mut to }, 0..2).unwrap());
    assert_eq!(to.to_vec(), [7, 8]);
}

#[derive(Clone, Copy)]
struct Opaque {
    number: u64,
}

fn parameters_that_may_refer_to_private_memory_fork(ctx: &Context) {
    macro_rules! forks_for {
        ($ty:ty, $value:expr, $number:expr, $because:expr) => {{
            #[pasha::kernel]
            fn with(_worker_id: usize, _index: usize, value: u64, #[param] given: $ty, #[out] to: &mut u64) {
                let number: fn($ty) -> u64 = $number;
                *to = value + number(given);
            }

            let mut to = ctx.alloc::<u64>().shape(2).build().unwrap();
            forks(&ctx.map(with { given: $value, to: &mut to }, 0..2).unwrap(), $because);
            assert_eq!(to.to_vec(), [7, 8]);
        }};
    }

    let (mutex, text, list) = (Mutex::new(7), "seven!!".to_owned(), [0_u8; 7]);
    forks_for!(&Mutex<u64>, &mutex, |mutex| *mutex.lock().unwrap(), "Mutex<u64>");
    forks_for!(&String, &text, |text| text.len() as u64, "String");
    forks_for!(&[String], std::slice::from_ref(&text), |texts| texts[0].len() as u64, "String");
    forks_for!(&[&str], &[&text], |texts| texts[0].len() as u64, "&str");
    forks_for!(Opaque, Opaque { number: 7 }, |opaque| opaque.number, "Opaque");
    forks_for!(&Opaque, &Opaque { number: 7 }, |opaque| opaque.number, "Opaque");
    forks_for!(fn(u64) -> u64, |number| number + 4, |function| function(3), "fn(u64) -> u64");
    forks_for!(Option<&[u8]>, Some(&list), |list| list.unwrap().len() as u64, "Option<&[u8]>");
    forks_for!(&'static [u8], &[0; 7], |list| list.len() as u64, "&[u8]");
    forks_for!(&(dyn Fn() -> u64 + Sync), &|| 7, |function| function(), "dyn");
}

/// A call could keep the view, whatever it was lent the reference for.
fn references_to_views_fork(ctx: &Context) {
    #[pasha::kernel]
    fn with(_worker_id: usize, _index: usize, value: u64, #[param] view: &ArrayView1<'_, u64>, #[out] to: &mut u64) {
        *to = value + view.sum();
    }

    let array = shared(ctx, [3]);
    let mut to = ctx.alloc::<u64>().shape(2).build().unwrap();
    forks(&ctx.map(with { view: &array.view(), to: &mut to }, 0..2).unwrap(), "ViewRepr");
    assert_eq!(to.to_vec(), [6, 7]);
}

struct ByHand(u64);

impl<'a> pasha::functor::Items<'a> for ByHand {
    type Item = u64;
}

impl Functor for ByHand {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(2)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<u64> {
        Ok(self.0 + index as u64)
    }
}

fn functors_by_hand_fork(ctx: &Context) {
    let because = "a functor of type `residents::sending::ByHand`";
    forks(&results!(ctx, count, ByHand(3), 3..5), because);
    forks(&results!(ctx, count, &ByHand(3), 3..5), because);
    forks(&results!(ctx, count, Box::new(ByHand(3)), 3..5), because);
    forks(&results!(ctx, count, Arc::new(ByHand(3)), 3..5), because);
    forks(&results!(ctx, count, Newtype(ByHand(3), std::marker::PhantomData), 3..5), because);
}

#[derive(pasha::Functor)]
struct Commented<F> {
    values: F,
    #[functor(skip)]
    _number: u8,
    #[functor(skip)]
    _comment: &'static str,
}

#[derive(pasha::Functor)]
struct Named<'a> {
    values: &'a [u64],
    #[functor(broadcast)]
    name: &'a str,
}

fn skipped_fields_that_are_not_plain_fork(ctx: &Context) {
    #[pasha::kernel]
    fn commented(_worker_id: usize, _index: usize, item: CommentedItem<'_, Vec<u64>>, #[out] to: &mut u64) {
        *to = *item.values;
    }

    #[pasha::kernel]
    fn named(_worker_id: usize, _index: usize, item: NamedItem<'_>, #[out] to: &mut u64) {
        *to = item.values + item.name.len() as u64;
    }

    let functor = Commented { values: vec![1, 2], _number: 0, _comment: "good" };
    forks(&results!(ctx, commented, functor, [1, 2]), "the field `_comment` of type `&str`");
    forks(&results!(ctx, named, Named { values: &[1, 2], name: "abc" }, [4, 5]), "the field `name` of type `&str`");
}

#[derive(pasha::Functor)]
struct Dropped(&'static [u64]);

impl Drop for Dropped {
    fn drop(&mut self) {}
}

fn functors_that_drop_fork(ctx: &Context) {
    forks(&results!(ctx, copy, Dropped(&[1, 2]), [1, 2]), "Dropped` has a `Drop` of its own");
}

#[derive(pasha::Functor)]
struct Squares(&'static [u64]);

impl pasha::functor::AxisFunctor for Squares {
    fn items_along(&self, _axis: usize) -> pasha::Result<usize> {
        Ok(self.0.len())
    }

    fn item_along(&self, _axis: usize, index: usize) -> pasha::Result<&u64> {
        Ok(&self.0[index])
    }
}

impl<'a> pasha::functor::Chunked<'a> for Squares {
    type Chunk = &'a [u64];
}

impl pasha::functor::Rows for Squares {
    fn row_count(&self) -> pasha::Result<usize> {
        Ok(self.0.len())
    }

    fn chunk(&self, rows: Range<usize>) -> pasha::Result<&[u64]> {
        Ok(&self.0[rows])
    }
}

#[derive(pasha::Functor)]
struct AlongSquares(#[functor(axis = 1)] Arc<Squares>);

/// They could keep what a worker has for a map only.
fn axes_and_rows_by_hand_fork(ctx: &Context) {
    let (squares, because) = (|| Squares(&[1, 4]), "Squares");
    travels(&results!(ctx, copy, squares(), [1, 4]));
    forks(&results!(ctx, copy, along(squares(), Axis(1)), [1, 4]), because);
    forks(&results!(ctx, copy, along(&Box::new(squares()), Axis(1)), [1, 4]), because);
    forks(&results!(ctx, copy, AlongSquares(Arc::new(squares())), [1, 4]), because);
    forks(&results!(ctx, sum_list, chunks(squares(), 2), [5]), because);
    forks(&results!(ctx, sum_list, chunks(&squares(), 2), [5]), because);
}

fn arrays_of_other_processes_fork(ctx: &Context) {
    let other = Context::processes().workers(2).build().unwrap();
    let array = shared(&other, [1 << 9, 1 << 9]);
    let rows = array.outer_iter().map(|row| row.sum()).collect::<Vec<_>>();
    forks(&results!(ctx, sum, &array, rows.clone()), "private");
    forks(&results!(ctx, sum, array.view(), rows), "private");

    let mut to = other.alloc::<u64>().shape(2).build().unwrap();
    forks(&ctx.map(copy { to: &mut to }, &[1, 2]).unwrap(), "private");
    assert_eq!(to.to_vec(), [1, 2]);
}
