//! What is refused before anything runs: shapes that do not fit, memory that workers do not see, sizes that cannot be.

use ndarray::ArrayViewMut2;
use pasha::ErrorKind;
use pasha::prelude::*;

use crate::support::{Counters, Setting, cases};

cases![
    an_output_with_too_few_or_too_many_slots_is_refused,
    the_error_names_the_parameter_and_both_lengths,
    the_wrong_axis_is_named,
    one_misfit_among_several_outputs_leaves_all_of_them_alone,
    a_dynamic_array_without_the_axis_is_refused,
    memory_that_processes_do_not_share_is_refused_by_processes,
    memory_that_processes_share_is_good_for_everybody,
    a_per_worker_array_that_processes_do_not_share_is_refused,
    an_optional_output_in_memory_that_is_not_shared_is_refused,
    a_collection_that_cannot_be_had_is_refused,
    after_a_refusal_the_same_arrays_can_be_mapped,
];

#[pasha::kernel]
fn note(
    _worker_id: usize,
    _index: usize,
    _item: usize,
    #[param] calls: &Counters,
    #[out] first: &mut u32,
    #[out(axis = 1)] mut second: ArrayViewMut2<'_, u32>,
) {
    calls.count(0);
    *first = 1;
    second.fill(1);
}

struct Tried {
    kind: ErrorKind,
    message: String,
}

/// Maps over this many items and asserts that it is refused and nothing happens.
fn refused(
    ctx: &Context,
    items: usize,
    first: &mut SharedArray<u32, pasha::Ix1>,
    second: &mut SharedArray<u32, pasha::Ix3>,
) -> Tried {
    let calls = Counters::new(1);
    let error = ctx.map(note { calls: &calls, first, second }, 0..items).unwrap_err();
    assert_eq!((error.index(), error.worker(), error.pid()), (None, None, None));
    assert_eq!((calls.total(), first.sum(), second.sum()), (0, 0, 0), "nothing ran");
    Tried { kind: error.kind(), message: error.to_string() }
}

fn an_output_with_too_few_or_too_many_slots_is_refused(ctx: &Context) {
    for (slots, items) in [(9, 10), (11, 10), (0, 10), (10, 0), (1, 2), (10, 1_000_000)] {
        let mut first = ctx.alloc::<u32>().shape(slots).build().unwrap();
        let mut second = ctx.alloc::<u32>().shape((2, items.min(1000), 2)).build().unwrap();
        assert_eq!(refused(ctx, items, &mut first, &mut second).kind, ErrorKind::Shape, "{slots} slots, {items} items");
    }
}

fn the_error_names_the_parameter_and_both_lengths(ctx: &Context) {
    let mut first = ctx.alloc::<u32>().shape(7).build().unwrap();
    let mut second = ctx.alloc::<u32>().shape((2, 10, 2)).build().unwrap();
    let message = refused(ctx, 10, &mut first, &mut second).message;
    assert!(message.contains("`first` has 7 entries along axis 0, but there are 10 items"), "{message}");
}

fn the_wrong_axis_is_named(ctx: &Context) {
    let mut first = ctx.alloc::<u32>().shape(10).build().unwrap();
    let mut second = ctx.alloc::<u32>().shape((10, 2, 10)).build().unwrap();
    let message = refused(ctx, 10, &mut first, &mut second).message;
    assert!(message.contains("`second` has 2 entries along axis 1, but there are 10 items"), "{message}");
}

fn one_misfit_among_several_outputs_leaves_all_of_them_alone(ctx: &Context) {
    let mut first = ctx.alloc::<u32>().shape(10).build().unwrap();
    let mut second = ctx.alloc::<u32>().shape((2, 9, 2)).build().unwrap();
    assert_eq!(refused(ctx, 10, &mut first, &mut second).kind, ErrorKind::Shape);
}

fn a_dynamic_array_without_the_axis_is_refused(ctx: &Context) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, _index: usize, _item: u8, #[out(axis = 2)] mut part: ndarray::ArrayViewMutD<'_, u8>) {
        part.fill(1);
    }

    for shape in [&[2_usize, 2][..], &[2], &[]] {
        let mut array = ctx.alloc::<u8>().shape(pasha::IxDyn(shape)).build().unwrap();
        let error = ctx.map(fill { part: &mut array }, 0..2).unwrap_err();
        assert_eq!((error.kind(), array.sum()), (ErrorKind::Shape, 0));
        assert!(error.to_string().contains("no axis 2"), "{error}");
    }
    let mut array = ctx.alloc::<u8>().shape(pasha::IxDyn(&[3, 3, 2])).build().unwrap();
    ctx.map(fill { part: &mut array }, 0..2).unwrap();
    assert_eq!(array.sum(), 18);
}

