//! The first block, unchanged but for `pub(crate)`.

use pasha::prelude::*;

/// Multiplies each value by 3.
#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

pub(crate) fn main() -> pasha::Result<()> {
    let inp: Vec<f64> = (0..100).map(f64::from).collect();
    let mut tripled = pasha::alloc_like(&inp)?; // SharedArray<f64, Ix1>
    let _: &SharedArray<f64, pasha::Ix1> = &tripled;
    pasha::map(triple_it { tripled: &mut tripled }, &inp)?;
    assert!(tripled.iter().zip(&inp).all(|(t, v)| *t == 3.0 * v));
    Ok(())
}

/// A kernel stays an ordinary function.
pub(crate) fn as_a_function() -> pasha::Result<()> {
    let mut x = 0.0;
    triple_it(0, 0, &2.0, &mut x);
    assert_eq!(x, 6.0);
    Ok(())
}
