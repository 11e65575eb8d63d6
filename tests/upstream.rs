//! What Python pasha does, row by row, on our side of the table: kept, or better.

use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, Ix1, Ix2, ShapeBuilder, array, s};
use pasha::ErrorKind;
use pasha::functor::{Item, Items};
use pasha::prelude::*;

use crate::support::{Case, Counters, Kind, Setting, cases};

cases![
    alloc_wants_a_shape_and_makes_c_ordered_zeros,
    alloc_takes_shape_type_and_order_from_like,
    alloc_takes_the_order_from_flags_and_c_first,
    alloc_like_neither_order_gives_c,
    alloc_prefers_what_is_explicit_to_like,
    alloc_takes_only_the_order_from_like_when_a_shape_is_given,
    alloc_knows_shapes_of_no_axes_and_of_no_elements,
    alloc_per_worker_prepends_an_axis_in_c_order,
    alloc_per_worker_appends_an_axis_in_f_order,
    alloc_per_worker_follows_the_order_of_like,
    alloc_fills_with_a_value,
    alloc_fills_by_broadcasting_an_array,
    alloc_refuses_what_cannot_be_broadcast,
    alloc_always_gives_zeros,
    alloc_takes_structs,
    alloc_refuses_what_does_not_fit_into_memory,
    workers_are_one_at_least_and_as_many_as_asked_for,
    a_serial_context_has_one_worker,
    the_split_is_contiguous_balanced_and_ascending,
    an_id_is_below_the_number_of_workers_and_alive_once,
    a_map_gives_a_report,
    a_collection_gives_what_the_kernels_return,
    an_exception_keeps_the_writes_and_the_context,
    an_exception_stops_promptly_and_names_worker_and_index,
    nested_maps_run_serially,
    two_maps_may_use_one_context_one_after_another,
    an_array_that_workers_cannot_see_is_an_error,
    a_functor_is_itself,
    a_container_says_how_it_is_mapped,
    sequences_are_lists_ranges_and_slices,
    another_axis_keeps_the_order_of_the_rest,
    indices_follow_the_train_id,
    pasha_triples_as_it_always_did,
];

/// The rows of the table as a suite.
pub fn suite() -> &'static [Case] {
    CASES
}

fn f_ordered(shape: (usize, usize)) -> Array2<f32> {
    Array2::zeros(shape.f())
}

fn alloc_wants_a_shape_and_makes_c_ordered_zeros(ctx: &Context) {
    // Without a shape nothing can be built: `ui/array/fail/an_array_has_a_shape.rs`.
    let array = ctx.alloc::<f64>().shape((3, 4)).build().unwrap();
    assert_eq!((array.shape(), array.strides()), (&[3, 4][..], &[4, 1][..]));
    assert!(array.iter().all(|value| *value == 0.0));
}

fn alloc_takes_shape_type_and_order_from_like(ctx: &Context) {
    let like = f_ordered((3, 4));
    let twin: SharedArray<f32, Ix2> = ctx.alloc_like(&like).unwrap();
    assert_eq!((twin.shape(), twin.strides()), (like.shape(), like.strides()));
    let again = ctx.alloc_like(&twin).unwrap();
    assert_eq!((again.shape(), again.strides()), (like.shape(), like.strides()));
    let of_another_type = ctx.alloc::<u8>().like(&twin).build().unwrap();
    assert_eq!((of_another_type.shape(), of_another_type.strides()), (like.shape(), like.strides()));

    let from_vec: SharedArray<i16, Ix1> = ctx.alloc_like(&vec![1_i16, 2, 3]).unwrap();
    let from_slice: SharedArray<i16, Ix1> = ctx.alloc_like(&[1_i16, 2, 3][..]).unwrap();
    let from_array: SharedArray<i16, Ix1> = ctx.alloc_like(&[1_i16, 2, 3]).unwrap();
    for array in [from_vec, from_slice, from_array] {
        assert_eq!(array.to_vec(), [0; 3], "values are not copied");
    }
}

fn alloc_takes_the_order_from_flags_and_c_first(ctx: &Context) {
    let strides_like = |like: ArrayView2<'_, f32>| ctx.alloc_like(&like).unwrap().strides().to_vec();
    assert_eq!(strides_like(f_ordered((3, 4)).view()), [1, 3]);
    assert_eq!(strides_like(Array2::zeros((3, 4)).view()), [4, 1]);
    assert_eq!(strides_like(Array2::zeros((3, 4)).t()), [1, 4], "the transpose of C is F");
    // One row is C as well as F.
    let line = Array2::<f32>::zeros((1, 4).f());
    assert_eq!(ctx.alloc::<u8>().shape((3, 4)).like(&line).build().unwrap().strides(), [4, 1]);
}