fn memory_that_processes_do_not_share_is_refused_by_processes(setting: &Setting) {
    let heap = Context::serial();
    let mut first = heap.alloc::<u32>().shape(10).build().unwrap();
    let mut second = setting.ctx().alloc::<u32>().shape((2, 10, 2)).build().unwrap();
    assert!(!first.is_process_shared());
    if setting.kind.is_elsewhere() {
        let Tried { kind, message } = refused(setting.ctx(), 10, &mut first, &mut second);
        assert_eq!(kind, ErrorKind::Visibility);
        assert!(message.contains("`first`") && message.contains("do not share"), "{message}");
    } else {
        let calls = Counters::new(1);
        setting.ctx().map(note { calls: &calls, first: &mut first, second: &mut second }, 0..10_usize).unwrap();
        assert_eq!((calls.total(), first.sum(), second.sum()), (10, 10, 40));
    }
}

fn memory_that_processes_share_is_good_for_everybody(ctx: &Context) {
    let processes = Context::processes().workers(3).build().unwrap();
    let mut first = processes.alloc::<u32>().shape(10).build().unwrap();
    let mut second = processes.alloc::<u32>().shape((2, 10, 2)).build().unwrap();
    assert!(first.is_process_shared());
    let calls = Counters::new(1);
    ctx.map(note { calls: &calls, first: &mut first, second: &mut second }, 0..10_usize).unwrap();
    assert_eq!((calls.total(), first.sum(), second.sum()), (10, 10, 40));
}

fn a_per_worker_array_that_processes_do_not_share_is_refused(setting: &Setting) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, _item: u8, #[per_worker] calls: &mut u32) {
        *calls += 1;
    }

    let heap = Context::threads().workers(setting.ctx().workers()).build().unwrap();
    let mut calls = heap.alloc::<u32>().shape(()).per_worker().build().unwrap();
    drop(heap);
    let mapped = setting.ctx().map(count { calls: &mut calls }, 0..10);
    if setting.kind.is_elsewhere() {
        assert_eq!((mapped.unwrap_err().kind(), calls.sum()), (ErrorKind::Visibility, 0));
    } else {
        assert_eq!((mapped.unwrap().items(), calls.sum()), (10, 10));
    }
}

fn an_optional_output_in_memory_that_is_not_shared_is_refused(setting: &Setting) {
    #[pasha::kernel]
    fn fill(_worker_id: usize, _index: usize, _item: u8, #[out(ranges)] run: Option<&mut [u8]>) {
        if let Some(run) = run {
            run.fill(1);
        }
    }

    let mut flat = Context::serial().alloc::<u8>().shape(4).build().unwrap();
    let mapped = setting.ctx().map(fill { run: Some(flat.ranges(&[0, 3, 4]).unwrap()) }, 0..2);
    if setting.kind.is_elsewhere() {
        assert_eq!((mapped.unwrap_err().kind(), flat.sum()), (ErrorKind::Visibility, 0));
    } else {
        assert_eq!((mapped.unwrap().items(), flat.sum()), (2, 4));
    }
}

struct Endless;

impl pasha::functor::Items<'_> for Endless {
    type Item = usize;
}

impl Functor for Endless {
    type State = ();

    fn items(&self) -> pasha::Result<usize> {
        Ok(usize::MAX)
    }

    fn state(&self) -> pasha::Result<()> {
        Ok(())
    }

    fn item(&self, (): &mut (), index: usize) -> pasha::Result<usize> {
        Ok(index)
    }
}

fn a_collection_that_cannot_be_had_is_refused(ctx: &Context) {
    #[pasha::kernel]
    fn count(_worker_id: usize, _index: usize, item: usize, #[param] calls: &Counters) -> u64 {
        calls.count(0);
        item as u64
    }

    let calls = Counters::new(1);
    let error = ctx.collect(count { calls: &calls }, Endless).unwrap_err();
    assert_eq!((error.kind(), calls.total()), (ErrorKind::Memory, 0));
}

fn after_a_refusal_the_same_arrays_can_be_mapped(ctx: &Context) {
    let mut first = ctx.alloc::<u32>().shape(10).build().unwrap();
    let mut second = ctx.alloc::<u32>().shape((2, 10, 2)).build().unwrap();
    refused(ctx, 9, &mut first, &mut second);
    let calls = Counters::new(1);
    ctx.map(note { calls: &calls, first: &mut first, second: &mut second }, 0..10_usize).unwrap();
    assert_eq!((calls.total(), first.sum(), second.sum()), (10, 10, 40));
}
