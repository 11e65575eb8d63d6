//! Kernels written by hand: they get their slots and nothing else, whatever they bind.

use pasha::kernel::{Fold, Kernel, Out, OutRanges, Param, PerWorker, Plain, Reduce, Slots, Takes, With};
use pasha::{ErrorKind, Ix0, Ix1, Ix2, IxDyn, SharedArray};
use pasha_tests::support::Setting;

cases![
    arrays_may_be_bound_in_any_order,
    an_axis_that_does_not_exist_is_an_error,
    a_binding_may_be_left_out_at_run_time,
    a_fold_of_ones_own_sees_accumulators_only,
    a_worker_id_is_that_of_the_slot,
    a_bound_kernel_that_is_dropped_or_forgotten_changes_nothing,
    a_kernel_may_swap_its_slots,
];

const ITEMS: usize = 60;

/// Binds what it was given crosswise, under wrong names.
struct Crosswise<'k> {
    left: &'k mut SharedArray<u64, Ix1>,
    right: &'k mut SharedArray<u64, Ix1>,
}

impl<'k> Kernel for Crosswise<'k> {
    type Binds = (Out<'k, &'k mut u64>, (Option<Out<'k, &'k mut u64>>, ()));

    fn bind(self) -> Self::Binds {
        std::mem::swap(self.left, self.right);
        (Out::new(self.right, "left", 0), (Some(Out::new(self.left, "left", 0)), ()))
    }
}

impl Takes<usize> for Crosswise<'_> {
    type Output = Plain<()>;

    fn call(_worker: usize, index: usize, item: usize, slots: Slots<'_, Self::Binds>) -> Plain<()> {
        let Slots((first, (second, ()))) = slots;
        assert_eq!(index, item);
        *first += 1 + index as u64;
        *second.expect("it was bound") += 1000 + index as u64;
        Plain(())
    }
}

fn arrays_may_be_bound_in_any_order(setting: &Setting) {
    let ctx = setting.ctx();
    let mut left = ctx.alloc::<u64>().shape(ITEMS).fill(10_000).build().unwrap();
    let mut right = ctx.alloc::<u64>().shape(ITEMS).fill(20_000).build().unwrap();
    ctx.map(Crosswise { left: &mut left, right: &mut right }, 0..ITEMS).unwrap();
    for index in 0..ITEMS {
        assert_eq!(left[index], 21_000 + index as u64);
        assert_eq!(right[index], 10_001 + index as u64);
    }
}

struct AlongAxis<'k> {
    array: &'k mut SharedArray<u64, Ix2>,
    axis: usize,
}

impl<'k> Kernel for AlongAxis<'k> {
    type Binds = (Out<'k, &'k mut [u64]>, ());

    fn bind(self) -> Self::Binds {
        (Out::new(self.array, "array", self.axis), ())
    }
}

impl Takes<usize> for AlongAxis<'_> {
    type Output = Plain<()>;

    fn call(_worker: usize, index: usize, _item: usize, Slots((row, ())): Slots<'_, Self::Binds>) -> Plain<()> {
        row.fill(index as u64);
        Plain(())
    }
}

fn an_axis_that_does_not_exist_is_an_error(setting: &Setting) {
    let ctx = setting.ctx();
    let mut array = ctx.alloc::<u64>().shape((ITEMS, 3)).fill(9).build().unwrap();
    for axis in [2, 3, usize::MAX / 2, usize::MAX] {
        let error = ctx.map(AlongAxis { array: &mut array, axis }, 0..ITEMS).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape, "axis {axis}");
    }
    // Not contiguous along axis 1.
    assert_eq!(ctx.map(AlongAxis { array: &mut array, axis: 1 }, 0..3).unwrap_err().kind(), ErrorKind::Shape);
    assert!(array.iter().all(|value| *value == 9));
    ctx.map(AlongAxis { array: &mut array, axis: 0 }, 0..ITEMS).unwrap();
    assert_eq!(array[[ITEMS - 1, 2]], ITEMS as u64 - 1);
}

/// Binds an array every other time it is asked.
struct Sometimes<'k>(Option<&'k mut SharedArray<u64, Ix1>>);

impl<'k> Kernel for Sometimes<'k> {
    type Binds = Option<(Out<'k, &'k mut u64>, Param<u64>)>;

    fn bind(self) -> Self::Binds {
        self.0.map(|array| (Out::new(array, "array", 0), Param::new(5)))
    }
}

impl Takes<usize> for Sometimes<'_> {
    type Output = Plain<()>;

    fn call(_worker: usize, _index: usize, _item: usize, Slots(slots): Slots<'_, Self::Binds>) -> Plain<()> {
        if let Some((slot, value)) = slots {
            *slot = value;
        }
        Plain(())
    }
}

fn a_binding_may_be_left_out_at_run_time(setting: &Setting) {
    let ctx = setting.ctx();
    let mut array = ctx.alloc::<u64>().shape(ITEMS).build().unwrap();
    ctx.map(Sometimes(None), 0..ITEMS).unwrap();
    assert_eq!(array.sum(), 0);
    ctx.map(Sometimes(Some(&mut array)), 0..ITEMS).unwrap();
    assert_eq!(array.sum(), 5 * ITEMS as u64);
}