fn alloc_like_neither_order_gives_c(ctx: &Context) {
    let cube = Array3::<f32>::zeros((3, 4, 5));
    let every_other = cube.slice(s![.., ..;2, ..]);
    let array = ctx.alloc_like(&every_other).unwrap();
    assert_eq!((array.shape(), array.strides()), (&[3, 2, 5][..], &[10, 5, 1][..]));
    let permuted = cube.view().permuted_axes([1, 0, 2]);
    assert_eq!(ctx.alloc_like(&permuted).unwrap().strides(), [15, 5, 1]);
}

fn alloc_prefers_what_is_explicit_to_like(ctx: &Context) {
    let like = f_ordered((3, 4));
    let order_first = ctx.alloc::<u16>().order(Order::C).like(&like).build().unwrap();
    let order_last = ctx.alloc::<u16>().like(&like).order(Order::C).build().unwrap();
    for array in [order_first, order_last] {
        assert_eq!((array.shape(), array.strides()), (&[3, 4][..], &[4, 1][..]));
    }
    let shape_last = ctx.alloc::<u16>().like(&like).shape((5, 2, 2)).build().unwrap();
    assert_eq!((shape_last.shape(), shape_last.strides()), (&[5, 2, 2][..], &[1, 5, 10][..]));
}

fn alloc_takes_only_the_order_from_like_when_a_shape_is_given(ctx: &Context) {
    let array = ctx.alloc::<f64>().shape((5, 2)).like(&f_ordered((3, 4))).build().unwrap();
    assert_eq!((array.shape(), array.strides()), (&[5, 2][..], &[1, 5][..]));
}

fn alloc_knows_shapes_of_no_axes_and_of_no_elements(ctx: &Context) {
    let single = ctx.alloc::<u8>().shape(()).build().unwrap();
    assert_eq!((single.ndim(), single.len()), (0, 1));
    assert_eq!(ctx.alloc::<u8>().shape(0).build().unwrap().len(), 0);
    for order in [Order::C, Order::F] {
        let empty = ctx.alloc::<f64>().shape((3, 0, usize::MAX >> 8)).order(order).fill(1.0).build();
        let empty = empty.expect("no elements take no memory, whatever the other axes are");
        assert_eq!((empty.len(), empty.shape()), (0, &[3, 0, usize::MAX >> 8][..]));
    }
    let empty = ctx.alloc::<u8>().shape(0).per_worker().build().unwrap();
    assert_eq!(empty.shape(), [ctx.workers(), 0]);
    assert_eq!(ctx.alloc_like(&Vec::<u8>::new()).unwrap().len(), 0);
}

fn alloc_per_worker_prepends_an_axis_in_c_order(ctx: &Context) {
    let workers = ctx.workers();
    let sums = ctx.alloc::<f64>().shape((3, 4)).per_worker().build().unwrap();
    assert_eq!((sums.shape(), sums.strides()), (&[workers, 3, 4][..], &[12, 4, 1][..]));
    assert_eq!(sums.worker_axis(), Some(Axis(0)));
    assert_eq!(ctx.alloc::<f64>().per_worker().shape(()).build().unwrap().shape(), [workers]);
}

fn alloc_per_worker_appends_an_axis_in_f_order(ctx: &Context) {
    let sums = ctx.alloc::<f64>().shape((3, 4)).order(Order::F).per_worker().build().unwrap();
    assert_eq!((sums.shape(), sums.strides()), (&[3, 4, ctx.workers()][..], &[1, 3, 12][..]));
    assert_eq!(sums.worker_axis(), Some(Axis(2)));
}

fn alloc_per_worker_follows_the_order_of_like(ctx: &Context) {
    let sums = ctx.alloc::<f64>().like(&f_ordered((3, 4))).per_worker().build().unwrap();
    assert_eq!(sums.shape(), [3, 4, ctx.workers()]);
    let sums = ctx.alloc::<f64>().per_worker().like(&f_ordered((3, 4))).order(Order::C).build().unwrap();
    assert_eq!(sums.shape(), [ctx.workers(), 3, 4]);
}

