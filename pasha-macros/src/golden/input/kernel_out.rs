#[kernel]
/// Multiplies each value by 3.
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}
