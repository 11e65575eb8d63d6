#[kernel]
fn cut(
    _worker_id: usize,
    _index: usize,
    value: &f64,
    #[out(axis = 1)] column: &mut [f64],
    #[out(ranges)] run: &mut [f64],
    #[out] half: Option<&mut f32>,
) {
}