fn alloc_fills_with_a_value(ctx: &Context) {
    let array = ctx.alloc().shape((3, 4)).order(Order::F).fill(7_i8).build().unwrap();
    assert!(array.iter().all(|value| *value == 7));
    let array = ctx.alloc().shape(5).fill(f32::NAN).build().unwrap();
    assert!(array.iter().all(|value| value.is_nan()));
    let array = ctx.alloc().like(&[0_u8; 3]).fill(9_u64).per_worker().build().unwrap();
    assert_eq!(array, Array2::from_elem((ctx.workers(), 3), 9));
}

fn alloc_fills_by_broadcasting_an_array(ctx: &Context) {
    let row = array![1.0, 2.0, 3.0];
    for order in [Order::C, Order::F] {
        let table = ctx.alloc().shape((2, 3)).order(order).fill_from(&row).build().unwrap();
        assert_eq!(table, array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
        let column = array![[5], [6]];
        let table = ctx.alloc().shape((2, 3)).order(order).fill_from(&column).build().unwrap();
        assert_eq!(table, array![[5, 5, 5], [6, 6, 6]]);
        let each = ctx.alloc().shape((2, 3)).order(order).per_worker().fill_from(&row).build().unwrap();
        for slot in each.axis_iter(each.worker_axis().unwrap()) {
            assert_eq!(slot, array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
        }
    }
    let single = array![4_u32].into_shape_with_order(()).unwrap();
    assert_eq!(ctx.alloc().shape(3).fill_from(&single).build().unwrap().to_vec(), [4; 3]);
    assert_eq!(ctx.alloc().shape(()).fill_from(&single).build().unwrap()[()], 4);
    let nothing = Array1::<u8>::zeros(0);
    assert_eq!(ctx.alloc().shape((2, 0)).fill_from(&nothing).build().unwrap().len(), 0);
}

fn alloc_refuses_what_cannot_be_broadcast(ctx: &Context) {
    let error = ctx.alloc().shape((2, 3)).fill_from(&array![1.0, 2.0]).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().contains("[2]") && error.to_string().contains("[2, 3]"), "{error}");
    let error = ctx.alloc().shape(3).fill_from(&array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    // Values for each worker apart are not what `fill_from` takes.
    let each = Array2::<u8>::zeros((ctx.workers() + 1, 3));
    assert_eq!(ctx.alloc().shape(3).per_worker().fill_from(&each).build().unwrap_err().kind(), ErrorKind::Shape);
}

fn alloc_always_gives_zeros(ctx: &Context) {
    for round in 0..20 {
        let mut array = ctx.alloc::<u64>().shape(3000).build().unwrap();
        assert!(array.iter().all(|value| *value == 0), "in round {round}");
        array.view_mut().fill(u64::MAX);
    }
}

fn alloc_takes_structs(ctx: &Context) {
    #[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(C)]
    struct Pulse {
        train_id: u64,
        energy: f32,
        cell: u32,
    }

    let mut pulses = ctx.alloc::<Pulse>().shape(4).build().unwrap();
    pulses[3] = Pulse { train_id: 7, energy: 9.3, cell: 2 };
    assert_eq!(pulses.iter().map(|pulse| pulse.train_id).collect::<Vec<_>>(), [0, 0, 0, 7]);
    assert_eq!(ctx.alloc_like(&pulses).unwrap()[3], Pulse { train_id: 0, energy: 0.0, cell: 0 });
}

fn alloc_refuses_what_does_not_fit_into_memory(ctx: &Context) {
    let message = |error: pasha::Error| {
        assert_eq!(error.kind(), ErrorKind::Memory);
        error.to_string()
    };
    let overflowing = message(ctx.alloc::<f64>().shape((usize::MAX, 2)).build().unwrap_err());
    assert!(overflowing.contains(&format!("[{}, 2]", usize::MAX)), "{overflowing}");
    let beyond_isize = message(ctx.alloc::<u8>().shape(usize::MAX).build().unwrap_err());
    assert!(beyond_isize.contains(&usize::MAX.to_string()), "{beyond_isize}");
    let half = 1_usize << 62;
    let too_many = message(ctx.alloc::<u8>().shape(half).build().unwrap_err());
    assert!(too_many.contains(&half.to_string()), "{too_many}");
    let f_order = message(ctx.alloc::<u32>().shape((half, 2, 2)).order(Order::F).build().unwrap_err());
    assert!(f_order.contains(&half.to_string()), "{f_order}");
    message(ctx.alloc::<u8>().shape(isize::MAX as usize).per_worker().build().unwrap_err());
    message(ctx.alloc::<u8>().shape(half).fill(1).build().unwrap_err());
    // Zeros hide nothing that does not fit: NumPy refuses these as well.
    message(ctx.alloc::<u8>().shape((usize::MAX, usize::MAX, 0)).build().unwrap_err());
    assert_eq!(ctx.alloc::<u8>().shape(10).build().unwrap().len(), 10);
}

#[pasha::kernel]
fn note(worker_id: usize, index: usize, _item: usize, #[out] by: &mut usize, #[out] at: &mut usize) {
    *by = worker_id;
    *at = index;
}

fn workers_are_one_at_least_and_as_many_as_asked_for(setting: &Setting) {
    let available = std::thread::available_parallelism().unwrap().get();
    match setting.kind {
        Kind::Serial => {}
        Kind::Threads => {
            assert_eq!(Context::threads().build().unwrap().workers(), available);
            assert_eq!(Context::threads().workers(0).build().unwrap_err().kind(), ErrorKind::Argument);
        }
        Kind::Processes | Kind::Residents => {
            assert_eq!(Context::processes().build().unwrap().workers(), available);
            assert_eq!(Context::processes().workers(0).build().unwrap_err().kind(), ErrorKind::Argument);
            assert_eq!(Context::processes().workers(usize::MAX).build().unwrap_err().kind(), ErrorKind::Argument);
        }
    }
    assert_eq!(setting.with_workers(1).workers(), 1);
}

fn a_serial_context_has_one_worker(_ctx: &Context) {
    let ctx = Context::serial();
    let mut by = ctx.alloc::<usize>().shape(30).fill(9).build().unwrap();
    let mut at = ctx.alloc::<usize>().shape(30).build().unwrap();
    let report = ctx.map(note { by: &mut by, at: &mut at }, 0..30_usize).unwrap();
    assert_eq!((ctx.workers(), report.workers().len(), by.sum()), (1, 1, 0));
    assert_eq!(at.to_vec(), (0..30).collect::<Vec<_>>());
}

fn the_split_is_contiguous_balanced_and_ascending(setting: &Setting) {
    let ctx = setting.with_schedule(Schedule::Static);
    for items in [0, 1, 5, 30, 31] {
        let mut by = ctx.alloc::<usize>().shape(items).build().unwrap();
        let mut at = ctx.alloc::<usize>().shape(items).build().unwrap();
        ctx.map(note { by: &mut by, at: &mut at }, 0..items).unwrap();
        for worker in 0..ctx.workers() {
            let share: Vec<usize> = (0..items).filter(|index| by[*index] == worker).collect();
            let (start, stop) = (worker * items / ctx.workers(), (worker + 1) * items / ctx.workers());
            assert_eq!(share, (start..stop).collect::<Vec<_>>());
        }
    }
}

fn an_id_is_below_the_number_of_workers_and_alive_once(ctx: &Context) {
    #[pasha::kernel]
    fn enter(worker_id: usize, _index: usize, _item: usize, #[param] inside: &Counters, #[param] most: &Counters) {
        let now = inside.count(worker_id) + 1;
        most[worker_id].fetch_max(now, std::sync::atomic::Ordering::SeqCst);
        std::thread::yield_now();
        inside[worker_id].fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
    }

    let (inside, most) = (Counters::new(ctx.workers()), Counters::new(ctx.workers()));
    ctx.map(enter { inside: &inside, most: &most }, 0..500_usize).unwrap();
    assert!(most.iter().all(|most| most.load(std::sync::atomic::Ordering::SeqCst) <= 1));
    assert!(most.total() >= 1);
}

fn a_map_gives_a_report(ctx: &Context) {
    let mut by = ctx.alloc::<usize>().shape(30).build().unwrap();
    let mut at = ctx.alloc::<usize>().shape(30).build().unwrap();
    let report = ctx.map(note { by: &mut by, at: &mut at }, 0..30_usize).unwrap();
    assert_eq!(report.items(), 30);
    assert!(report.to_string().starts_with("30 items by "));
}

fn a_collection_gives_what_the_kernels_return(ctx: &Context) {
    #[pasha::kernel]
    fn square(_worker_id: usize, _index: usize, value: u64) -> u64 {
        value * value
    }

    let squares = ctx.collect(square {}, 0..100).unwrap();
    assert_eq!(squares.to_vec(), (0..100).map(|value| value * value).collect::<Vec<_>>());
}

#[pasha::kernel]
fn stumble(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[param] at: usize,
    #[out] done: &mut u8,
) -> Result<(), String> {
    if index == at {
        return Err("a stumbling block".to_owned());
    }
    *done = 1;
    Ok(())
}

fn an_exception_keeps_the_writes_and_the_context(ctx: &Context) {
    let mut done = ctx.alloc::<u8>().shape(60).build().unwrap();
    ctx.map(stumble { at: 40, done: &mut done }, 0..60_usize).unwrap_err();
    assert!(done.iter().take(40).all(|done| *done == 1));
    ctx.map(stumble { at: 60, done: &mut done }, 0..60_usize).unwrap();
    assert_eq!(done.to_vec(), [1; 60]);
}

fn an_exception_stops_promptly_and_names_worker_and_index(ctx: &Context) {
    let mut done = ctx.alloc::<u8>().shape(60).build().unwrap();
    let error = ctx.map(stumble { at: 40, done: &mut done }, 0..60_usize).unwrap_err();
    let worker = error.worker().unwrap();
    assert_eq!(error.to_string(), format!("the kernel failed at index 40 (worker {worker}): a stumbling block"));
}

fn nested_maps_run_serially(ctx: &Context) {
    #[pasha::kernel]
    fn outer(
        _worker_id: usize,
        _index: usize,
        _item: usize,
        #[param] ctx: &Context,
        #[out] workers: &mut usize,
    ) -> pasha::Result<()> {
        let mut by = ctx.alloc::<usize>().shape(20).build()?;
        let mut at = ctx.alloc::<usize>().shape(20).build()?;
        let report = ctx.map(note { by: &mut by, at: &mut at }, 0..20_usize)?;
        *workers = report.workers().len() + by.sum();
        Ok(())
    }

    let mut workers = ctx.alloc::<usize>().shape(12).build().unwrap();
    ctx.map(outer { ctx, workers: &mut workers }, 0..12_usize).unwrap();
    assert_eq!(workers.to_vec(), [1; 12]);
}

fn two_maps_may_use_one_context_one_after_another(ctx: &Context) {
    let again = ctx.clone();
    let mut done = ctx.alloc::<u8>().shape(60).build().unwrap();
    for ctx in [ctx, &again, ctx] {
        assert_eq!(ctx.map(stumble { at: 60, done: &mut done }, 0..60_usize).unwrap().items(), 60);
    }
}

fn an_array_that_workers_cannot_see_is_an_error(setting: &Setting) {
    let mut done = Context::serial().alloc::<u8>().shape(60).build().unwrap();
    let mapped = setting.ctx().map(stumble { at: 60, done: &mut done }, 0..60_usize);
    match setting.kind {
        Kind::Processes | Kind::Residents => {
            assert_eq!((mapped.unwrap_err().kind(), done.sum()), (ErrorKind::Visibility, 0))
        }
        _ => assert_eq!((mapped.unwrap().items(), done.sum()), (60, 60)),
    }
}

/// A container that is a functor by hand.
struct Frames {
    pixels: Array3<u16>,
}

impl<'a> Items<'a> for Frames {
    type Item = ArrayView2<'a, u16>;
}

impl Functor for Frames {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.pixels.len_of(Axis(0)))
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
        Ok(self.pixels.index_axis(Axis(0), index))
    }
}

