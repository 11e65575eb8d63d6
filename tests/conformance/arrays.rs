//! Shared arrays outside of maps: reading, writing, comparing, printing, leaving shared memory.

use bytemuck::{Pod, Zeroable};
use ndarray::{Array, Array1, Array2, ArrayView2, Axis, IxDyn, array, s};
use pasha::prelude::*;

use crate::support::{Setting, cases};

cases![
    an_array_is_read_as_any_ndarray,
    an_array_is_written_through_a_view,
    an_element_is_written_by_its_index,
    an_array_of_no_axes_has_one_element,
    arrays_are_equal_when_their_elements_are,
    an_array_prints_as_ndarray_does,
    an_array_becomes_an_owned_one_in_its_order,
    an_array_is_a_view_where_one_is_asked_for,
    elements_are_walked_in_logical_order,
    arrays_lie_where_their_workers_can_see_them,
    arrays_begin_on_cache_lines_of_their_own,
    an_array_can_be_sent_to_a_thread,
    structs_begin_as_zeros,
    many_arrays_live_side_by_side,
    an_array_begins_as_zeros_whatever_lay_there_before,
];

fn table(ctx: &Context, order: Order) -> SharedArray<i32, pasha::Ix2> {
    let mut table = ctx.alloc::<i32>().shape((3, 4)).order(order).build().unwrap();
    table.view_mut().indexed_iter_mut().for_each(|((row, column), value)| *value = (10 * row + column) as i32);
    table
}

fn expected() -> Array2<i32> {
    Array2::from_shape_fn((3, 4), |(row, column)| (10 * row + column) as i32)
}

fn an_array_is_read_as_any_ndarray(ctx: &Context) {
    let table = table(ctx, Order::C);
    assert_eq!((table.shape(), table.ndim(), table.len()), (&[3, 4][..], 2, 12));
    assert_eq!(table.sum(), expected().sum());
    assert_eq!(table.slice(s![1.., ..;2]), array![[10, 12], [20, 22]]);
    assert_eq!(table.row(2).to_vec(), [20, 21, 22, 23]);
    assert_eq!(table.mapv(f64::from).mean_axis(Axis(0)).unwrap(), array![10.0, 11.0, 12.0, 13.0]);
    assert_eq!(table.as_slice().unwrap()[4], 10);
    assert_eq!(&*table + 1, expected() + 1);
}

fn an_array_is_written_through_a_view(ctx: &Context) {
    let mut table = table(ctx, Order::F);
    table.view_mut().row_mut(1).fill(-1);
    table.view_mut().slice_mut(s![.., 3]).assign(&array![7, 8, 9]);
    assert_eq!(table, array![[0, 1, 2, 7], [-1, -1, -1, 8], [20, 21, 22, 9]]);
}

fn an_element_is_written_by_its_index(ctx: &Context) {
    let mut table = table(ctx, Order::C);
    table[[0, 0]] = 5;
    table[(2, 3)] += 100;
    assert_eq!((table[[0, 0]], table[[2, 3]]), (5, 123));
    let mut line = ctx.alloc::<u8>().shape(3).build().unwrap();
    line[2] = 1;
    assert_eq!(line.to_vec(), [0, 0, 1]);
    let mut dynamic = ctx.alloc::<u8>().shape(IxDyn(&[2, 2])).build().unwrap();
    dynamic[&[1, 0][..]] = 4;
    assert_eq!(dynamic[[1, 0]], 4);
}

fn an_array_of_no_axes_has_one_element(ctx: &Context) {
    let mut single = ctx.alloc::<f64>().shape(()).fill(2.5).build().unwrap();
    assert_eq!((single.len(), single.ndim(), single[()]), (1, 0, 2.5));
    single[()] += 1.0;
    assert_eq!(single.first(), Some(&3.5));
}

fn arrays_are_equal_when_their_elements_are(ctx: &Context) {
    let (c, f) = (table(ctx, Order::C), table(ctx, Order::F));
    assert_eq!(c, f);
    assert_eq!(c, expected());
    assert_eq!(expected(), f);
    assert_eq!(c, table(&Context::serial(), Order::C));
    let mut other = table(ctx, Order::C);
    other[[1, 1]] = 0;
    assert_ne!(c, other);
    assert_ne!(c, expected().t().to_owned());
}

fn an_array_prints_as_ndarray_does(ctx: &Context) {
    let table = table(ctx, Order::C);
    assert_eq!(format!("{table:?}"), format!("{:?}", expected().view()));
    assert_eq!(format!("{table}"), format!("{}", expected()));
    let floats = ctx.alloc::<f64>().shape(2).fill(0.5).build().unwrap();
    assert_eq!(format!("{floats:6.2}"), format!("{:6.2}", array![0.5, 0.5]));
}

