#[kernel]
/// Reads one frame.
#[cfg(feature = "frames")]
#[deprecated]
#[inline]
#[expect(non_snake_case)]
pub(crate) fn read(_worker_id: usize, _index: usize, #[allow(unused)] Frame: &f64, #[out] r#type: &mut f64) {}
