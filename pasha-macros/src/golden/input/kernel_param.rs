#[kernel]
fn scale(
    _worker_id: usize,
    _index: usize,
    value: &f64,
    /// What the detector multiplies by.
    #[param]
    gain: f64,
    #[param] table: &Table,
    #[param] settings: Settings,
    #[param] curve: fn(&f64) -> f64,
) -> f64 {
    gain * value
}