fn an_array_becomes_an_owned_one_in_its_order(ctx: &Context) {
    for order in [Order::C, Order::F] {
        let strides = table(ctx, order).strides().to_vec();
        let owned = table(ctx, order).into_owned();
        assert_eq!(owned, expected());
        assert_eq!(owned.strides(), strides);
        assert_eq!(Array::from(table(ctx, order)), expected());
    }
}

fn an_array_is_a_view_where_one_is_asked_for(ctx: &Context) {
    fn sum<'a>(values: impl Into<ArrayView2<'a, i32>>) -> i32 {
        values.into().sum()
    }

    let table = table(ctx, Order::C);
    assert_eq!(sum(&table), expected().sum());
    let copy = ctx.alloc().shape((2, 3, 4)).fill_from(&table).build().unwrap();
    assert_eq!(copy.index_axis(Axis(0), 1), expected());
}

fn elements_are_walked_in_logical_order(ctx: &Context) {
    for order in [Order::C, Order::F] {
        let table = table(ctx, order);
        let walked: Vec<i32> = (&table).into_iter().copied().collect();
        assert_eq!(walked, [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]);
        let mut sum = 0;
        for value in &table {
            sum += value;
        }
        assert_eq!(sum, 138);
    }
}

fn arrays_lie_where_their_workers_can_see_them(setting: &Setting) {
    let table = table(setting.ctx(), Order::C);
    assert_eq!(table.is_process_shared(), setting.kind.is_elsewhere());
}

fn arrays_begin_on_cache_lines_of_their_own(ctx: &Context) {
    for len in [1, 3, 1000] {
        let bytes = ctx.alloc::<u8>().shape(len).build().unwrap();
        assert_eq!(bytes.as_ptr().addr() % 128, 0);
    }
}

fn an_array_can_be_sent_to_a_thread(ctx: &Context) {
    let table = table(ctx, Order::C);
    std::thread::scope(|scope| scope.spawn(|| assert_eq!(table.sum(), 138)).join().unwrap());
    assert_eq!(std::thread::spawn(move || table.sum()).join().unwrap(), 138);
}

fn structs_begin_as_zeros(ctx: &Context) {
    #[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
    #[repr(C)]
    struct Event {
        time: f64,
        pixel: [u16; 2],
        charge: f32,
    }

    let mut events = ctx.alloc::<Event>().shape((2, 5)).build().unwrap();
    assert!(events.iter().all(|event| *event == Event { time: 0.0, pixel: [0; 2], charge: 0.0 }));
    events[[1, 4]].charge = 2.0;
    assert_eq!(events.row(1).iter().map(|event| event.charge).sum::<f32>(), 2.0);
    let filled = ctx.alloc().shape(3).fill(Event { time: 1.0, pixel: [2, 3], charge: 4.0 }).build().unwrap();
    assert_eq!(filled[2], Event { time: 1.0, pixel: [2, 3], charge: 4.0 });
}

fn many_arrays_live_side_by_side(ctx: &Context) {
    #[pasha::kernel]
    fn number(_worker_id: usize, _index: usize, value: u32, #[param] base: u32, #[out] out: &mut u32) {
        *out = base + value;
    }

    let mut arrays: Vec<_> = (0..60).map(|_| ctx.alloc::<u32>().shape(9).build().unwrap()).collect();
    for (base, array) in arrays.iter_mut().enumerate() {
        ctx.map(number { base: 100 * base as u32, out: array }, 0..9).unwrap();
    }
    for (base, array) in arrays.iter().enumerate() {
        assert_eq!(array, &(0..9).map(|value| 100 * base as u32 + value).collect::<Array1<_>>());
    }
}

fn an_array_begins_as_zeros_whatever_lay_there_before(ctx: &Context) {
    #[pasha::kernel]
    fn number(_worker_id: usize, index: usize, _item: usize, #[out] value: &mut usize) {
        *value = index + 1;
    }

    let mut kept = Vec::new();
    for round in 0..36_usize {
        // Of a page, of some pages, of many, of a huge one and a bit more, of two.
        let items = [3, 4_000, 40_000, 262_145, 524_288][round % 5];
        let mut values = ctx.alloc::<usize>().shape(items).build().unwrap();
        assert!(values.iter().all(|value| *value == 0), "round {round}");
        ctx.map(number { value: &mut values }, 0..items).unwrap();
        if round % 3 == 0 {
            kept.push(values);
        }
        if kept.len() > 4 {
            kept.swap_remove(round % 4);
        }
    }
    assert!(kept.iter().all(|values| values.iter().enumerate().all(|(index, value)| *value == index + 1)));
}