#[pasha::kernel]
fn brightest(_worker_id: usize, _index: usize, frame: ArrayView2<'_, u16>, #[out] brightest: &mut u16) {
    *brightest = frame.iter().copied().max().unwrap_or(0);
}

fn pixels() -> Array3<u16> {
    Array3::from_shape_fn((9, 3, 3), |(frame, row, column)| ((frame * 31 + row * 17 + column * 7) % 50) as u16)
}

fn check_brightest(found: &SharedArray<u16, Ix1>) {
    assert_eq!(found.to_vec(), pixels().outer_iter().map(|frame| *frame.iter().max().unwrap()).collect::<Vec<_>>());
}

fn a_functor_is_itself(ctx: &Context) {
    let mut found = ctx.alloc::<u16>().shape(9).build().unwrap();
    ctx.map(brightest { brightest: &mut found }, Frames { pixels: pixels() }).unwrap();
    check_brightest(&found);
}

fn a_container_says_how_it_is_mapped(ctx: &Context) {
    #[derive(Functor)]
    struct Stack(Array3<u16>);

    let mut found = ctx.alloc::<u16>().shape(9).build().unwrap();
    ctx.map(brightest { brightest: &mut found }, &Stack(pixels())).unwrap();
    check_brightest(&found);
}

fn sequences_are_lists_ranges_and_slices(ctx: &Context) {
    #[pasha::kernel]
    fn by_value(_worker_id: usize, _index: usize, value: i32, #[out] copy: &mut i32) {
        *copy = value;
    }

    #[pasha::kernel]
    fn by_reference(_worker_id: usize, _index: usize, value: &i32, #[out] copy: &mut i32) {
        *copy = *value;
    }

    let list = vec![5, 6, 7];
    let mut copy = ctx.alloc::<i32>().shape(3).build().unwrap();
    ctx.map(by_value { copy: &mut copy }, 5..8).unwrap();
    assert_eq!(copy.to_vec(), list);
    ctx.map(by_reference { copy: &mut copy }, &list[..]).unwrap();
    assert_eq!(copy.to_vec(), list);
    ctx.map(by_reference { copy: &mut copy }, &list).unwrap();
    assert_eq!(copy.to_vec(), list);
    ctx.map(by_reference { copy: &mut copy }, &[7, 6, 5]).unwrap();
    assert_eq!(copy.to_vec(), [7, 6, 5]);
    ctx.map(by_reference { copy: &mut copy }, &array![1, 2, 3]).unwrap();
    assert_eq!(copy.to_vec(), [1, 2, 3]);
}