/// A fold that answers differently every time.
struct Moody;

impl Fold<u64> for Moody {
    fn identity(&self) -> u64 {
        std::process::id().into()
    }

    fn fold(&self, total: &mut u64, part: &u64) {
        *total = total.wrapping_mul(31).wrapping_add(*part);
    }
}

struct Gather<'k>(&'k mut SharedArray<u64, Ix1>);

impl<'k> Kernel for Gather<'k> {
    type Binds = (Reduce<'k, &'k mut [u64], Moody>, ());

    fn bind(self) -> Self::Binds {
        (Reduce::new(self.0, "total", Moody), ())
    }
}

impl Takes<usize> for Gather<'_> {
    type Output = Plain<()>;

    fn call(_worker: usize, _index: usize, _item: usize, Slots((total, ())): Slots<'_, Self::Binds>) -> Plain<()> {
        assert_eq!(total.len(), 5);
        total.fill(1);
        Plain(())
    }
}

fn a_fold_of_ones_own_sees_accumulators_only(setting: &Setting) {
    let ctx = setting.ctx();
    let mut total = ctx.alloc::<u64>().shape(5).build().unwrap();
    ctx.map(Gather(&mut total), 0..ITEMS).unwrap();
    let first = total[0];
    assert!(first > 0 && total.iter().all(|value| *value == first), "{total:?}");
}

struct Ids<'k>(&'k mut SharedArray<u64, Ix1>, &'k mut SharedArray<u64, Ix0>);

impl<'k> Kernel for Ids<'k> {
    type Binds = (PerWorker<'k, &'k mut u64>, (Reduce<'k, &'k mut u64, With<u64>>, ()));

    fn bind(self) -> Self::Binds {
        let most = |total: &mut u64, part: &u64| *total = (*total).max(*part);
        (PerWorker::new(self.0, "ids"), (Reduce::new(self.1, "most", With::from_zero(most)), ()))
    }
}

impl Takes<usize> for Ids<'_> {
    type Output = Plain<()>;

    fn call(worker: usize, _index: usize, _item: usize, slots: Slots<'_, Self::Binds>) -> Plain<()> {
        let Slots((id, (most, ()))) = slots;
        assert!(*id == 0 || *id == worker as u64 + 1, "worker {worker} found {id} in its slot");
        *id = worker as u64 + 1;
        *most = (*most).max(*id);
        Plain(())
    }
}

fn a_worker_id_is_that_of_the_slot(setting: &Setting) {
    let ctx = setting.ctx();
    let mut ids = ctx.alloc::<u64>().shape(()).per_worker().build().unwrap();
    let mut most = ctx.alloc::<u64>().shape(()).build().unwrap();
    ctx.map(Ids(&mut ids, &mut most), 0..ITEMS).unwrap();
    for (worker, id) in ids.iter().enumerate() {
        assert!([0, worker as u64 + 1].contains(id), "{ids:?}");
    }
    assert_eq!(most.first(), ids.iter().max());
}

#[allow(clippy::forget_non_drop)]
fn a_bound_kernel_that_is_dropped_or_forgotten_changes_nothing(setting: &Setting) {
    let ctx = setting.ctx();
    let mut total = ctx.alloc::<u64>().shape(5).fill(3).build().unwrap();
    drop(Gather(&mut total).bind());
    std::mem::forget(Gather(&mut total).bind());
    std::mem::forget(Gather(&mut total));
    assert_eq!(total.sum(), 15);
    let mut flat = ctx.alloc::<u64>().shape(6).build().unwrap();
    std::mem::forget(OutRanges::<&mut [u64]>::new(flat.ranges(&[0, 2, 6]).unwrap(), "flat"));
    flat[0] = 1;
    assert_eq!(flat.sum(), 1);
}

fn a_kernel_may_swap_its_slots(setting: &Setting) {
    #[pasha::kernel]
    fn swap<'a>(
        _worker_id: usize,
        index: usize,
        _item: usize,
        #[out] mut small: ndarray::ArrayViewMut<'a, u64, IxDyn>,
        #[out] mut large: ndarray::ArrayViewMut<'a, u64, IxDyn>,
        #[scratch] kept: &mut Vec<u64>,
    ) {
        std::mem::swap(&mut small, &mut large);
        small.fill(index as u64);
        large.fill(1);
        let fresh = std::mem::take(kept);
        *kept = [fresh, vec![index as u64]].concat();
        small.swap_axes(0, 1);
        small[[1, 0]] = 7;
    }

    let ctx = setting.ctx();
    let mut small = ctx.alloc::<u64>().shape(IxDyn(&[ITEMS])).build().unwrap();
    let mut large = ctx.alloc::<u64>().shape(IxDyn(&[ITEMS, 2, 3])).build().unwrap();
    ctx.map(swap { small: &mut small, large: &mut large, kept: Vec::new }, 0..ITEMS).unwrap();
    assert!(small.iter().all(|value| *value == 1));
    assert_eq!(large[[59, 0, 1]], 7);
    assert_eq!(large[[59, 1, 0]], 59);
}
