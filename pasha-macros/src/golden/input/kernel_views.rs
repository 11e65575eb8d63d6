#[kernel]
fn see(
    _worker_id: usize,
    _index: usize,
    value: &f64,
    #[out] plane: ArrayViewMut2<'_, f64>,
    #[out] any: ndarray::ArrayViewMutD<'_, f64>,
    #[out] given: ArrayViewMut<'_, Pixel, D>,
    #[out] named: Frame<'_>,
) {
}