fn another_axis_keeps_the_order_of_the_rest(ctx: &Context) {
    #[pasha::kernel]
    fn shape(_worker_id: usize, _index: usize, part: ArrayView2<'_, u8>, #[out] shape: &mut [usize]) {
        shape.copy_from_slice(part.shape());
    }

    let cube = Array3::<u8>::zeros((2, 3, 4));
    let mut shapes = ctx.alloc::<usize>().shape((4, 2)).build().unwrap();
    ctx.map(shape { shape: &mut shapes }, along(&cube, Axis(2))).unwrap();
    assert!(shapes.rows().into_iter().all(|shape| shape.to_vec() == [2, 3]), "upstream gives (3, 2)");
}

/// Two sources that lost different trains: only what both have is mapped over, and both halves belong to that train.
#[derive(Functor)]
struct Common<'a> {
    train_id: Vec<u64>,
    fast: Picked<'a>,
    slow: Picked<'a>,
}

struct Picked<'a> {
    values: &'a [f64],
    positions: Vec<usize>,
}

impl<'i> Items<'i> for Picked<'_> {
    type Item = f64;
}

impl Functor for Picked<'_> {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(self.positions.len())
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<f64> {
        Ok(self.values[self.positions[index]])
    }
}

fn indices_follow_the_train_id(ctx: &Context) {
    #[pasha::kernel]
    fn compare(_worker_id: usize, _index: usize, item: CommonItem<'_>, #[out] trains: &mut [f64]) {
        trains.copy_from_slice(&[*item.train_id as f64, item.fast, item.slow]);
    }

    let fast_trains: Vec<u64> = (100..150).filter(|train| train % 7 != 0).collect();
    let slow_trains: Vec<u64> = (100..150).filter(|train| train % 5 == 0).collect();
    let as_values = |trains: &[u64]| trains.iter().map(|train| *train as f64).collect::<Vec<_>>();
    let (fast, slow) = (as_values(&fast_trains), as_values(&slow_trains));
    let train_id: Vec<u64> = fast_trains.iter().copied().filter(|train| slow_trains.contains(train)).collect();
    let pick =
        |trains: &[u64]| train_id.iter().map(|id| trains.iter().position(|train| train == id).unwrap()).collect();
    let common = Common {
        fast: Picked { values: &fast, positions: pick(&fast_trains) },
        slow: Picked { values: &slow, positions: pick(&slow_trains) },
        train_id: train_id.clone(),
    };
    let mut trains = ctx.alloc::<f64>().shape((train_id.len(), 3)).build().unwrap();
    ctx.map(compare { trains: &mut trains }, &common).unwrap();
    assert_eq!(trains, Array2::from_shape_fn((train_id.len(), 3), |(row, _)| train_id[row] as f64));
}

fn pasha_triples_as_it_always_did(ctx: &Context) {
    #[pasha::kernel]
    fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
        *tripled = 3.0 * value;
    }

    let inp: Vec<f64> = (0..100).map(f64::from).collect();
    let mut tripled = ctx.alloc_like(&inp).unwrap();
    ctx.map(triple_it { tripled: &mut tripled }, &inp).unwrap();
    assert!(tripled.iter().zip(&inp).all(|(tripled, value)| *tripled == 3.0 * value));
}
