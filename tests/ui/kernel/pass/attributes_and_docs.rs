//! Attributes and documentation on kernels and parameters.

use pasha::prelude::*;

/// Documented.
///
/// With several lines.
#[pasha::kernel]
#[inline]
#[must_use]
#[allow(clippy::needless_pass_by_value)]
fn attributed(
    #[allow(unused_variables)] worker_id: usize,
    #[expect(unused_variables)] index: usize,
    /// The value.
    value: u32,
    /// Where it goes.
    ///
    /// Twice.
    #[out]
    #[allow(unused_mut)]
    mut same: &mut u32,
    #[doc = "Given."]
    #[param]
    by: u32,
) -> u32 {
    *same = value * by;
    *same
}

#[cfg(any())]
#[pasha::kernel]
fn absent(_worker_id: usize, _index: usize, value: Nowhere, #[out] same: &mut Nothing) {}

#[pasha::kernel]
#[cfg(not(any()))]
#[deprecated = "use the other"]
fn present(_worker_id: usize, _index: usize, value: u32) -> u32 {
    value
}

#[pasha::kernel]
const fn constant(_worker_id: usize, _index: usize, value: u32) -> u32 {
    value + 1
}

const TWO: u32 = constant(0, 0, 1);

#[pasha::kernel()]
#[doc(hidden)]
pub(crate) fn trailing_commas(_worker_id: usize, _index: usize, value: u32, #[out(axis = 0,)] same: &mut u32,) {
    *same = value;
}

#[pasha::kernel(crate = ::pasha,)]
fn order_is_free(
    _worker_id: usize,
    _index: usize,
    #[out] sum: &mut u32,
    left: u32,
    #[param] by: u32,
    right: u32,
    #[scratch] calls: &mut u32,
) {
    *calls += 1;
    *sum = by * (left + right);
}

#[test]
fn they_work() -> pasha::Result<()> {
    let ctx = Context::serial();
    let mut same = ctx.alloc().shape(3).build()?;
    let returned = ctx.collect(attributed { same: &mut same, by: 2 }, 0..3)?;
    assert_eq!(returned, same);
    #[allow(deprecated)]
    let present = ctx.collect(present {}, 0..3)?;
    assert_eq!(present.to_vec(), [0, 1, 2]);
    assert_eq!((ctx.collect(constant {}, 0..2)?.to_vec(), TWO), (vec![1, 2], 2));
    ctx.map(trailing_commas { same: &mut same }, 0..3)?;
    ctx.map(order_is_free { sum: &mut same, by: 10, calls: || 0 }, zip(0..3, 1..4))?;
    assert_eq!(same.to_vec(), [10, 30, 50]);
    Ok(())
}

#[test]
fn a_kernel_stays_a_function() {
    let mut same = 0;
    assert_eq!(attributed(0, 0, 3, &mut same, 2), 6);
    let function: fn(usize, usize, u32, u32, u32) -> () = |worker_id, index, left, by, right| {
        let (mut sum, mut calls) = (0, 0);
        order_is_free(worker_id, index, &mut sum, left, by, right, &mut calls);
        assert_eq!((sum, calls), (by * (left + right), 1));
    };
    function(0, 0, 1, 2, 3);
}
